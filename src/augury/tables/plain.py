"""Make the cells of typed sources plain, a column of a block at a time, because most are plain already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from augury.contract.python_record import make_plain
from augury.contract.values import Foreign

# Cells of these types are plain as they are; an integer is within the 64 bits that are kept.
_PLAIN = frozenset({str, bool, type(None)})
_MAX_INT = 2**63 - 1


def iter_plain_rows(blocks: Iterable[Sequence[tuple[object, ...]]]) -> Iterator[tuple[object, ...]]:
    """Yield the rows of blocks with their cells made plain."""
    for block in blocks:
        yield from zip(*map(make_plain_cells, zip(*block, strict=True)), strict=True)


def make_plain_cells(cells: Sequence[object]) -> Sequence[object]:
    """Make cells plain: None, NaN, NaT and NA are null, NumPy scalars Python's; a date keeps its value.

    A record does not need the value of a date, but a fingerprint does.
    """
    kinds = set(map(type, cells))
    if kinds <= _PLAIN:
        return cells
    if kinds <= {float, type(None)}:
        # NaN alone is not equal to itself.
        return [cell if cell == cell else None for cell in cells]  # noqa: PLR0124
    if kinds == {int} and -_MAX_INT <= min(cells) <= max(cells) <= _MAX_INT:  # type: ignore[type-var, operator]
        return cells
    return list(map(_make_cell, cells))


def _make_cell(value: object) -> object:
    plain = make_plain(value)
    return value if isinstance(plain, Foreign) and isinstance(value, dt.date | dt.time) else plain
