"""The Python door: turn a mapping of Python, NumPy or pandas scalars into the plain values that JSON has."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from numbers import Integral, Real

from augury.contract.faults import Fault
from augury.contract.parse import describe

_PLAIN = (str, bool, int, type(None))


def iter_members(record: Mapping[object, object]) -> Iterator[tuple[object, object]]:
    """Yield the members of a record with its values made plain."""
    for key, value in record.items():
        yield (str(key) if isinstance(key, str) else key), make_plain(value)


def find_record_fault(record: object) -> Fault | None:
    """Refuse what is not a mapping."""
    if isinstance(record, Mapping):
        return None
    return Fault("not_an_object", "", f"the record is {describe(record)}, not a mapping; pass one dict of fields")


def make_plain(value: object) -> object:
    """Make a scalar plain: None, NaN, NaT and NA are null; NumPy scalars become Python's; others stay as they are."""
    if type(value) in _PLAIN:
        return value
    if type(value) is float:
        return None if math.isnan(value) else value
    if isinstance(value, str):
        return str(value)
    if _is_null(value):
        return None
    return _make_scalar(value)


def _make_scalar(value: object) -> object:
    if getattr(value, "shape", None) == () and callable(item := getattr(value, "item", None)):
        inner: object = item()
        return inner if type(inner) in _PLAIN or type(inner) is float else value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real | Decimal):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    return value


def _is_null(value: object) -> bool:
    """Tell NaN of any float type, NaT and NA: the first two are not equal to themselves, the third cannot say."""
    if type(value).__name__ in {"NAType", "NaTType"}:
        return True
    try:
        return bool(value != value)  # noqa: PLR0124 - the definition of NaN, for types that math.isnan does not take
    except Exception:  # noqa: BLE001 - any object may stand in a caller's record, and comparing it may do anything
        return False
