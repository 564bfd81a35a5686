"""What each primitive of a dialect says of a column of nasty cells, held to what Python says of them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from msgspec import Struct
from sqlglot import exp

from augury.contract.fold import fold, has_control_character
from augury.contract.text import is_blank, parse_number
from augury.sql.build import Node, alias, column, deny, every, is_null, parse_source, text, when
from augury.sql.dialect import Dialect, print_statement
from augury.sql.dialects import find_dialect
from augury.sql.layout import Kind, Layout, SourceColumn
from tests.sql.holding import Engine
from tests.sql.nasty import (
    DECIMALS,
    DOUBLES,
    INFINITE,
    INTEGERS,
    LITERALS,
    NUMBERS_IN_TEXT,
    SEED,
    SMALLEST,
    SPACES,
    TEXTS,
    draw_doubles,
    draw_long_decimals,
    draw_short_decimals,
)

# How far an engine's exponential may be from Python's, in units in the last place.
_NEAR_ULPS = 2


class Primitive(Struct, frozen=True):
    """A primitive over one column: how it is written, of which cells, and what Python says of each."""

    kind: Kind
    cells: Sequence[Any]
    write: Callable[[Dialect, Node], Node]
    say: Callable[[Any], Any]
    is_same: Callable[[Any, Any], bool]


def find_differences(engine: Engine, primitive: Primitive) -> list[str]:
    """Ask an engine for a primitive over all cells that it can hold, and say in what it is not Python."""
    dialect = find_dialect(engine.dialect)
    cells = [cell for cell in primitive.cells if engine.can_hold(cell, primitive.kind)]
    answers = ask(engine, [primitive.kind], [(cell,) for cell in cells], [primitive.write(dialect, column("a"))])
    assert len(answers) == len(cells) > 0
    return [
        f"{cell!r}: {said!r} instead of {primitive.say(cell)!r}"
        for cell, (said,) in zip(cells, answers, strict=True)
        if not primitive.is_same(primitive.say(cell), said)
    ]


def ask(
    engine: Engine, kinds: Sequence[Kind], rows: Sequence[tuple[Any, ...]], written: Sequence[Node]
) -> list[tuple[Any, ...]]:
    """Ask an engine for expressions over a table whose columns are called a, b, c …, row by row."""
    dialect = find_dialect(engine.dialect)
    layout = Layout(tuple(SourceColumn(name, kind) for name, kind in zip("abc", kinds, strict=False)))
    source = parse_source(engine.create("cells", layout, rows), dialect.printer)
    named = [alias(each, f"said {number}") for number, each in enumerate(written)]
    select = exp.Select(expressions=[column("row"), *named]).from_(source)
    return [answer[1:] for answer in sorted(engine.ask(print_statement(select, dialect)), key=lambda row: row[0])]


# --- how answers are compared


def is_same_double(expected: float | None, said: Any) -> bool:
    """Compare doubles, a zero without its sign, which no engine is asked for."""
    return expected is said if expected is None or said is None else float(said) == expected


def is_near_double(expected: float | None, said: Any) -> bool:
    """Compare doubles that may be one or two units in the last place apart."""
    if expected is None or said is None:
        return expected is said
    return abs(said - expected) <= _NEAR_ULPS * math.ulp(expected)


def _is_same_condition(expected: bool, said: Any) -> bool:
    return said is not None and bool(said) == expected


def _is_same_text(expected: str, said: Any) -> bool:
    return type(said) is str and said == expected


# --- the primitives


def _read_finite(dialect: Dialect, cell: Node) -> Node:
    """Read a number in text, and leave out those that are too large: each engine has its own mark for them."""
    number = dialect.number_from_text(cell)
    return when([(dialect.is_finite(number), number.copy())])


def _say_finite(cell: str) -> float | None:
    number = parse_number(cell)
    return number if number is not None and math.isfinite(number) else None


def _is_too_large(dialect: Dialect, cell: Node) -> Node:
    """Write whether a text is a number, and too large for a double."""
    number = dialect.number_from_text(cell)
    is_beyond = every([deny(is_null(number)), deny(dialect.is_finite(number.copy()))])
    return when([(is_beyond, exp.Literal.number(1))], exp.Literal.number(0))


def _is_nan(dialect: Dialect, cell: Node) -> Node:
    """Write whether a number is NaN: where an engine has none, it is null in a table, or cannot be there."""
    if "float" not in dialect.nan_kinds:
        return is_null(cell)
    return dialect.is_nan(dialect.to_double(cell, "float"))


def _is_finite(dialect: Dialect, cell: Node) -> Node:
    return when([(dialect.is_finite(dialect.to_double(cell, "float")), exp.Literal.number(1))], exp.Literal.number(0))


_FOLDED = [cell for cell in TEXTS if any(map(str.isascii, filter(str.isalpha, cell)))]
_NUMBERS = [*NUMBERS_IN_TEXT, *draw_short_decimals(500)]
_SOURCE = random.Random(SEED)
_EXPONENTS = [0.0, -700.0, -1.0, -0.5, -1e-300, -SMALLEST, -699.9999999999999, -math.log(2)]
_DRAWN_EXPONENTS = [_SOURCE.uniform(-700.0, 0.0) for _ in range(300)]

PRIMITIVES: dict[str, Primitive] = {
    "number_from_text": Primitive("text", _NUMBERS, _read_finite, _say_finite, is_same_double),
    "number_from_text beyond a double": Primitive(
        "text", NUMBERS_IN_TEXT, _is_too_large, lambda cell: parse_number(cell) in INFINITE, _is_same_condition
    ),
    "is_blank": Primitive("text", (*TEXTS, *SPACES), lambda d, cell: d.is_blank(cell), is_blank, _is_same_condition),
    "has_control": Primitive(
        "text",
        (*TEXTS, *SPACES, *map(chr, range(0x20))),
        lambda d, cell: d.has_control(cell),
        has_control_character,
        _is_same_condition,
    ),
    "fold": Primitive("text", _FOLDED, lambda d, cell: d.fold(d.as_text(cell)), fold, _is_same_text),
    "trim": Primitive(
        "text",
        (*TEXTS, *SPACES),
        lambda d, cell: d.trim(d.as_text(cell)),
        lambda cell: cell.strip(" \t"),
        _is_same_text,
    ),
    "concatenate": Primitive(
        "text",
        TEXTS,
        lambda d, cell: d.concatenate([text("["), cell, text("]")]),
        lambda cell: f"[{cell}]",
        _is_same_text,
    ),
    "to_double of floats": Primitive(
        "float", draw_doubles(200), lambda d, cell: d.to_double(cell, "float"), float, is_same_double
    ),
    "to_double of integers": Primitive(
        "integer", INTEGERS, lambda d, cell: d.to_double(cell, "integer"), float, is_same_double
    ),
    "is_nan": Primitive("float", (*DOUBLES, *INFINITE, math.nan), _is_nan, math.isnan, _is_same_condition),
    "is_finite": Primitive("float", (*DOUBLES, *INFINITE, math.nan), _is_finite, math.isfinite, _is_same_condition),
    "is_integral": Primitive(
        "float",
        DOUBLES,
        lambda d, cell: d.is_integral(d.to_double(cell, "float")),
        float.is_integer,
        _is_same_condition,
    ),
    "is_true": Primitive("boolean", (True, False), lambda d, cell: d.is_true(cell), bool, _is_same_condition),
    "exp": Primitive(
        "float",
        (*_EXPONENTS, *_DRAWN_EXPONENTS),
        lambda d, cell: d.exp(d.to_double(cell, "float")),
        math.exp,
        is_near_double,
    ),
}
# Decimals of many digits, of all exponents: SQLite's own reader of numbers is a unit in the last place off at times.
MANY_DIGITS = Primitive("text", draw_long_decimals(500), _read_finite, _say_finite, is_same_double)
# SQLite has no decimals.
TRUE_DECIMALS = Primitive("decimal", DECIMALS, lambda d, cell: d.to_double(cell, "decimal"), float, is_same_double)


def find_misread_literals(engine: Engine) -> list[str]:
    """Ask an engine for doubles written as literals, and say which are not the same to the last bit."""
    dialect = find_dialect(engine.dialect)
    numbers = draw_doubles(500)
    (said,) = ask(engine, [], [()], [dialect.write_number(number) for number in numbers])
    # PostgreSQL and MariaDB know no zero with a sign in a literal; no sum or comparison of ours tells the two apart.
    pairs = zip(numbers, said, strict=True)
    return [f"{number!r}: {other!r}" for number, other in pairs if not is_same_double(number, other)]


def find_misjudged_texts(engine: Engine) -> list[str]:
    """Ask an engine which texts equal a literal, and which are before it, and say where Python would not."""
    dialect = find_dialect(engine.dialect)
    cells = [cell for cell in TEXTS if engine.can_hold(cell, "text")]
    wrong: list[str] = []
    for sign, compare, of_sql in (("=", str.__eq__, exp.EQ), ("<", str.__lt__, exp.LT)):
        written = [of_sql(this=dialect.as_text(column("a")), expression=dialect.write_text(each)) for each in LITERALS]
        for cell, answer in zip(cells, ask(engine, ["text"], [(cell,) for cell in cells], written), strict=True):
            expected = [compare(cell, literal) for literal in LITERALS]
            told = zip(LITERALS, expected, answer, strict=True)
            wrong += [f"{cell!r} {sign} {literal!r}: {said}" for literal, holds, said in told if bool(said) != holds]
    return wrong


def find_misjoined(engine: Engine, count: int) -> list[str]:
    """Ask an engine to join so many texts, some null, and say where they are not joined as in Python."""
    dialect = find_dialect(engine.dialect)
    rows = list(product((None, '{"a":"b"}'), (None, "é"), (None, "c")))
    parts = [column("abc"[number % 3]) for number in range(count)]
    answers = ask(engine, ["text"] * 3, rows, [dialect.join(parts)])
    expected = [",".join(filter(None, (row[number % 3] for number in range(count)))) for row in rows]
    return [f"{row}: {said!r}" for row, (said,), each in zip(rows, answers, expected, strict=True) if said != each]
