"""Arrays as plain values: rebuilt from bytes, element type and shape by our own code."""

from __future__ import annotations

import itertools
import math
import re
import struct

import msgspec

from augury.errors import PickleError
from augury.frontends.limits import MAX_ELEMENTS

STRUCT_CODES = {
    "f2": "e", "f4": "f", "f8": "d", "b1": "?",
    "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q",
}  # fmt: skip
"""NumPy's element types in the words of :mod:`struct`; text (``U``), bytes (``S``) and objects (``O``) are apart."""

ELEMENT = re.compile(r"([a-zA-Z])(\d{0,9})")
TEXT_WIDTH = 4
"""Bytes of a character in NumPy's text: it is UTF-32."""


class Array(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hold an array: ``values`` in row order, ``len(values) == prod(shape)``, each a plain Python value.

    ``dtype`` is the element's kind and bytes without byte order (``f8 f4 i8 b1 U7 S3 O``): a float32 stays exactly the
    number it was, and ``dtype`` says in which width its library compared it.
    """

    shape: tuple[int, ...]
    values: tuple[object, ...]
    dtype: str

    def nested(self) -> object:
        """Nest the values in tuples, one level for each dimension, as ``ndarray.tolist`` does in lists."""
        return _nest(self.shape, self.values)


def _nest(shape: tuple[int, ...], values: tuple[object, ...]) -> object:
    if not shape:
        return values[0]
    step = len(values) // shape[0] if shape[0] else 0
    return tuple(_nest(shape[1:], values[row * step : (row + 1) * step]) for row in range(shape[0]))


class Element(msgspec.Struct, frozen=True):
    """Describe an array's element: its ``kind`` letter, its ``width`` in bytes, and whether it is big-endian."""

    kind: str
    width: int
    big: bool

    @property
    def dtype(self) -> str:
        """Name the element type as :class:`Array` does: text counts characters."""
        if self.kind == "O":
            return "O"
        return f"{self.kind}{self.width // TEXT_WIDTH if self.kind == 'U' else self.width}"


def read_element(spelling: object, order: object) -> Element:
    """Read an element type from NumPy's ``spelling`` (``f8``) and byte ``order`` (``<``, ``>``, ``|`` or ``=``)."""
    match = ELEMENT.fullmatch(spelling) if isinstance(spelling, str) else None
    if match is None or order not in ("<", ">", "|", "="):
        raise PickleError("an array in it has an element type that cannot be read")
    kind, digits = match.groups()
    width = int(digits or 0) * (TEXT_WIDTH if kind == "U" else 1)
    if kind != "O" and width == 0:
        raise PickleError("an array in it has elements of no width")
    return Element(kind, width, order == ">")


def read_shape(shape: object) -> tuple[int, ...]:
    """Check that a shape is a short tuple of small integers, so that even an array without elements is small."""
    if not isinstance(shape, tuple) or len(shape) > 32 or not all(type(n) is int and n >= 0 for n in shape):
        raise PickleError("an array in it has a shape that is not a tuple of integers")
    if math.prod(max(n, 1) for n in shape) > MAX_ELEMENTS:
        raise PickleError(f"an array in it claims more than {MAX_ELEMENTS} elements")
    return shape


def read_values(content: bytes, element: Element, count: int) -> tuple[object, ...]:
    """Decode ``count`` elements that fill ``content`` exactly."""
    if len(content) != count * element.width:
        raise PickleError(
            f"an array in it has {len(content)} bytes where its shape and type need {count * element.width}"
        )
    if element.kind in "US":
        return tuple(_read_text(content, element))
    code = STRUCT_CODES.get(element.dtype)
    if code is None:
        raise PickleError(
            f"an array in it has elements of type {element.dtype}, which no model that Augury compiles has"
        )
    return struct.unpack(f"{'>' if element.big else '<'}{count}{code}", content)


def _read_text(content: bytes, element: Element) -> list[object]:
    """Cut fixed-width text or bytes, whose padding is U+0000 at the end."""
    pieces = (content[i : i + element.width] for i in range(0, len(content), element.width))
    if element.kind == "S":
        return [piece.rstrip(b"\0") for piece in pieces]
    coding = "utf-32-be" if element.big else "utf-32-le"
    return [piece.decode(coding).rstrip("\0") for piece in pieces]


def order_rows(values: tuple[object, ...], shape: tuple[int, ...], axes: tuple[int, ...] | None) -> tuple[object, ...]:
    """Reorder values into row order, where memory holds ``axes``, slowest first; None: they are in it already."""
    if axes is None or not values:
        return values
    if sorted(axes) != list(range(len(shape))):
        raise PickleError("an array in it has an order of axes that is no permutation")
    strides = [0] * len(shape)
    step = 1
    for axis in reversed(axes):
        strides[axis] = step
        step *= shape[axis]
    steps = [range(0, n * stride, stride) for n, stride in zip(shape, strides, strict=True)]
    return tuple(values[sum(offsets)] for offsets in itertools.product(*steps))
