"""The rows of a table, held to a contract column by column."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from augury.contract.check import Checked, RecordChecker, Suggestions
from augury.contract.fields import (
    BooleanField,
    Bounds,
    CategoryField,
    Contract,
    IdentifierField,
    IntegerField,
    NumberField,
)
from augury.errors import ContractError
from augury.tables.cells import iter_records
from augury.tables.known_rows import KnownRows
from augury.tables.read import read_table
from augury.tables.rows import Rows, check_row, check_table
from augury.tables.table import Table, make_table

CONTRACT = Contract(
    fields=(
        IdentifierField(name="key"),
        NumberField(name="number", seen=Bounds(0.0, 2.0), accepted=Bounds(0.0, 4.0), null="impute"),
        IntegerField(name="count", seen=Bounds(0.0, 2.0), accepted=Bounds(-2.0, 4.0), near="refuse", absent="optional"),
        CategoryField(name="word", levels=("yes", "no")),
        CategoryField(name="digit", levels=(0, 1), unseen="note", null="impute"),
        BooleanField(name="truth", absent="optional"),
    )
)
COLUMNS = ("Key", "number", "COUNT", "word", "digit", "truth", "other")
TEXTS = st.sampled_from(["", " ", "0", "1", "1.5", "3", "-1", "1e9", "yes", "Yes", "no", "NA", "true", "1e400", "a\tb"])
VALUES = TEXTS | st.sampled_from([None, True, False, 0, 1, 1.0, -0.0, 0.0, 1.5, 3, -1, float("inf"), 10**30])


@st.composite
def _tables(draw: st.DrawFn) -> Table:
    """Draw a table of some of the columns; a typed one may lack cells."""
    names = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, unique=True))
    is_text = draw(st.booleans())
    cells = TEXTS if is_text else VALUES
    height = draw(st.integers(1, 8))
    rows = draw(st.lists(st.tuples(*[cells for _ in names]), min_size=height, max_size=height))
    if is_text:
        return make_table(names, rows, is_text=True, where="drawn")
    kept = draw(st.lists(st.sets(st.sampled_from(names)), min_size=height, max_size=height))
    records = [
        {name: cell for name, cell in zip(names, row, strict=True) if name in has}
        for row, has in zip(rows, kept, strict=True)
    ]
    return read_table([{names[0]: "x"}, *records])


def _check_each(table: Table) -> list[Checked]:
    checker = RecordChecker(CONTRACT)
    records = iter_records(table, checker, range(len(table.columns)))
    return [checker.check(members, Suggestions(0)) for members in records]


def _show(rows: Rows) -> str:
    return repr([tuple(record.values()) for record in rows.iter_records()])


@given(_tables())
def test_columns_are_checked_as_records_are(table: Table) -> None:
    """Which rows are accepted, with which values, and why others are not, is what the check of each record says."""
    rows = check_table(CONTRACT, table, table.columns)
    checked = _check_each(table)
    accepted = [position for position, each in enumerate(checked) if not each.faults]
    assert list(rows.positions) == accepted
    assert (rows.row_count, rows.refused) == (len(accepted), table.row_count - len(accepted))
    assert _show(rows) == repr([checked[position].values for position in accepted])
    for tallies, found in (
        (rows.refusals, [fault for each in checked for fault in each.faults]),
        (rows.notes, [note for position in accepted for note in checked[position].notes]),
    ):
        counts = Counter((finding.field, finding.code) for finding in found)
        assert {(tally.field, tally.code): tally.rows for tally in tallies} == counts
        assert [tally.rows for tally in tallies] == sorted(counts.values(), reverse=True)
    details = {finding.detail for each in checked for finding in (*each.faults, *each.notes)}
    assert {tally.detail for tally in (*rows.refusals, *rows.notes)} <= details


@given(_tables())
def test_the_rows_that_are_known(table: Table) -> None:
    """Every accepted row is known among them, and a record with another value anywhere is known only if it is there."""
    rows = check_table(CONTRACT, table, table.columns)
    known = KnownRows(rows)
    records = [dict(record) for record in rows.iter_records()]
    for record in records:
        assert known.has(record)
        for changed in ({**record, "number": 0.25}, {**record, "word": "no"}):
            assert known.has(changed) == (changed in records)


@given(_tables(), st.data())
def test_taking_rows(table: Table, data: st.DataObject) -> None:
    """The rows taken are those at the positions, in their order, and to take all of them changes nothing."""
    assert table.take(range(table.row_count)) == table
    positions = data.draw(st.lists(st.integers(0, table.row_count - 1)))
    rows = list(table.iter_rows())
    taken = table.take(positions)
    assert repr(list(taken.iter_rows())) == repr([rows[position] for position in positions])
    assert all(set(column.codes) == set(range(len(column.cells))) for column in taken.coded)


def _make_rows(count: int) -> Rows:
    cells: list[dict[str, Any]] = [{"word": "yes", "number": index % 4, "digit": 0} for index in range(count)]
    return check_table(CONTRACT, read_table(cells))


def test_rows_spread_evenly() -> None:
    """Of few rows all are chosen, of many so many, from the first to near the last, each once."""
    rows = _make_rows(10)
    assert list(rows.spread(10)) == list(range(10))
    assert list(rows.spread(4)) == [0, 2, 5, 7]
    assert [record["number"] for record in rows.iter_records([0, 2, 5, 7])] == [0.0, 2.0, 1.0, 3.0]


def test_one_row_with_every_pointer() -> None:
    """One row is checked as the record that it is, with pointers in the table's spelling and suggestions."""
    table = read_table([{"number": 1, "Word": "yes", "digit": 0}, {"number": "x", "Word": "yess", "digt": 0}])
    checked = check_row(CONTRACT, table, 1, table.columns)
    assert [(fault.code, fault.pointer, fault.nearest) for fault in checked.faults] == [
        ("type", "/number", None),
        ("level", "/Word", "yes"),
        ("absent", "/digit", "digt"),
    ]


def test_two_columns_of_one_field() -> None:
    """Two columns that spell one field are refused by name, and a column that is not asked for does not count."""
    table = read_table([{"a b": 1.5, "a-b": 2.5}])
    contract = Contract(fields=(NumberField(name="a_b"),))
    with pytest.raises(ContractError, match="columns 'a b' and 'a-b' are spellings of 'a_b'"):
        check_table(contract, table)
    assert [dict(record) for record in check_table(contract, table, ["a-b"]).iter_records()] == [{"a_b": 2.5}]


def test_unknown_columns_count_only_when_they_are_asked_for() -> None:
    """A column of no field is no part of the records unless it is named; then it is an unknown key."""
    contract = Contract(fields=(NumberField(name="n"),), unknown_key="refuse")
    table = read_table([{"n": 1.5, "z": 1}, {"n": 2.5}])
    assert check_table(contract, table).row_count == 2
    rows = check_table(contract, table, ["n", "z"])
    assert (list(rows.positions), [(tally.field, tally.code, tally.rows) for tally in rows.refusals]) == (
        [1],
        [("", "unknown_key", 1)],
    )


def test_no_row_may_be_accepted() -> None:
    """A table of which every row is refused has no rows, and says why."""
    rows = check_table(CONTRACT, read_table([{"number": 1}, {"word": "maybe", "digit": 0}]))
    assert (rows.row_count, rows.refused, list(rows.iter_records())) == (0, 2, [])
    assert [(tally.field, tally.code, tally.rows) for tally in rows.refusals] == [
        ("number", "absent", 1),
        ("word", "absent", 1),
        ("word", "level", 1),
        ("digit", "absent", 1),
    ]
