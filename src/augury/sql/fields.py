"""The contract of one field in SQL: its clean value, what is wrong with it, and what is noted.

What a record is told by :mod:`augury.contract.check`, a row of a table is told here: the same codes by the same rules.
The sentences have one author, the record checker; a statement says codes.
"""

from __future__ import annotations

from msgspec import Struct
from sqlglot import exp

from augury.contract.faults import Code
from augury.contract.fields import (
    MAX_EXACT_INTEGER,
    BooleanField,
    Bounds,
    CategoryField,
    Feature,
    IntegerField,
    NumberField,
    find_folding_levels,
)
from augury.contract.text import is_blank
from augury.sql.build import (
    Node,
    between,
    cast,
    choose,
    column,
    deny,
    equals,
    every,
    is_null,
    member,
    negate,
    some,
    text,
    when,
)
from augury.sql.dialect import Dialect
from augury.sql.layout import SourceColumn
from augury.sql.lookup import Entry, look_up

# A condition and the code that it means; None ends the questions without one.
Finding = tuple[Node, Code | None]

_NUMERIC = frozenset({"float", "decimal", "integer"})
_ASCII_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")


class Cell(Struct, frozen=True):
    """One field over one column of a table.

    Args:
        field: of the contract.
        source: the column; None where the table has none.
        is_file: whether the table is a file of texts, in which a blank is null.
        clean: the name under which the clean value stands once it is read.
        record: the column of structs in which it stands; None where it is a column itself.
        number: the name under which the number that a text says stands once it is read; None where it is none.
    """

    field: Feature
    source: SourceColumn | None
    is_file: bool
    clean: str
    record: str | None = None
    number: str | None = None

    @property
    def kind(self) -> str:
        """The kind of the column."""
        return "absent" if self.source is None else self.source.kind

    @property
    def raw(self) -> Node:
        """The column itself."""
        assert self.source is not None
        return column(self.source.name)

    @property
    def value(self) -> Node:
        """The clean value, once it is read."""
        return column(self.clean) if self.record is None else member(self.record, self.clean)

    @property
    def is_numeric(self) -> bool:
        """Whether the field takes numbers: its clean value is then read from one."""
        return isinstance(self.field, NumberField | IntegerField) or (
            isinstance(self.field, CategoryField) and not self.field.is_text
        )


def is_missing(dialect: Dialect, cell: Cell) -> Node:
    """Tell whether a cell is null, by the door of its kind."""
    if cell.source is None:
        return exp.true()
    null: list[Node] = [is_null(cell.raw)]
    kind = cell.source.kind
    if kind == "text" and (cell.is_file or not (isinstance(cell.field, CategoryField) and cell.field.is_text)):
        null.append(dialect.is_blank(cell.raw))
    elif kind in dialect.nan_kinds:
        null.append(dialect.is_nan(dialect.to_double(cell.raw, kind)))
    elif kind == "dynamic":
        null.append(_has_kind(dialect, cell, "null"))
        if isinstance(cell.field, NumberField | IntegerField) and cell.field.null == "impute":
            blank = dialect.is_blank(_read_dynamic(dialect, cell, "text"))
            null.append(every([_has_kind(dialect, cell, "text"), blank]))
    return some(null)


# --- values


def read_number(dialect: Dialect, cell: Cell) -> Node | None:
    """Read the number of a cell, NaN and what is no number as null; None where the column's kind holds none."""
    if cell.source is None:
        return None
    kind = cell.source.kind
    if kind == "text":
        return dialect.number_from_text(cell.raw) if cell.number is None else column(cell.number)
    if kind in _NUMERIC:
        number = dialect.to_double(cell.raw, kind)
        if kind not in dialect.nan_kinds:
            return number
        return when([(deny(dialect.is_nan(dialect.to_double(cell.raw, kind))), number)])
    if kind == "dynamic":
        return when([(_has_kind(dialect, cell, "integer", "float"), _read_dynamic(dialect, cell, "float"))])
    return None


def read_value(dialect: Dialect, cell: Cell) -> Node:
    """Read the clean value of a cell: a number, a level, 1 or 0 for true or false; null where there is none."""
    if isinstance(cell.field, BooleanField):
        return _read_boolean(dialect, cell)
    if cell.is_numeric:
        number = read_number(dialect, cell)
        if number is None:
            return cast(exp.Null(), "DOUBLE")
        if isinstance(cell.field, CategoryField):
            levels = [dialect.write_number(float(level)) for level in cell.field.levels]
            return when([(exp.In(this=number, expressions=levels), number.copy())])
        return number
    assert isinstance(cell.field, CategoryField)
    return _read_level(dialect, cell, cell.field)


