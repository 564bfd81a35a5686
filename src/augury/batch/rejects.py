"""Refused rows told: the record checker finds the sentences, a line a fault, and each distinct cell is judged once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from msgspec import Struct

from augury.contract.check import RecordChecker
from augury.contract.faults import MAX_LISTED, OVERFLOW, Fault
from augury.contract.fields import Contract, Field, IdentifierField
from augury.contract.parse import parse_json
from augury.errors import ParityError
from augury.sql.layout import Bound, Kind, SourceColumn
from augury.tables.cells import read_cell, read_text_value
from augury.tables.plain import make_plain_cells

# So many judged cells of a column are kept: a column of few texts repeats itself, and numbers are not kept for long.
_KEPT_CELLS = 4096

# Answers with the faults of a cell. Its type is told too: 1, 1.0 and True are three cells, and equal.
_Judge = Callable[[type, object], tuple[Fault, ...]]


class Reject(Struct, frozen=True):
    """A fault of a refused row, which stands at ``index`` of its batch."""

    index: int
    fault: Fault


class RejectFinder:
    """Find what is wrong with refused rows.

    A null of a column in ``lacking``, or of a dynamic one, says that the row lacks the column.
    """

    def __init__(self, contract: Contract, bound: Bound, lacking: frozenset[str] = frozenset()) -> None:
        self._checker = RecordChecker(contract)
        self._is_text = bound.is_text
        self._lacking = lacking
        features = zip(contract.features, bound.features, strict=True)
        columns = {field.name: column for field, column in features} | bound.identifiers
        # In the contract's order, as a record's faults are.
        self._judges = [
            (columns.get(field.name), self._make_judge(field, columns.get(field.name))) for field in contract.fields
        ]

    def find(
        self, batch: Mapping[str, Sequence[object]], rows: Sequence[int], overflown: Sequence[bool]
    ) -> Iterator[Reject]:
        """Find the faults of refused rows, at most as many of each as a record's answer lists.

        Args:
            batch: the cells of each column.
            rows: the number of each row.
            overflown: whether the engine says that the margin of a row is not finite.

        Raises:
            ParityError: a row has none, so that the engine refused what the contract accepts.
        """
        plain = {name: make_plain_cells(cells) for name, cells in batch.items()}
        for index, row in enumerate(rows):
            found = list(islice(self._find_faults(plain, index), MAX_LISTED))
            if not found and overflown[index]:
                found = [OVERFLOW]
            if not found:
                what = f"row {row} was refused in SQL, and the contract accepts it"
                raise ParityError(what, mend="please report this with the row")
            for fault in found:
                yield Reject(index, fault)

    def _find_faults(self, batch: Mapping[str, Sequence[object]], index: int) -> Iterator[Fault]:
        for column, judge in self._judges:
            cell = None if column is None else batch[column.name][index]
            yield from judge(type(cell), cell)

    def _make_judge(self, field: Field, column: SourceColumn | None) -> _Judge:
        """Make what judges the cells of a field; of a field without a column there is but one answer."""
        absent = () if isinstance(field, IdentifierField) else self._checker.check_absence(field).faults
        if column is None:
            return lambda _kind, _cell: absent
        name, kind = column.name, column.kind
        lacks = kind == "dynamic" or name in self._lacking

        @lru_cache(_KEPT_CELLS)
        def judge(_type: type, cell: object) -> tuple[Fault, ...]:
            if lacks and cell is None:
                return absent
            return self._checker.check_member(field, name, self._read(field, kind, cell)).faults

        return judge

    def _read(self, field: Field, kind: Kind, cell: object) -> object:
        """Read a cell as the door of its column's kind does."""
        if not isinstance(cell, str):
            return cell
        if self._is_text:
            return read_cell(field, cell)
        if kind == "dynamic":
            return parse_json(cell.encode())
        return read_text_value(field, cell) if kind == "text" else cell
