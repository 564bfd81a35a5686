"""A column: each distinct cell once, and of each row which one it has, because a column repeats itself."""

from __future__ import annotations

import datetime as dt
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress, islice

from msgspec import Struct

from augury.contract.values import Foreign

# An unsigned C int: four bytes a row, which count to four billion distinct cells.
CODE = "I"


class Column(Struct, frozen=True):
    """A named column, coded.

    Args:
        name: as the header has it.
        cells: the distinct cells, in the order in which they first stand; 1, 1.0 and True are three, 0.0 and -0.0 two.
        codes: of each row the index of its cell, (n_rows,).
    """

    name: str
    cells: tuple[object, ...]
    codes: array[int]

    def __iter__(self) -> Iterator[object]:
        """Yield the cell of each row, from top to bottom."""
        return map(self.cells.__getitem__, self.codes)

    def count_cells(self) -> list[int]:
        """Count in how many rows each distinct cell stands, (n_cells,)."""
        counted = Counter(self.codes)
        return [counted[code] for code in range(len(self.cells))]

    def take(self, positions: Sequence[int]) -> Column:
        """Take the rows at these positions, in this order; a cell that none of them has is left out."""
        return self._recode(map(self.codes.__getitem__, positions))

    def keep(self, mask: bytes) -> Column:
        """Keep the rows whose byte in the mask, (n_rows,), is not 0."""
        return self._recode(compress(self.codes, mask))

    def _recode(self, codes: Iterable[int]) -> Column:
        recoded = _Codes()
        taken = array(CODE, map(recoded.__getitem__, codes))
        return Column(self.name, tuple(self.cells[code] for code in recoded), taken)


class _Codes(dict[int, int]):
    """New codes for old ones: what was not met before gets the next."""

    def __missing__(self, old: int) -> int:
        code = self[old] = len(self)
        return code


class ColumnCoder:
    """Code the cells of one column, block by block; ``only`` is the type of all of them, where that is known."""

    def __init__(self, only: type | None = None) -> None:
        self._cells: list[object] = []
        self._codes = array(CODE)
        self._by_type: dict[type, Callable[[object], int]] = {}
        self._only = None if only is None else self._make_lookup(only)

    def extend(self, cells: Sequence[object]) -> None:
        """Add the cells of the next rows."""
        if self._only is not None:
            self._codes.extend(map(self._only, cells))
            return
        kinds = set(map(type, cells))
        for kind in kinds - self._by_type.keys():
            self._by_type[kind] = self._make_lookup(kind)
        if len(kinds) == 1:
            self._codes.extend(map(self._by_type[kinds.pop()], cells))
        else:
            by_type = self._by_type
            self._codes.extend([by_type[type(cell)](cell) for cell in cells])

    def repeat(self, cell: object, times: int) -> None:
        """Add so many rows that have the same cell."""
        if times:
            self.extend((cell,))
            self._codes.extend(array(CODE, (self._codes[-1],)) * (times - 1))

    def finish(self, name: str) -> Column:
        """Make the column of what was added."""
        return Column(name, tuple(self._cells), self._codes)

    def _make_lookup(self, kind: type) -> Callable[[object], int]:
        """Make what finds the code of a cell of one type; equal cells of two types never meet."""
        if kind in {str, int, bool, type(None)}:
            return _Lookup(self._cells).__getitem__
        keyed: dict[object, int] = {}

        def look_up(cell: object) -> int:
            key = _find_key(cell)
            code = keyed.get(key)
            if code is None:
                code = keyed[key] = len(self._cells)
                self._cells.append(cell)
            return code

        return look_up


class _Lookup(dict[object, int]):
    """The code of each cell of one type; a cell that was not met before joins the distinct ones."""

    def __init__(self, cells: list[object]) -> None:
        super().__init__()
        self._cells = cells

    def __missing__(self, cell: object) -> int:
        code = self[cell] = len(self._cells)
        self._cells.append(cell)
        return code


def _find_key(cell: object) -> object:
    """Find what tells a cell from others of its type, by the same measure as the fingerprint of the table."""
    if isinstance(cell, float):
        return cell or repr(cell)
    return name_type(cell), str(cell) if isinstance(cell, dt.date | dt.time) else ""


def name_type(cell: object) -> str:
    """Name the type of a cell that is no scalar."""
    return cell.name if isinstance(cell, Foreign) else type(cell).__name__


# So many cells are held as they came before they are coded. That many short texts stay in a processor's cache: with 64
# times as many a million rows of the churn table take 18 s instead of 11 s.
_BLOCK_CELLS = 1 << 12
# Of a wide table so many rows at least, or the calls cost more than the cells.
_LEAST_ROWS = 16


def code_rows(
    rows: Iterable[Sequence[object]], names: Sequence[str], *, is_text: bool = False
) -> tuple[tuple[Column, ...], int]:
    """Code rows, each with a cell for every name, all of them texts if ``is_text``; and count them."""
    coders = [ColumnCoder(str if is_text else None) for _ in names]
    height = max(_LEAST_ROWS, _BLOCK_CELLS // max(1, len(names)))
    count = 0
    left = iter(rows)
    while block := list(islice(left, height)):
        count += len(block)
        for coder, cells in zip(coders, zip(*block, strict=True), strict=True):
            coder.extend(cells)
    return tuple(coder.finish(name) for coder, name in zip(coders, names, strict=True)), count


class RecordCoder:
    """Code records whose keys need not be the same; ``lacking`` stands where a record lacks a key."""

    def __init__(self, lacking: object) -> None:
        self._lacking = lacking
        self._coders: dict[str, ColumnCoder] = {}
        self._block: list[Mapping[str, object]] = []
        self._cells = 0
        self._coded = 0

    @property
    def row_count(self) -> int:
        """How many records were added."""
        return self._coded + len(self._block)

    def add(self, record: Mapping[str, object]) -> None:
        """Add the next record."""
        self._block.append(record)
        self._cells += len(record)
        if self._cells >= _BLOCK_CELLS:
            self._code_block()

    def finish(self) -> tuple[Column, ...]:
        """Make the columns of what was added, in the order in which their keys first stood."""
        self._code_block()
        return tuple(coder.finish(name) for name, coder in self._coders.items())

    def _code_block(self) -> None:
        block, lacking = self._block, self._lacking
        for key in dict.fromkeys(chain.from_iterable(block)):
            if key not in self._coders:
                self._coders[key] = ColumnCoder()
                self._coders[key].repeat(lacking, self._coded)
        for key, coder in self._coders.items():
            coder.extend([record.get(key, lacking) for record in block])
        self._coded += len(block)
        self._block, self._cells = [], 0