def _read_boolean(dialect: Dialect, cell: Cell) -> Node:
    one, zero = dialect.write_number(1.0), dialect.write_number(0.0)
    if cell.kind == "boolean":
        is_true = dialect.is_true(cell.raw)
        return when([(is_true, one), (deny(is_true.copy()), zero)])
    if cell.kind == "text":
        word = dialect.fold(dialect.as_text(dialect.trim(cell.raw)))
        return choose(word, [(dialect.write_text("true"), one), (dialect.write_text("false"), zero)])
    if cell.kind == "dynamic":
        is_true = _read_dynamic(dialect, cell, "boolean")
        is_boolean = _has_kind(dialect, cell, "boolean")
        return when([(every([is_boolean, is_true]), one), (is_boolean.copy(), zero)])
    return cast(exp.Null(), "DOUBLE")


def _read_level(dialect: Dialect, cell: Cell, field: CategoryField) -> Node:
    """Find the level that a text spells: exactly, as listed, or by its fold where no two levels fold alike."""
    if cell.kind not in {"text", "dynamic"}:
        return cast(exp.Null(), "TEXT")
    folded = {key: level for key, level in find_folding_levels(field).items() if not _ASCII_LETTERS.isdisjoint(key)}
    entries = [Entry((key,), text(level)) for key, level in folded.items()]
    by_fold = look_up(dialect, lambda: dialect.fold(read_text(dialect, cell)), entries) if entries else None
    spelt = zip(field.levels, find_spellings(cell), strict=True)
    exact = [Entry((key,), text(str(level))) for level, keys in spelt for key in keys]
    return look_up(dialect, lambda: read_text(dialect, cell), exact, default=by_fold)


def read_text(dialect: Dialect, cell: Cell) -> Node:
    """Read the text of a cell as it is compared; null where it holds none."""
    if cell.kind == "text":
        return dialect.as_text(cell.raw)
    return when([(_has_kind(dialect, cell, "text"), _read_dynamic(dialect, cell, "text"))])


def find_spellings(cell: Cell) -> list[tuple[str, ...]]:
    """Find the texts that stand for each level without folding: those that the contract lists, and the level itself.

    In a file a blank text is null, whatever level it might be elsewhere.
    """
    field = cell.field
    assert isinstance(field, CategoryField)
    listed: dict[str, list[str]] = {str(level): [] for level in field.levels}
    for spelling, level in field.level_spellings.items():
        listed[level].append(spelling)
    return [
        tuple(each for each in (*spellings, level) if not (cell.is_file and is_blank(each)))
        for level, spellings in listed.items()
    ]


# --- findings


def find_faults(dialect: Dialect, cell: Cell) -> list[Finding]:
    """Find the faults of a cell as conditions over its column and its clean value, the first that holds counting."""
    field = cell.field
    if cell.source is None:
        return [] if field.absent == "optional" else [(exp.true(), "absent")]
    null: Finding = (is_missing(dialect, cell), "null" if field.null == "refuse" else None)
    return [null, *_find_type_faults(dialect, cell), *_find_value_faults(dialect, cell)]


def _find_type_faults(dialect: Dialect, cell: Cell) -> list[Finding]:
    kind = cell.kind
    takes_text = isinstance(cell.field, CategoryField) and cell.field.is_text
    if kind == "text":
        unread = is_null(cell.value) if not cell.is_numeric else is_null(_copy(read_number(dialect, cell)))
        control: Finding = (every([unread, dialect.has_control(cell.raw)]), "control_character")
        return [control] if takes_text else [control, (unread.copy(), "type")]
    if kind == "dynamic":
        wanted = _find_dynamic_kinds(cell.field)
        is_text = _has_kind(dialect, cell, "text")
        control = (every([is_text, dialect.has_control(_read_dynamic(dialect, cell, "text"))]), "control_character")
        return [control, (deny(_has_kind(dialect, cell, *wanted)), "type")]
    if takes_text or kind not in ({"boolean"} if isinstance(cell.field, BooleanField) else _NUMERIC):
        return [(exp.true(), "type")]
    return []


def _find_dynamic_kinds(field: Feature) -> tuple[str, ...]:
    if isinstance(field, BooleanField):
        return ("boolean",)
    return ("text",) if isinstance(field, CategoryField) and field.is_text else ("integer", "float")


def _copy(node: Node | None) -> Node:
    assert node is not None
    return node


