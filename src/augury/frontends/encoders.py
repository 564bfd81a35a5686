"""``OneHotEncoder`` and ``OrdinalEncoder``: from a field's levels to a number for each of them.

Both number a level by its place in ``categories_``. A value that is none of them is *unknown*; so is a missing one,
unless training saw it, for then it is among the categories.
Source: ``_BaseEncoder._transform`` and ``_map_infrequent_categories`` of scikit-learn 0.20.4 to 1.9.1.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence

from msgspec import Struct

from augury.errors import UnsupportedError
from augury.frontends.columns import Coded, Column, Key, Numeric
from augury.frontends.plain import (
    Attributes,
    is_missing,
    is_nan,
    is_single,
    make_series,
    read_code,
    read_dtype,
    read_series,
)
from augury.frontends.reading import Block, Reading
from augury.ir.nodes import Bin

_UNKNOWN = -1
"""The code of a value that is none of the categories."""

# The first versions whose encoder takes missing values; before, they are an error.
_ONE_HOT_TAKES_MISSING = (0, 24)
_ORDINAL_TAKES_MISSING = (1, 0)


class _Codes(Struct, frozen=True):
    """The code of each state of a source: a category's place, unknown, or None where there is no rule."""

    source: str | Bin
    codes: Mapping[Key, int]
    missing: int | None
    unseen: int | None


def read_one_hot_encoder(attributes: Attributes, block: Block, reading: Reading) -> Block:
    """Read a fitted OneHotEncoder."""
    if attributes.get("_legacy_mode"):
        why = "the encoder of old, for integers only (legacy mode): give categories='auto' and fit again"
        raise UnsupportedError([("", why)])
    all_categories = _read_categories(attributes, block)
    drops = _read_drops(attributes, len(all_categories), reading.version)
    dtype = read_dtype(attributes.get("dtype"))
    columns: list[Column] = []
    for at, (column, categories) in enumerate(zip(block.columns, all_categories, strict=True)):
        codes = _encode(column, categories, takes_missing=reading.version >= _ONE_HOT_TAKES_MISSING)
        bins = _find_bins(attributes, at, len(categories))
        unknown = _find_unknown_bin(attributes, bins, at)
        columns.extend(_make_one_hot(codes, bins, unknown, drops[at], reading, single=is_single(dtype)))
    sparse = attributes.get("sparse_output", attributes.get("sparse"))
    return Block(columns, is_sparse=sparse is True)


def read_ordinal_encoder(attributes: Attributes, block: Block, reading: Reading) -> Block:
    """Read a fitted OrdinalEncoder."""
    all_categories = _read_categories(attributes, block)
    dtype = read_dtype(attributes.get("dtype"))
    # before 1.1 missing stays missing, which is what NaN says
    encoded_missing = attributes.get("encoded_missing_value", math.nan)
    unknown = None
    if attributes.get("handle_unknown") == "use_encoded_value":
        unknown = read_code(attributes.get("unknown_value"), "unknown_value")
    columns: list[Column] = []
    for at, (column, categories) in enumerate(zip(block.columns, all_categories, strict=True)):
        codes = _encode(column, categories, takes_missing=reading.version >= _ORDINAL_TAKES_MISSING)
        bins = _find_bins(attributes, at, len(categories))
        numbers: dict[int, float] = {code: float(place) for code, place in enumerate(bins)}
        if categories and is_nan(categories[-1]):
            numbers[len(categories) - 1] = read_code(encoded_missing, "encoded_missing_value")
        columns.append(_make_ordinal(codes, numbers, unknown, dtype, reading))
    return Block(columns)


# --- what is fitted


def _read_categories(attributes: Attributes, block: Block) -> list[tuple[object, ...]]:
    found = [make_series(part, "categories_") for part in read_series(attributes, "categories_")]
    if len(found) != len(block.columns):
        raise UnsupportedError([("categories_", f"it knows {len(found)} columns and is given {len(block.columns)}")])
    return found


def _read_drops(attributes: Attributes, count: int, version: tuple[int, int]) -> list[int | None]:
    """Read which bin of each column is dropped; since 1.2 that is told after infrequent levels are merged."""
    drops = attributes.get("_drop_idx_after_grouping")
    if drops is None:
        drops = attributes.get("drop_idx_")
        if drops is not None and attributes.get("_infrequent_enabled") and "_drop_idx_after_grouping" not in attributes:
            release = f"scikit-learn {version[0]}.{version[1]}"
            why = f"{release} does not say which of the infrequent levels it drops; fit again with 1.2 or later"
            raise UnsupportedError([("drop", why)])
    if drops is None:
        return [None] * count
    found: list[int | None] = []
    for drop in make_series(drops, "drop_idx_"):
        if drop is not None and not isinstance(drop, int):
            raise UnsupportedError([("drop_idx_", f"{drop!r} is no place among the categories")])
        found.append(drop)
    if len(found) != count:
        raise UnsupportedError([("drop_idx_", f"it is for {len(found)} columns, not {count}")])
    return found


def _find_bins(attributes: Attributes, at: int, count: int) -> list[int]:
    """Find the bin of each category: its own place, unless infrequent ones were merged into the last bin."""
    mapping = _find_mapping(attributes, at)
    if mapping is None:
        return list(range(count))
    bins = [code for code in make_series(mapping, "_default_to_infrequent_mappings") if isinstance(code, int)]
    if len(bins) == count - 1:  # the ordinal encoder leaves a missing category, always the last, out of the mapping
        bins.append(max(bins, default=-1) + 1)
    if len(bins) != count or set(bins) != set(range(max(bins, default=-1) + 1)):
        raise UnsupportedError([("_default_to_infrequent_mappings", f"it is no mapping of {count} categories")])
    return bins


