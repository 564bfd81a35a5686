"""The doors of the fast path: msgspec types made from the contract, which decode and validate one record at once.

A type is made for each listed way to spell the keys (the model's and the training table's); every listed spelling of a
level is a literal of its field's type. What a type accepts has no fault and no note. What it refuses is asked again of
the slow path (:mod:`augury.contract.check`), whose word holds.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Annotated, Any, Literal, cast

import msgspec
from msgspec import UNSET, Meta, Struct

from augury.contract.check import Checked, RecordChecker, Suggestions
from augury.contract.faults import Fault
from augury.contract.fields import (
    MAX_EXACT_INTEGER,
    BooleanField,
    CategoryField,
    Contract,
    Feature,
    Field,
    IntegerField,
    NumberField,
)
from augury.contract.fold import has_control_character, has_lone_surrogate
from augury.contract.parse import parse_record
from augury.contract.python_record import read_members
from augury.contract.values import Value

# More ways to spell the keys than this do not come from tables: they would only make refusals slower.
_MAX_SPELLINGS = 4
_BACKSLASH = ord("\\")  # as a number it is found in a fifth of the time
# Escapes that write a C0 control character, for which the slow path must look.
_CONTROL_ESCAPE = re.compile(rb"\\(?:[bfnrt]|u00[01])")


class Row(Struct, frozen=True):
    """A decoded record: attributes ``f0, f1, …``, one a feature in the contract's order. Scorers read nothing else."""


class RecordDoor:
    """Decode records of one contract, from JSON or from Python, on the fast path where they take it.

    ``decode`` and ``convert`` answer with the row itself when the record has no fault and no note, else with what the
    slow path found and the row (None when there are faults).
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.checker = RecordChecker(contract)
        self._types = _make_types(contract)
        self._checked_row = _make_checked_type(len(contract.features))
        self.decode_fast = _compile_decode(contract, self._types)
        self.convert_fast = _compile_convert(contract, self._types)

    def decode(self, body: bytes, suggestions: Suggestions | None = None) -> Row | tuple[Row | None, Checked]:
        """Decode one JSON record."""
        row = self.decode_fast(body)
        return self.decode_slow(body, suggestions) if row is None else row

    def decode_slow(self, body: bytes, suggestions: Suggestions | None = None) -> tuple[Row | None, Checked]:
        """Decode one JSON record by the slow path."""
        members = parse_record(body)
        if isinstance(members, Fault):
            return None, Checked((), (), (members,))
        return self._make(self.checker.check(members, suggestions))

    def convert(self, record: object) -> Row | tuple[Row | None, Checked]:
        """Convert one Python record: a mapping of fields to scalars."""
        row = self.convert_fast(record)
        return self.convert_slow(record) if row is None else row

    def convert_slow(self, record: object) -> tuple[Row | None, Checked]:
        """Convert one Python record by the slow path."""
        members = read_members(record)
        if isinstance(members, Fault):
            return None, Checked((), (), (members,))
        return self._make(self.checker.check(members))

    def make_row(self, values: tuple[Value, ...]) -> Row:
        """Make a row of checked values, one a feature in the contract's order."""
        return self._checked_row(*values)

    def make_rows(self, rows: Iterable[tuple[Value, ...]]) -> Iterator[Row]:
        """Make many rows of checked values, for a table.

        They are named tuples: scorers read attributes alone, and these are made in a third of the time.
        """
        row_type = namedtuple("Row", [f"f{index}" for index in range(len(self.contract.features))])  # type: ignore[misc]  # noqa: PYI024 - the names are known at run time only
        return cast("Iterator[Row]", map(row_type._make, rows))

    def _make(self, checked: Checked) -> tuple[Row | None, Checked]:
        return (None if checked.faults else self.make_row(checked.values)), checked


def _make_types(contract: Contract) -> tuple[type[Row], ...]:
    """Make one type for each way to spell the keys; the first has the contract's own names."""
    ways = min(1 + max(len(field.spellings) for field in contract.fields), _MAX_SPELLINGS)
    return tuple(_make_type(contract, way) for way in range(ways))


def _make_checked_type(count: int) -> Callable[..., Row]:
    """Make the type of rows that are made, not decoded: by position, for by keyword takes the square of the fields."""
    members = [(f"f{index}", Any) for index in range(count)]
    return cast("Callable[..., Row]", msgspec.defstruct("Row", members, bases=(Row,), frozen=True, gc=False))


def _make_type(contract: Contract, way: int) -> type[Row]:
    members: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for index, field in enumerate(contract.features):
        optional = (None,) if field.absent == "optional" else ()
        members.append((f"f{index}", _make_feature_type(field), *optional))
    # Integers are read as floats here, so that one of 400 digits is not taken: the slow path says `not_finite` to it.
    members.extend((f"i{index}", str | float | bool | None, UNSET) for index in range(len(contract.identifiers)))
    fields = (*contract.features, *contract.identifiers)
    row: Any = msgspec.defstruct(
        "Row",
        members,
        bases=(Row,),
        rename={member[0]: _find_spelling(field, way) for member, field in zip(members, fields, strict=True)},
        kw_only=True,
        frozen=True,
        forbid_unknown_fields=True,
        gc=False,  # a row holds scalars only, so no cycle can go through it
    )
    return cast("type[Row]", row)


