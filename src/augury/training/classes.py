"""The two classes of a target column, and which of them is positive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from augury.contract.fields import Level
from augury.contract.fold import fold
from augury.contract.text import is_blank, parse_number
from augury.errors import TableError, UsageError
from augury.tables.cells import parse_truth
from augury.tables.notice import Notice, count_rows, show_texts, write_option
from augury.tables.pattern import is_missing_word
from augury.tables.summarise import Sort, summarise
from augury.tables.table import ABSENT, Table
from augury.training.recipe import Case

Class = Level | bool

# Words that mean yes, folded: a class of that name is the one that people ask about. So is 1 beside 0 or -1.
_YES = frozenset({"yes", "y", "true", "t", "positive"})
_NO = (0, -1)
# Classes that a sentence lists.
_SHOWN = 6


class Classes(Struct, frozen=True):
    """The two classes of a target column; the answer says true for ``positive``."""

    column: str
    negative: Class
    positive: Class


def find_classes(table: Table, column: str, positive: object, case: Case) -> tuple[Classes, list[Notice]]:
    """Find the two classes of a target column, and which of them is positive.

    That is the one that was asked for; else true, 1, or a class named yes; else the rarer.

    Raises:
        TableError: it does not hold two classes.
        UsageError: the class that was asked for is none of them.
    """
    counts = _count_classes(table, column, case)
    if len(counts) != 2:
        raise TableError(_describe(column, counts), where=table.where, mend=_mend(counts))
    first, second = sorted(counts)
    notices: list[Notice] = []
    if positive is None:
        found, why = _choose_positive(first, second, counts)
        other = str(first if found == second else second)
        sentence = f"the probability is that {column} is {found!r}, {why}"
        notices.append(Notice(column, "positive", sentence, write_option("--positive", other)))
    else:
        found = _find_asked(positive, (first, second), column)
    unknown = table.row_count - counts.total()
    if unknown:
        sentence = f"{column} is null in {count_rows(unknown)}, which were left out"
        notices.append(Notice(column, "target_null", sentence))
    return Classes(column, first if found == second else second, found), notices


def respell(text: str, case: Case) -> str:
    """Spell a name or level as a recipe wants it."""
    return text.lower().replace(" ", "_") if case == "lower" else text


def _count_classes(table: Table, column: str, case: Case) -> Counter[Class]:
    rows = table.coded[table.columns.index(column)].count_cells()
    counts: Counter[Class] = Counter()
    for each, count in zip(read_classes(table, column, case), rows, strict=True):
        if each is not None:
            counts[each] += count
    return counts


def read_classes(table: Table, column: str, case: Case) -> list[Class | None]:
    """Read each distinct cell of a target column; null is None.

    Raises:
        TableError: it holds neither texts nor numbers nor booleans, or several of them.
    """
    summary = summarise(table, column)
    if summary.sort == "mixed" or summary.infinities:
        what = f"the target column {column!r} mixes values of several kinds"
        raise TableError(what, where=table.where, mend="give a column of two texts, two numbers or booleans")
    cells = table.coded[table.columns.index(column)].cells
    return [_read_class(cell, summary.sort, case) for cell in cells]


def _read_class(cell: object, sort: Sort, case: Case) -> Class | None:
    if cell is None or cell is ABSENT or (isinstance(cell, str) and is_blank(cell)):
        return None
    match sort:
        case "boolean":
            return parse_truth(cell) if isinstance(cell, str) else bool(cell)
        case "number":
            number = parse_number(cell) if isinstance(cell, str) else float(cell)  # type: ignore[arg-type]
            assert number is not None  # a column of which not every filled cell is a number is of another sort
            return int(number) if number.is_integer() else repr(number)
        case _:
            return respell(str(cell), case)


def _describe(column: str, counts: Counter[Class]) -> str:
    if not counts:
        return f"the target column {column!r} holds no value"
    if len(counts) == 1:
        return f"the target column {column!r} holds one class only, {next(iter(counts))!r}"
    shown = ", ".join(repr(each) for each, _ in counts.most_common(_SHOWN))
    more = f" and {len(counts) - _SHOWN} more" if len(counts) > _SHOWN else ""
    return f"the target column {column!r} holds {len(counts):,} classes, {shown}{more}"


def _mend(counts: Counter[Class]) -> str:
    folds = {fold(str(each)) for each in counts}
    words = [each for each in counts if isinstance(each, str) and is_missing_word(each)]
    if words and len(counts) - len(words) == 2:
        return f"blank the cells that hold {show_texts(words)}, whose rows are then left out"
    if len(counts) > 2 and len(folds) == 2:
        return "spell each class in one way"
    return "name a column with two classes by --target"


def _choose_positive(first: Class, second: Class, counts: Counter[Class]) -> tuple[Class, str]:
    yes = [each for each in (first, second) if fold(str(each)) in _YES or (each == 1 and first in _NO)]
    if len(yes) == 1:
        return yes[0], "the class that means yes"
    if counts[first] == counts[second]:
        return second, "for both classes have as many rows"
    rarer = first if counts[first] < counts[second] else second
    return rarer, "the rarer class"


def _find_asked(positive: object, classes: Sequence[Class], column: str) -> Class:
    asked = fold(str(positive))
    exact = [each for each in classes if str(each) == str(positive)]
    found = exact or [each for each in classes if fold(str(each)) == asked]
    if len(found) != 1:
        what = f"{column} has no class {str(positive)!r}"
        raise UsageError(
            what, mend=" or ".join(f"{'say ' * (not at)}--positive {each}" for at, each in enumerate(classes))
        )
    return found[0]
