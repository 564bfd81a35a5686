"""``KBinsDiscretizer``: from a number to its bin, as one column or one for each bin."""

from __future__ import annotations

import math
import struct
from bisect import bisect_right
from collections.abc import Callable

from augury.errors import UnsupportedError
from augury.frontends.columns import Coded, Column, Key, read_number
from augury.frontends.plain import Attributes, is_single, make_series, read_dtype, read_float, read_series
from augury.frontends.reading import Block, Reading
from augury.ir.nodes import Bin

# Below this version a value is pushed up by 1e-8 + 1e-5·|x| before it is binned.
_WITHOUT_PUSH = (1, 1)


def read_k_bins_discretizer(attributes: Attributes, block: Block, reading: Reading) -> Block:
    """Read a fitted KBinsDiscretizer."""
    dtype = attributes.get("dtype")
    if (dtype is not None and is_single(read_dtype(dtype))) or block.is_single:
        raise UnsupportedError([("dtype", "it compares in 32 bits; fit it with dtype=None on 64-bit floats")])
    all_edges = read_series(attributes, "bin_edges_")
    if len(all_edges) != len(block.columns):
        raise UnsupportedError([("bin_edges_", f"it knows {len(all_edges)} columns, not {len(block.columns)}")])
    encode = attributes.get("encode")
    columns: list[Column] = []
    for column, part in zip(block.columns, all_edges, strict=True):
        edges = [read_float(edge, "bin_edges_") for edge in make_series(part, "bin_edges_")]
        inner = edges[1:-1]
        if reading.version < _WITHOUT_PUSH:
            inner = [find_threshold(edge) for edge in inner]
        columns.extend(_make_columns(_bin(column, inner, reading), len(inner) + 1, encode, reading))
    return Block(columns, is_sparse=encode == "onehot")


def _bin(column: Column, edges: list[float], reading: Reading) -> Coded:
    """Make the column of the bin's number; the discretizer refuses missing values."""
    if not all(map(math.isfinite, edges)) or edges != sorted(edges):
        raise UnsupportedError([("bin_edges_", "the edges are not finite and increasing")])
    group = reading.next_group()
    if isinstance(column, Coded):

        def place(number: float | None) -> float | None:
            return None if number is None or math.isnan(number) else float(bisect_right(edges, number))

        places = {key: place(column.values.get(key, column.default)) for key in column.keys}
        known = {key: number for key, number in places.items() if number is not None}
        return Coded(column.source, tuple(known), known, 0.0, place(column.missing), place(column.unseen), group)
    distinct = sorted(set(edges))
    bins: dict[Key, float] = {at: float(bisect_right(edges, edge)) for at, edge in enumerate(distinct, start=1)}
    return Coded(Bin(read_number(column), tuple(distinct)), (0, *bins), bins, 0.0, None, None, group)


def _make_columns(column: Coded, size: int, encode: object, reading: Reading) -> list[Column]:
    if isinstance(column.source, str):
        reading.demands.append(column)
    if encode == "ordinal":
        return [column]
    if encode not in ("onehot", "onehot-dense"):
        raise UnsupportedError([("encode", f"{encode!r} is no encoding that Augury knows")])
    group = reading.next_group()

    def make(place: int) -> Coded:
        keys = [key for key in column.keys if column.values.get(key, column.default) == place]
        missing, unseen = (None if part is None else float(part == place) for part in (column.missing, column.unseen))
        return Coded(column.source, column.keys, dict.fromkeys(keys, 1.0), 0.0, missing, unseen, group)

    return [make(place) for place in range(size)]


# --- the push of old versions


def find_threshold(edge: float) -> float:
    """Find the least double that an old version pushes up to ``edge`` or beyond, so that comparing needs no push.

    The push is increasing but for its rounding next to zero, where an edge is refused that has no such threshold.
    Source: ``KBinsDiscretizer.transform`` of 0.20.4 to 1.0: ``digitize(x + (1e-8 + 1e-5 * abs(x)), bin_edges[1:])``.
    """
    low, high = -_LARGEST, _LARGEST
    while low < high:  # bisection over the doubles in their order
        middle = (low + high) // 2
        if _push(_from_rank(middle)) >= edge:
            high = middle
        else:
            low = middle + 1
    is_clean = all(_push(_from_rank(low + step)) >= edge for step in range(_CHECKED)) and not any(
        _push(_from_rank(low - step)) >= edge for step in range(1, _CHECKED)
    )
    if not is_clean:
        raise UnsupportedError([("bin_edges_", f"the edge {edge!r} is blurred by rounding in this old version")])
    return _from_rank(low)


def _push(x: float) -> float:
    return x + (1e-8 + 1e-5 * abs(x))


# Doubles in order: the rank of x ≥ 0 is its bits as an integer, of −x its negation. The largest finite one:
_LARGEST = 0x7FEFFFFFFFFFFFFF
# Rounding blurs the push over a few neighbours at most; this many are looked at on each side.
_CHECKED = 64

_from_bits: Callable[[int], float] = lambda bits: struct.unpack("<d", struct.pack("<q", bits))[0]  # noqa: E731


def _from_rank(rank: int) -> float:
    rank = max(-_LARGEST, min(rank, _LARGEST))
    return _from_bits(rank) if rank >= 0 else -_from_bits(-rank)
