"""Check the rows of a table against a contract: each distinct cell once, because a column repeats itself."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, repeat
from typing import cast

from msgspec import Struct

from augury.contract.check import Checked, RecordChecker, Suggestions
from augury.contract.faults import Code
from augury.contract.fields import Contract, Feature, Field, IdentifierField
from augury.contract.values import Value
from augury.errors import ContractError
from augury.tables.cells import iter_records, read_cells
from augury.tables.column import CODE, Column
from augury.tables.table import ABSENT, Table


class Tally(Struct, frozen=True):
    """A fault or a note of one field: in how many rows of the table, and its sentence in the first of them."""

    field: str
    code: Code
    rows: int
    detail: str


class FieldColumn(Struct, frozen=True):
    """The checked values of one feature.

    Args:
        name: of the field.
        values: by code; one value may stand there several times, for every cell that spells it.
        codes: of each accepted row the index of its value, (n_rows,).
    """

    name: str
    values: tuple[Value, ...]
    codes: array[int]

    def __iter__(self) -> Iterator[Value]:
        """Yield the value of each accepted row."""
        return map(self.values.__getitem__, self.codes)

    def count_values(self) -> dict[Value, int]:
        """Count in how many rows each value stands."""
        counts: dict[Value, int] = {}
        for value, count in zip(self.values, Column(self.name, self.values, self.codes).count_cells(), strict=True):
            counts[value] = counts.get(value, 0) + count
        return counts


class Rows(Struct, frozen=True):
    """The rows of a table that a contract accepts.

    Args:
        columns: one for each feature, in the contract's order.
        positions: of each accepted row in the table, counted from 0.
        refused: how many rows were refused.
        refusals: for what, the most frequent first; a row may have several.
        notes: what was accepted with a note, in the same way.
    """

    columns: tuple[FieldColumn, ...]
    positions: Sequence[int]
    refused: int
    refusals: tuple[Tally, ...]
    notes: tuple[Tally, ...] = ()

    @property
    def row_count(self) -> int:
        """How many rows are accepted."""
        return len(self.positions)

    def iter_records(self, indices: Sequence[int] | None = None) -> Iterator[Mapping[str, Value]]:
        """Yield accepted rows as field → value: all, or those at these indices into :attr:`positions`."""
        names = [column.name for column in self.columns]
        if indices is None:
            rows: Iterator[tuple[Value, ...]] = zip(*self.columns, strict=True)
        else:
            rows = (tuple(column.values[column.codes[index]] for column in self.columns) for index in indices)
        return (dict(zip(names, row, strict=True)) for row in rows)

    def spread(self, limit: int) -> Sequence[int]:
        """Choose at most ``limit`` accepted rows, evenly spaced, as indices into :attr:`positions`."""
        count = self.row_count
        return range(count) if count <= limit else [index * count // limit for index in range(limit)]


def check_table(contract: Contract, table: Table, columns: Sequence[str] | None = None) -> Rows:
    """Check every row of a table, by the door of the table's kind; it may be that none is accepted.

    ``columns`` are the names of the columns that make up the records, None for all that spell a field. One that spells
    no field is an unknown key of every row that has it.

    Raises:
        ContractError: two columns are spellings of one field.
    """
    checker = RecordChecker(contract)
    judged = [_judge_column(checker, table, index, field) for index, field in _find_columns(checker, table, columns)]
    present = {each.field.name for each in judged if each.field is not None}
    lacking = [field for field in contract.features if field.name not in present]
    judged.extend(_judge_lacking(checker, table, field) for field in lacking)
    kept = _find_kept(judged, table.row_count)
    positions = range(table.row_count) if kept is None else array(CODE, compress(range(table.row_count), kept))
    by_name = {each.field.name: each for each in judged if each.field is not None}
    columns_kept = tuple(_keep(by_name[field.name], field.name, kept) for field in contract.features)
    return Rows(columns_kept, positions, table.row_count - len(positions), *_tally(judged, kept))


def check_row(contract: Contract, table: Table, position: int, columns: Sequence[str] | None = None) -> Checked:
    """Check one row as the record that it is, with every pointer and suggestion, to say why it was refused.

    Raises:
        ContractError: two columns are spellings of one field.
    """
    checker = RecordChecker(contract)
    indices = [index for index, _ in _find_columns(checker, table, columns)]
    return checker.check(next(iter_records(table.take([position]), checker, indices)))


def _find_columns(
    checker: RecordChecker, table: Table, columns: Sequence[str] | None
) -> list[tuple[int, Field | None]]:
    """Find which columns are read, and which field each spells."""
    wanted = None if columns is None else frozenset(columns)
    found = [(index, checker.find_field(name)) for index, name in enumerate(table.columns)]
    found = [
        (index, field)
        for index, field in found
        if (field is not None if wanted is None else table.columns[index] in wanted)
    ]
    spelt: dict[str, list[str]] = {}
    for index, field in found:
        if field is not None:
            spelt.setdefault(field.name, []).append(repr(table.columns[index]))
    problems = [f"{' and '.join(twins)} are spellings of {name!r}" for name, twins in spelt.items() if len(twins) > 1]
    if problems:
        what = f"columns {'; '.join(problems)}"
        raise ContractError(what, where=table.where, mend="leave only one of them in the table")
    return found


# --- one column


class _Found(Struct, frozen=True):
    """The faults, or the notes, of a column: which distinct cell has which, and the sentence of the first of each."""

    by_cell: dict[int, Code]
    details: dict[Code, str]


class _Judged(Struct, frozen=True):
    """A column whose distinct cells were judged; a cell that is refused has the value None."""

    field: Field | None
    values: tuple[Value, ...]
    codes: array[int]
    faults: _Found
    notes: _Found


def _judge_column(checker: RecordChecker, table: Table, index: int, field: Field | None) -> _Judged:
    column = table.coded[index]
    # Nobody reads a suggestion for each of a million cells, and each costs up to a millisecond.
    no_suggestions = Suggestions(0)

    def judge(cell: object) -> Checked:
        if cell is ABSENT:
            return _NOTHING if field is None or isinstance(field, IdentifierField) else checker.check_absence(field)
        if field is None:
            return _find_unknown(checker, column.name, cell)
        return checker.check_member(field, column.name, cell, no_suggestions)

    return _gather(field, map(judge, read_cells(table, index, field)), column.codes)


# What is found of a record that has no such key, and need not have it.
_NOTHING = Checked((None,), (), ())


def _find_unknown(checker: RecordChecker, key: str, cell: object) -> Checked:
    """Find what a record is told about a key of no field: of a record with nothing else, what names no field."""
    alone = checker.check([(key, cell)], Suggestions(0))
    return Checked((), alone.notes, tuple(fault for fault in alone.faults if not fault.field))


def _judge_lacking(checker: RecordChecker, table: Table, field: Feature) -> _Judged:
    """Judge a feature for which the table has no column at all: every record lacks it."""
    return _gather(field, [checker.check_absence(field)], array(CODE, repeat(0, table.row_count)))


def _gather(field: Field | None, checked: Iterable[Checked], codes: array[int]) -> _Judged:
    values: list[Value] = []
    faults, notes = _Found({}, {}), _Found({}, {})
    for cell, each in enumerate(checked):
        values.append(each.values[0] if each.values else None)
        for found, findings in ((faults, each.faults), (notes, each.notes)):
            for finding in findings:
                found.by_cell[cell] = finding.code
                found.details.setdefault(finding.code, finding.detail)
    return _Judged(field, tuple(values), codes, faults, notes)


# --- all columns


def _find_kept(judged: Sequence[_Judged], row_count: int) -> bytes | None:
    """Find which rows have no fault in any column, a byte a row; None where all are kept."""
    kept: int | None = None
    for each in judged:
        if each.faults.by_cell:
            fine = bytes(cell not in each.faults.by_cell for cell in range(len(each.values)))
            of_column = int.from_bytes(bytes(map(fine.__getitem__, each.codes)), "little")
            # One long integer, because its `and` takes eight rows at once.
            kept = of_column if kept is None else kept & of_column
    return None if kept is None else kept.to_bytes(row_count, "little")


def _tally(judged: Sequence[_Judged], kept: bytes | None) -> tuple[tuple[Tally, ...], tuple[Tally, ...]]:
    """Count the faults of all rows, and the notes of those that are kept."""
    faults = [tally for each in judged for tally in _tally_column(each.field, each.faults, each.codes)]
    notes = [
        tally
        for each in judged
        for tally in _tally_column(each.field, each.notes, each.codes if kept is None else compress(each.codes, kept))
    ]
    return tuple(sorted(faults, key=_find_rank)), tuple(sorted(notes, key=_find_rank))


def _find_rank(tally: Tally) -> int:
    return -tally.rows


def _tally_column(field: Field | None, found: _Found, codes: Iterable[int]) -> Iterator[Tally]:
    if found.by_cell:
        rows: Counter[Code] = Counter()
        for cell, count in Counter(codes).items():
            if cell in found.by_cell:
                rows[found.by_cell[cell]] += count
        for code, count in rows.items():
            yield Tally(field.name if field else "", code, count, found.details[code])


def _keep(judged: _Judged, name: str, kept: bytes | None) -> FieldColumn:
    if kept is None:
        return FieldColumn(name, judged.values, judged.codes)
    column = Column(name, judged.values, judged.codes).keep(kept)
    return FieldColumn(name, cast("tuple[Value, ...]", column.cells), column.codes)
