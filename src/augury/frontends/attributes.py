"""One way to read a fitted estimator, whether it came as a stand-in from a pickle or is living in this process.

A living one is read by what its values look like (``shape``, ``dtype``, ``tolist``), so that NumPy and pandas are not
imported to find out.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from augury.frontends.allowlist import current_name
from augury.frontends.arrays import STRUCT_CODES, Array
from augury.frontends.standins import Name, StandIn

PLAIN = (str, bytes, int, float, bool, type(None), slice, Array, StandIn, Name)


def attributes(estimator: object) -> Mapping[str, object]:
    """Map an estimator's attributes to plain values: Arrays for arrays and frames' labels, Python's for scalars."""
    if isinstance(estimator, StandIn):
        state = estimator.state
        return MappingProxyType({str(key): value for key, value in state.items()} if isinstance(state, dict) else {})
    return MappingProxyType({key: plain_value(value) for key, value in getattr(estimator, "__dict__", {}).items()})


def dotted_name(value: object) -> str:
    """Name a value's class, or a class or function itself, as the newest version spells it."""
    if isinstance(value, StandIn):
        return value.dotted
    if isinstance(value, Name):
        return current_name(value.dotted)
    named: Any = value if hasattr(value, "__qualname__") else type(value)
    return current_name(f"{named.__module__}.{named.__qualname__}")


def sklearn_version(estimator: object) -> str | None:
    """Tell which scikit-learn fitted the estimator; a living one is taken to be of the version that is installed."""
    if isinstance(estimator, StandIn):
        version = attributes(estimator).get("_sklearn_version")
    else:
        state = estimator.__getstate__() if hasattr(estimator, "get_params") else None
        version = state.get("_sklearn_version") if isinstance(state, dict) else None
    return version if isinstance(version, str) else None


def plain_value(value: Any) -> object:
    """Answer a living value as the pickle reader would: arrays and scalars plain, estimators as they are."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return _plain_series(value)
    if isinstance(value, dict):
        return {plain_value(key): plain_value(part) for key, part in value.items()}
    if hasattr(value, "toarray") and hasattr(value, "indptr"):  # sparse rows, as ``sparsify`` makes
        return plain_value(value.toarray())
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    if isinstance(kind, str) and hasattr(value, "shape") and hasattr(value, "tolist"):
        return _plain_array(value, kind)
    return value


def _plain_series(value: list[Any] | tuple[Any, ...] | set[Any] | frozenset[Any]) -> object:
    plain = [plain_value(part) for part in value]
    if isinstance(value, set | frozenset):
        return frozenset(plain)
    return plain if isinstance(value, list) else tuple(plain)


def _plain_array(value: Any, kind: str) -> object:
    """Convert an array, a scalar, or pandas' labels; other element types (dates, structures) stay as they are."""
    dtype = "O" if kind == "O" else f"{kind}{value.dtype.itemsize // (4 if kind == 'U' else 1)}"
    if kind not in "OUS" and dtype not in STRUCT_CODES:
        return value
    values = value.tolist()
    if value.shape == ():
        return plain_value(values)
    for _ in value.shape[1:]:
        values = [part for row in values for part in row]
    return Array(tuple(value.shape), tuple(plain_value(part) for part in values), dtype)