def _find_mapping(attributes: Attributes, at: int) -> object:
    """Find where the categories of a column went, or None if none of them is infrequent."""
    if not attributes.get("_infrequent_enabled"):
        return None
    mappings = read_series(attributes, "_default_to_infrequent_mappings")
    return mappings[at] if at < len(mappings) else None


def _find_unknown_bin(attributes: Attributes, bins: list[int], at: int) -> int | None:
    """Find the bin of what is unknown: the infrequent one, none (:data:`_UNKNOWN`), or None where it is an error."""
    rule = attributes.get("handle_unknown")
    if rule == "error":
        return None
    if rule in ("infrequent_if_exist", "warn"):
        return _UNKNOWN if _find_mapping(attributes, at) is None else max(bins, default=_UNKNOWN)
    if rule == "ignore":
        return _UNKNOWN
    raise UnsupportedError([("handle_unknown", f"{rule!r} is no rule that Augury knows")])


# --- what a source's states become


def _encode(column: Column, categories: Sequence[object], *, takes_missing: bool) -> _Codes:
    """Give each state of a column its code."""
    blanks = [at for at, category in enumerate(categories) if is_missing(category)]
    if len(blanks) > 1:
        raise UnsupportedError([("categories_", "None and NaN are two levels of it, and a record has only null")])
    places = {_make_key(category): at for at, category in enumerate(categories) if not is_missing(category)}
    blank = blanks[0] if blanks else (_UNKNOWN if takes_missing else None)
    if isinstance(column, Numeric):
        why = "it encodes numbers that were computed; encode the field itself, or bin it first (KBinsDiscretizer)"
        raise UnsupportedError([("", why)])
    if isinstance(column, Coded):
        return _encode_coded(column, places, blank)
    if column.fill is None:
        missing = blank
    else:
        missing = places.get(_make_key(column.fill), _UNKNOWN)
    return _Codes(column.field, places, missing, _UNKNOWN)


def _encode_coded(column: Coded, places: Mapping[Key, int], blank: int | None) -> _Codes:
    def find(number: float | None) -> int | None:
        if number is None:
            return None
        return blank if math.isnan(number) else places.get(_make_key(number), _UNKNOWN)

    found = {key: find(column.values.get(key, column.default)) for key in column.keys}
    codes = {key: code for key, code in found.items() if code is not None}
    return _Codes(column.source, codes, find(column.missing), find(column.unseen))


def _make_key(value: object) -> Key:
    """Answer a category as a level: an integral float is the integer."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str | int):
        return value
    raise UnsupportedError([("categories_", f"the level {value!r} is neither text nor integer nor boolean")])


def _make_one_hot(
    codes: _Codes, bins: list[int], unknown: int | None, drop: int | None, reading: Reading, *, single: bool
) -> list[Column]:
    """Make a column for each bin but the dropped one, and put the encoder's word about the field on record."""

    def find(code: int | None) -> int | None:
        if code is None:
            return None
        return unknown if code == _UNKNOWN else bins[code]

    by_key = {key: found for key, code in codes.codes.items() if (found := find(code)) is not None}
    if isinstance(codes.source, Bin) and len(by_key) < len(codes.codes):
        raise UnsupportedError([("categories_", "a bin of the step before is not among them")])
    members: dict[int, list[Key]] = {}
    for key, place in by_key.items():
        members.setdefault(place, []).append(key)
    states = [find(codes.missing), find(codes.unseen)]
    group, keys = reading.next_group(), tuple(by_key)

    def make(place: int | None) -> Coded:
        values = dict.fromkeys(members.get(place, ()), 1.0) if place is not None else {}
        missing, unseen = (None if state is None else float(state == place) for state in states)
        return Coded(codes.source, keys, values, 0.0, missing, unseen, group, is_single=single)

    reading.demands.append(make(None))
    return [make(place) for place in range(max(bins, default=-1) + 1) if place != drop]


def _make_ordinal(
    codes: _Codes, numbers: Mapping[int, float], unknown: float | None, dtype: str, reading: Reading
) -> Column:
    def find(code: int | None) -> float | None:
        if code is None:
            return None
        number = unknown if code == _UNKNOWN else numbers[code]
        return number if number is None or math.isnan(number) else _cast(number, dtype)

    values = {key: found for key, code in codes.codes.items() if (found := find(code)) is not None}
    if isinstance(codes.source, Bin) and len(values) < len(codes.codes):
        raise UnsupportedError([("categories_", "a bin of the step before is not among them")])
    group, keys = reading.next_group(), tuple(values)
    missing, unseen = find(codes.missing), find(codes.unseen)
    column = Coded(codes.source, keys, values, 0.0, missing, unseen, group, is_single=is_single(dtype))
    reading.demands.append(column)
    return column


# Element types of codes, in the words of :mod:`struct`.
_FORMATS = {
    "f4": "f",
    "f2": "e",
    "i1": "b",
    "i2": "h",
    "i4": "i",
    "i8": "q",
    "u1": "B",
    "u2": "H",
    "u4": "I",
    "u8": "Q",
}


def _cast(number: float, dtype: str) -> float:
    """Answer a code as its element type holds it; one that it cannot hold exactly is refused."""
    if dtype == "f8":
        return number
    code = _FORMATS.get(dtype)
    try:
        exact = code is not None and struct.unpack(code, struct.pack(code, number if code in "fe" else int(number)))[0]
    except (struct.error, OverflowError):
        exact = None
    if exact is None or exact is False or exact != number:
        raise UnsupportedError([("dtype", f"{dtype} does not hold the code {number!r} exactly; use float64")])
    return number
