"""``DictVectorizer``: from its vocabulary to the fields of the dicts that it was fitted on.

Its columns are named ``field`` for a number and ``field=level`` for a text, so what the fields were must be read back
from the names; a name that can be read in two ways is refused unless the field names are given.
"""

from __future__ import annotations

from msgspec import Struct

from augury.errors import UnsupportedError
from augury.frontends.columns import Coded, Column, Numeric, Raw, read_number
from augury.frontends.plain import Attributes, is_single, read_dtype
from augury.frontends.reading import Block, Reading
from augury.ir.nodes import Impute

# A sentence lists this many names at most.
_SHOWN = 5


class _Name(Struct, frozen=True):
    """A column's name read back: a number's field, or a field and one of its levels."""

    field: str
    level: str | None


def read_dict_vectorizer(attributes: Attributes, block: Block, reading: Reading) -> Block:
    """Read the columns of a fitted DictVectorizer; the block that goes in is empty, for it reads records."""
    if block.columns:
        raise UnsupportedError([("", "it takes records, and so can only stand first")])
    names = _split_names(_order_names(attributes), attributes.get("separator"), reading.options.fields)
    numbers = {name.field for name in names if name.level is None}
    both = sorted(numbers & {name.field for name in names if name.level is not None})
    if both:
        why = "training saw a number (or null) in some records and text in others: make it one of them and fit again"
        raise UnsupportedError([(field, f"it is number and category at once; {why}") for field in both])
    dtype = read_dtype(attributes.get("dtype"))
    if dtype != "f8" and numbers:
        why = f"dtype={dtype} rounds every number before it is used; fit again with the default float64"
        raise UnsupportedError([("dtype", why)])
    return Block(_make_columns(names, reading, single=is_single(dtype)), is_sparse=attributes.get("sparse") is True)


def _order_names(attributes: Attributes) -> list[str]:
    vocabulary = attributes.get("vocabulary_")
    if not isinstance(vocabulary, dict):
        raise UnsupportedError([("vocabulary_", "it is not there: the vectorizer is not fitted")])
    strange = [name for name in vocabulary if not isinstance(name, str)]
    if strange:
        raise UnsupportedError([(repr(name), "a field's name that is not text") for name in strange[:_SHOWN]])
    places = {place: name for name, place in vocabulary.items() if isinstance(place, int)}
    if len(places) < len(vocabulary) or not all(at in places for at in range(len(places))):
        raise UnsupportedError([("vocabulary_", "its columns are not numbered from 0 without gaps")])
    return [places[at] for at in range(len(places))]


def _split_names(names: list[str], separator: object, fields: tuple[str, ...] | None) -> list[_Name]:
    if not isinstance(separator, str) or not separator:
        raise UnsupportedError([("separator", "it is not a text")])
    known = frozenset(fields or ())
    split, unclear = [], []
    for name in names:
        readings = _find_readings(name, separator, known)
        split.append(readings[0])
        if len(readings) > 1:
            unclear.append((repr(name), f"it may be {_describe(readings)}; name the fields (--fields) to settle it"))
        elif not readings[0].field:
            unclear.append((repr(name), "its field has no name"))
    if unclear:
        more = [(f"{len(unclear) - _SHOWN} more", "not shown")] if len(unclear) > _SHOWN else []
        raise UnsupportedError(unclear[:_SHOWN] + more)
    return split


def _find_readings(name: str, separator: str, known: frozenset[str]) -> list[_Name]:
    """Find every way to read a name; those with a known field decide, if there are any."""
    readings = []
    at = name.find(separator)
    while at >= 0:
        readings.append(_Name(name[:at], name[at + len(separator) :]))
        at = name.find(separator, at + 1)
    settled = [reading for reading in (*readings, _Name(name, None)) if reading.field in known]
    return settled or readings or [_Name(name, None)]


def _describe(readings: list[_Name]) -> str:
    ways = [
        f"level {r.level!r} of field {r.field!r}" if r.level is not None else f"a number {r.field!r}" for r in readings
    ]
    return " or ".join(ways[:_SHOWN])


def _make_columns(names: list[_Name], reading: Reading, *, single: bool) -> list[Column]:
    levels: dict[str, list[str]] = {}
    for name in names:
        if name.level is not None:
            levels.setdefault(name.field, []).append(name.level)
    keys = {field: tuple(found) for field, found in levels.items()}
    groups = {field: reading.next_group() for field in keys}
    columns: list[Column] = []
    for name in names:
        raw = reading.open_field(name.field)
        if name.level is None:
            columns.append(_make_number(raw, reading))
            continue
        missing = _find_missing(raw, name.level, reading)
        coded = Coded(
            name.field, keys[name.field], {name.level: 1.0}, 0.0, missing, 0.0, groups[name.field], is_single=single
        )
        columns.append(coded)
    return columns


def _make_number(raw: Raw, reading: Reading) -> Column:
    """Read a number; absent counts as 0, which is a rule only where training saw that."""
    if raw.fill is None and raw.field in reading.options.optional:
        return Numeric(Impute(read_number(raw), 0.0))
    return Numeric(read_number(raw))


def _find_missing(raw: Raw, level: str, reading: Reading) -> float | None:
    """Find what a missing text counts in the column of one level; without an option there is no rule.

    The vectorizer itself would silently count 0 in all columns of the field, also where training never saw that.
    """
    if raw.fill is not None:
        return 1.0 if raw.fill == level else 0.0
    return 0.0 if raw.field in reading.options.optional else None