def _find_spelling(field: Field, way: int) -> str:
    spellings = (field.name, *field.spellings)
    return spellings[min(way, len(spellings) - 1)] if way else field.name


def _make_feature_type(field: Feature) -> Any:
    if isinstance(field, CategoryField):
        return Literal[(*field.levels, *field.level_spellings)]
    if isinstance(field, BooleanField):
        return bool
    bounds = field.seen
    if isinstance(field, IntegerField):
        # 2**53 itself is left to the slow path: 2**53 + 1 is rounded to it before it is compared.
        limit = float(MAX_EXACT_INTEGER - 1)
        low, high = (max(bounds.low, -limit), min(bounds.high, limit)) if bounds else (-limit, limit)
        return Annotated[float, Meta(ge=low, le=high, multiple_of=1)]
    return Annotated[float, Meta(ge=bounds.low, le=bounds.high)] if bounds else float


def _compile_decode(contract: Contract, types: tuple[type[Row], ...]) -> Callable[[bytes], Row | None]:
    """Make the function from a JSON body to its row, or None when the slow path must look."""
    decoders = tuple(msgspec.json.Decoder(row).decode for row in types)
    likely = decoders[0]
    required = sum(1 for field in contract.features if field.absent == "refuse")
    count_optional = _make_optional_counter(contract)
    has_identifiers = bool(contract.identifiers)

    def decode_fast(body: bytes) -> Row | None:
        row: Row | None
        try:
            row = likely(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            row = decode_otherwise(body)
        if row is None:
            return None
        # A text can only add colons, so this many members were all different keys: msgspec lets the last twin win.
        if body.count(b":") != required + count_optional(row):
            return None
        if has_identifiers and _BACKSLASH in body and _CONTROL_ESCAPE.search(body):
            return None
        return row

    def decode_otherwise(body: bytes) -> Row | None:
        """Try the other ways to spell the keys; whoever asks in one of them is likely to go on so."""
        nonlocal likely
        for decode in decoders:
            if decode is not likely:
                try:
                    row = decode(body)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    continue
                likely = decode
                return row
        return None

    return decode_fast


def _find_marker(contract: Contract, way: int) -> str:
    """Find a key that is spelt so in this way and not in the first: a hint which type to try, never a judgement."""
    spelt = (_find_spelling(field, way) for field in contract.fields if _find_spelling(field, way) != field.name)
    # Keys that few other texts contain make the best hints, so the longest is taken.
    return max(spelt, key=len, default="")


def _make_optional_counter(contract: Contract) -> Callable[[Row], int]:
    """Make the function that counts the optional members that a row was given."""
    features = [f"f{index}" for index, field in enumerate(contract.features) if field.absent == "optional"]
    identifiers = [f"i{index}" for index in range(len(contract.identifiers))]
    if not features and len(identifiers) == 1:
        get_only = attrgetter(identifiers[0])
        return lambda row: get_only(row) is not UNSET
    return lambda row: (
        sum(getattr(row, name) is not None for name in features)
        + sum(getattr(row, name) is not UNSET for name in identifiers)
    )


def _compile_convert(contract: Contract, types: tuple[type[Row], ...]) -> Callable[[object], Row | None]:
    """Make the function from a dict of plain scalars to its row, or None when the slow path must look."""
    numbers = [f"f{i}" for i, field in enumerate(contract.features) if isinstance(field, NumberField | IntegerField)]
    identifiers = [f"i{index}" for index in range(len(contract.identifiers))]
    first = types[0]
    rest = tuple((_find_marker(contract, way), row) for way, row in enumerate(types) if way)
    convert = msgspec.convert

    def convert_fast(record: object) -> Row | None:
        if type(record) is not dict:
            return None
        row_type = first
        for marker, other in rest:
            if marker in record:
                row_type = other
        try:
            row = convert(record, row_type)
        except (msgspec.ValidationError, TypeError, ValueError, OverflowError, RecursionError):
            return None
        # Comparisons let NaN through, which is null here.
        for name in numbers:
            number = getattr(row, name)
            if number is not None and number - number != 0.0:
                return None
        return row if all(_is_plain_identifier(getattr(row, name)) for name in identifiers) else None

    return convert_fast


def _is_plain_identifier(value: object) -> bool:
    """Tell whether an identifier holds nothing at which the slow path must look."""
    if type(value) is str:
        return not has_control_character(value) and not has_lone_surrogate(value)
    return value is UNSET or (type(value) is float and value - value == 0.0)
