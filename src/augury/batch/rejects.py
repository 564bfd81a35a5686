"""Refused rows told: the record checker finds the sentences, a line a fault, and each distinct cell is judged once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from augury.contract.check import RecordChecker
from augury.contract.faults import MAX_LISTED, OVERFLOW, Fault
from augury.contract.fields import Contract, Field, IdentifierField
from augury.contract.parse import parse_json
from augury.errors import ParityError
from augury.sql.layout import Bound, Kind, SourceColumn
from augury.sql.told import read_told
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
        self._judges: dict[str, tuple[str | None, _Judge]] = {OVERFLOW.field: (None, lambda _kind, _cell: (OVERFLOW,))}
        for field in contract.fields:
            column = columns.get(field.name)
            self._judges[field.name] = (None if column is None else column.name, self._make_judge(field, column))

    def find(
        self, read: Callable[[str], Sequence[object]], rows: Sequence[int], told: Sequence[str]
    ) -> Iterator[Reject]:
        """Find the faults of refused rows, at most as many of each as a record's answer lists.

        SQL says which fields have one, in the contract's order, as a record's faults are; the checker says what it is.

        Args:
            read: gives the cells of a column.
            rows: the number of each row.
            told: the column of faults.

        Raises:
            ParityError: a field has none, so that SQL refused what the contract accepts.
        """
        columns: dict[str | None, Sequence[object]] = {None: [None] * len(rows)}
        for index, text in enumerate(told):
            for field in _find_fields(text):
                name, judge = self._judges[field]
                if name is not None and name not in columns:
                    columns[name] = make_plain_cells(read(name))
                cell = columns[name][index]
                found = judge(type(cell), cell)
                if not found:
                    what = f"row {rows[index]} was refused in SQL for {field}, and the contract accepts it"
                    raise ParityError(what, mend="please report this with the row")
                for fault in found:
                    yield Reject(index, fault)

    def _make_judge(self, field: Field, column: SourceColumn | None) -> _Judge:
        """Make what judges the cells of a field; of a field without a column there is but one answer."""
        absent = () if isinstance(field, IdentifierField) else self._checker.check_absence(field).faults
        if column is None:
            return lambda _kind, _cell: absent
        name, kind = column.name, column.kind
        lacks = kind == "dynamic" or name in self._lacking

        def judge(_type: type, cell: object) -> tuple[Fault, ...]:
            if lacks and cell is None:
                return absent
            return self._checker.check_member(field, name, self._read(field, kind, cell)).faults

        # What is nested cannot be looked up.
        return judge if kind == "nested" else lru_cache(_KEPT_CELLS)(judge)

    def _read(self, field: Field, kind: Kind, cell: object) -> object:
        """Read a cell as the door of its column's kind does."""
        if not isinstance(cell, str):
            return cell
        if self._is_text:
            return read_cell(field, cell)
        if kind == "dynamic":
            return parse_json(cell.encode())
        return read_text_value(field, cell) if kind == "text" else cell


@lru_cache(_KEPT_CELLS)
def _find_fields(text: str) -> tuple[str, ...]:
    """Find the fields that are told, as many as a record's answer lists."""
    return tuple(told.field for told in read_told(text)[:MAX_LISTED])