def _find_value_faults(dialect: Dialect, cell: Cell) -> list[Finding]:
    field = cell.field
    found: list[Finding] = []
    if isinstance(field, BooleanField):
        return []
    number = read_number(dialect, cell) if cell.is_numeric else None
    if number is not None and cell.kind != "integer":
        found.append((deny(dialect.is_finite(number)), "not_finite"))
    if isinstance(field, CategoryField):
        return [*found, (is_null(cell.value), "level")] if field.unseen == "refuse" else found
    if number is None:
        return []
    if isinstance(field, IntegerField):
        found.append((deny(_is_exact_integer(dialect, cell)), "not_integer"))
    outside = _find_outside(dialect, cell, "refuse")
    return found if outside is None else [*found, (outside, "range")]


def _is_exact_integer(dialect: Dialect, cell: Cell) -> Node:
    assert cell.source is not None
    limit = dialect.write_number(float(MAX_EXACT_INTEGER))
    value = cell.value
    # An integer is compared as it came: 2**53 + 1 is 2**53 once it is a double.
    whole = exp.Literal.number(MAX_EXACT_INTEGER)
    if cell.source.kind in {"integer", "decimal"}:
        inside = between(cell.raw, negate(whole), whole.copy())
        return inside if cell.source.kind == "integer" else every([inside, dialect.is_integral(value)])
    exact = every([between(value, negate(limit), limit.copy()), dialect.is_integral(value.copy())])
    if cell.source.kind != "dynamic":
        return exact
    inside = between(_read_dynamic(dialect, cell, "integer"), negate(whole.copy()), whole.copy())
    return when([(_has_kind(dialect, cell, "integer"), inside)], exact)


def _find_outside(dialect: Dialect, cell: Cell, policy: str) -> Node | None:
    """Write the condition under which the range of a number is left and the policy about it is this one."""
    field = cell.field
    assert isinstance(field, NumberField | IntegerField)
    if field.seen is None:
        return None
    value = cell.value
    accepted = field.accepted or field.seen
    outside_seen = deny(is_between(dialect, value, field.seen))
    if field.near == field.far:
        return outside_seen if field.near == policy else None
    if field.far == policy:
        return deny(is_between(dialect, value, accepted))
    if accepted == field.seen:
        return None
    return every([outside_seen, is_between(dialect, value, accepted)])


def is_between(dialect: Dialect, value: Node, bounds: Bounds) -> Node:
    """Tell whether a number is in a closed interval."""
    return between(value.copy(), dialect.write_number(bounds.low), dialect.write_number(bounds.high))


def find_notes(dialect: Dialect, cell: Cell) -> list[Finding]:
    """Find the notes of an accepted cell, as :func:`find_faults` finds the faults of any."""
    if cell.source is None:
        return []
    field = cell.field
    notes: list[Finding] = [(is_missing(dialect, cell), "imputed")] if field.null == "impute" else []
    if isinstance(field, CategoryField) and field.unseen == "note":
        notes.append((is_null(cell.value), "level"))
    elif isinstance(field, NumberField | IntegerField):
        outside = _find_outside(dialect, cell, "note")
        notes += [] if outside is None else [(outside, "range")]
    return notes


def find_identifier_faults(dialect: Dialect, source: SourceColumn) -> list[Finding]:
    """Find the faults of a declared identifier, which takes any scalar."""
    raw = column(source.name)
    if source.kind == "text":
        return [(dialect.has_control(raw), "control_character")]
    if source.kind == "nested":
        return [(deny(is_null(raw)), "type")]
    if source.kind == "float":
        # NaN is null, and an identifier need not be there.
        double = dialect.to_double(raw, "float")
        unfit = [deny(dialect.is_finite(double)), deny(dialect.is_nan(double.copy()))]
        return [(every(unfit if "float" in dialect.nan_kinds else unfit[:1]), "not_finite")]
    return _find_dynamic_identifier_faults(dialect, raw) if source.kind == "dynamic" else []


def _find_dynamic_identifier_faults(dialect: Dialect, raw: Node) -> list[Finding]:
    assert dialect.find_kind is not None
    assert dialect.read_dynamic is not None
    conditions: list[tuple[str, Node, Code]] = [
        ("nested", exp.true(), "type"),
        ("text", dialect.has_control(dialect.read_dynamic(raw.copy(), "text")), "control_character"),
        ("float", deny(dialect.is_finite(dialect.read_dynamic(raw.copy(), "float"))), "not_finite"),
    ]
    return [
        (every([equals(dialect.find_kind(raw.copy()), text(kind)), condition]), code)
        for kind, condition, code in conditions
    ]


def _has_kind(dialect: Dialect, cell: Cell, *kinds: str) -> Node:
    assert dialect.find_kind is not None
    return exp.In(this=dialect.find_kind(cell.raw), expressions=[text(kind) for kind in kinds])


def _read_dynamic(dialect: Dialect, cell: Cell, kind: str) -> Node:
    assert dialect.read_dynamic is not None
    return dialect.read_dynamic(cell.raw, kind)  # type: ignore[arg-type]
