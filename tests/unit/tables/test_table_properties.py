"""What holds for every table: bytes are a table or one sentence, and a table satisfies its own contract."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from augury.contract.check import RecordChecker
from augury.contract.fields import check_contract
from augury.errors import ContractError, TableError
from augury.ir.walk import Rules
from augury.tables.cells import iter_records
from augury.tables.contract_text import write_contract
from augury.tables.contract_toml import correct_contract, read_contract
from augury.tables.learn import learn_contract
from augury.tables.propose import propose_contract
from augury.tables.read import read_table
from augury.tables.table import Table, make_table

PLAIN = st.characters(min_codepoint=0x20, exclude_categories=["Cs"])
WORDS = st.sampled_from(["yes", "Yes", "no", "NA", "null", "", " ", "a b", "1", "0", "-0", "2.5", "1e3", "true"])
TEXTS = WORDS | st.text(PLAIN, max_size=4)
VALUES = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
NAMES = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4, unique=True)
SNIPPETS = [
    b'"',
    b",",
    b";",
    b"\t",
    b"\n",
    b"\r\n",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"{",
    b"[",
    b"]",
    b"1",
    b"a",
    b":",
]


@st.composite
def _columns(draw: st.DrawFn, cells: st.SearchStrategy[object], is_text: bool) -> Table:
    """Draw a table whose columns each repeat a few values, as columns do."""
    names = draw(NAMES)
    rows = draw(st.integers(1, 12))
    pools = [draw(st.lists(cells, min_size=1, max_size=4)) for _ in names]
    columns = [draw(st.lists(st.sampled_from(pool), min_size=rows, max_size=rows)) for pool in pools]
    return make_table(names, list(zip(*columns, strict=True)), is_text=is_text, where="drawn")


RULES = Rules(missing=True, unseen=True)
TABLES = _columns(TEXTS, is_text=True) | _columns(VALUES, is_text=False)


@given(TABLES)
def test_a_table_satisfies_its_own_contract(table: Table) -> None:
    """Every row of a table is accepted by the contract proposed from it, with no note but that a null is imputed."""
    try:
        proposed = propose_contract(table)
    except ContractError:  # no column is left
        return
    check_contract(proposed.contract)
    checker = RecordChecker(proposed.contract)
    used = [table.columns.index(field.name) for field in proposed.contract.features]
    for members in iter_records(table, checker, used):
        checked = checker.check(members)
        assert checked.faults == ()
        assert {note.code for note in checked.notes} <= {"imputed"}


@given(TABLES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_proposed_can_be_learnt_again(tmp_path: Path, table: Table) -> None:
    """Its own table teaches a proposed contract nothing new, and its file corrects nothing."""
    try:
        proposed = propose_contract(table).contract
    except ContractError:
        return
    learned = learn_contract(proposed.features, dict.fromkeys(table.columns, RULES), table)
    assert {field.name for field in learned.contract.features} == {field.name for field in proposed.features}
    assert learned.rows.row_count == table.row_count
    write_contract(proposed, tmp_path / "contract.toml")
    assert read_contract(tmp_path / "contract.toml") == proposed
    assert correct_contract(proposed, proposed) == proposed


@given(st.lists(st.sampled_from(SNIPPETS) | st.binary(max_size=3), max_size=40), st.sampled_from([".csv", ".json", ""]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_table_or_one_sentence(tmp_path: Path, pieces: list[bytes], suffix: str) -> None:
    """Whatever a file holds, it is a table or one TableError of one line; compressed, it is the same table."""
    path = tmp_path / f"t{suffix}"
    answers = []
    for content in (b"".join(pieces), gzip.compress(b"".join(pieces), mtime=0)):
        path.write_bytes(content)
        try:
            table = read_table(path)
        except TableError as error:
            answers.append(str(error))
        else:
            assert {len(row) for row in tuple(table.iter_rows())} == {len(table.columns)}
            answers.append(repr(tuple(table.iter_rows())))
    assert "\n" not in answers[0]
    if not b"".join(pieces).startswith(b"\x1f\x8b"):
        assert answers[0] == answers[1]


@pytest.mark.parametrize("limit", [1e308, -1e308])
def test_ranges_at_the_ends_of_the_line(limit: float) -> None:
    """A column that goes to the ends of the doubles has a finite range."""
    (field,) = propose_contract(read_table([{"x": limit}, {"x": 0.5}, {"x": -limit}])).contract.features
    assert math.isfinite(field.accepted.low)  # type: ignore[union-attr]
