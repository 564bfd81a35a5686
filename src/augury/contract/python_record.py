"""The Python door: turn a mapping of Python, NumPy or pandas scalars into the plain values that JSON has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from numbers import Integral, Real

from augury.contract.faults import Fault
from augury.contract.fold import has_lone_surrogate
from augury.contract.parse import describe
from augury.contract.values import Foreign, Unreadable

# Integers of more bits are read as the doubles that they become anyway, as the JSON door reads them.
_MAX_INT_BITS = 64


def read_members(record: object) -> list[tuple[object, object]] | Fault:
    """Read the members of a record with its values made plain, or find the one fault for which that cannot be done.

    Any object may stand in a caller's record, and asking it anything may raise anything; that is a fault as well.
    """
    try:
        if not isinstance(record, Mapping):
            detail = f"the record is {describe(record)}, not a mapping; pass one dict of fields"
            return Fault("not_an_object", "", detail)
        members = [(make_plain(key), make_plain(value)) for key, value in record.items()]
    except Exception as error:  # noqa: BLE001 - a mapping of the caller's own may raise anything
        detail = f"the record cannot be read: its {type(error).__name__}; pass one dict of fields"
        return Fault("not_an_object", "", detail)
    if any(isinstance(text, str) and has_lone_surrogate(text) for member in members for text in member):
        return Fault("encoding", "", "a text holds half of a surrogate pair; send whole characters")
    return members


def make_plain(value: object) -> object:
    """Make a scalar plain: None, NaN, NaT and NA are null; NumPy scalars become Python's; never raises.

    What is no scalar keeps its type and nothing else of it, for it is refused or not used.
    """
    try:
        return _make_plain(value)
    except Exception:  # noqa: BLE001 - any object may stand in a caller's record, and asking it anything may raise
        return Unreadable()


def _make_plain(value: object) -> object:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is int:
        return _make_int(value)  # type: ignore[arg-type]
    if kind is float:
        return None if math.isnan(value) else value  # type: ignore[arg-type]
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, list | tuple | set | frozenset):
        return []
    if isinstance(value, Mapping):
        return {}
    shape = getattr(value, "shape", None)
    if shape is not None and shape != ():
        return []
    return None if _is_null(value) else _make_scalar(value)


def _make_scalar(value: object) -> object:
    if isinstance(value, Integral):
        return _make_int(int(value))
    if isinstance(value, Real | Decimal):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    # NumPy's 0-d arrays and its booleans and dates, which are no numbers to Python.
    if getattr(value, "shape", None) == () and callable(item := getattr(value, "item", None)):
        inner = item()
        if type(inner) is not type(value):
            return _make_plain(inner)
    return Foreign(type(value).__name__)


def _make_int(value: int) -> int | float:
    if value.bit_length() <= _MAX_INT_BITS:
        return value
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _is_null(value: object) -> bool:
    """Tell NaN of any float type, NaT and NA: the first two are not equal to themselves, the third cannot say."""
    if type(value).__name__ in {"NAType", "NaTType"}:
        return True
    try:
        return bool(value != value)  # noqa: PLR0124 - the definition of NaN, for types that math.isnan does not take
    except Exception:  # noqa: BLE001 - comparing a caller's object may raise anything, and then it is not NaN
        return False
