"""Read the plain values that estimators keep: numbers, flags, lists, and the element types of arrays."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from augury.errors import UnsupportedError
from augury.frontends.arrays import Array
from augury.frontends.attributes import dotted_name
from augury.frontends.standins import Name, StandIn

Attributes = Mapping[str, object]


def read_floats(attributes: Attributes, name: str) -> tuple[float, ...]:
    """Read an attribute that is an array or list of numbers."""
    return tuple(read_float(value, name) for value in read_series(attributes, name))


def read_float(value: object, name: str) -> float:
    """Read a number; NaN and infinity are for the caller to judge."""
    if not isinstance(value, int | float):
        raise UnsupportedError([(name, f"it holds {type(value).__name__}, not a number")])
    try:
        return float(value)
    except OverflowError:
        raise UnsupportedError([(name, "it holds an integer beyond the range of a float")]) from None


def read_code(value: object, name: str) -> float:
    """Read a number that is finite, or NaN for missing."""
    number = read_float(value, name)
    if math.isinf(number):
        raise UnsupportedError([(name, "it is infinite")])
    return number


def read_finite(attributes: Attributes, name: str) -> tuple[float, ...]:
    """Read an attribute that is an array or list of finite numbers."""
    numbers = read_floats(attributes, name)
    if not all(map(math.isfinite, numbers)):
        raise UnsupportedError([(name, "it holds a number that is not finite")])
    return numbers


def read_series(attributes: Attributes, name: str) -> tuple[object, ...]:
    """Read an attribute that is an array, list or tuple, as a tuple."""
    return make_series(attributes.get(name), name)


def make_series(value: object, name: str) -> tuple[object, ...]:
    """Answer the values of an array, list or tuple in row order."""
    if isinstance(value, Array):
        return value.values
    if isinstance(value, list | tuple):
        return tuple(value)
    reason = "it is not there: the estimator is not fitted" if value is None else "it is not a list of values"
    raise UnsupportedError([(name, reason)])


def is_nan(value: object) -> bool:
    """Tell NaN."""
    return isinstance(value, float) and math.isnan(value)


def is_missing(value: object) -> bool:
    """Tell what scikit-learn takes for missing: None, NaN, and pandas' NA."""
    return value is None or is_nan(value) or type(value).__name__ == "NAType"


_WIDTHS = {"float": "f8", "int": "i8", "bool": "b1", "bool_": "b1", "object": "O", "object_": "O"}
_NUMBERED = re.compile(r"(float|int|uint)(8|16|32|64)")


def read_dtype(value: object) -> str:
    """Name an element type as arrays do (``f8``), however it was given: a class, a dtype or its name."""
    if isinstance(value, StandIn):  # numpy.dtype("f4")
        value = value.args[0] if value.args else None
    elif not isinstance(value, str):
        kind = getattr(value, "kind", None)
        if isinstance(kind, str):
            return f"{kind}{getattr(value, 'itemsize', '')}"
        value = value.name if isinstance(value, Name) else dotted_name(value).rpartition(".")[2]
    text = str(value)
    match = _NUMBERED.fullmatch(text)
    if match:
        return f"{match[1][0]}{int(match[2]) // 8}"
    return _WIDTHS.get(text, text)


def is_single(dtype: str) -> bool:
    """Tell the element types in which scikit-learn computes in fewer than 64 bits."""
    return dtype in ("f2", "f4")
