from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

import augury
from augury.cli.sql import DIALECTS as OFFERED
from augury.sql.dialects import DIALECTS
from tests.unit.cli.conftest import Run


def _read(run: Run, artifact: Path, *options: object) -> str:
    ran = run("sql", artifact, "--dialect", "duckdb", *options)
    assert ran.exit_code == 0, ran.stderr
    return ran.stdout


def test_every_dialect_is_offered() -> None:
    """The help lists what there is, though it imports none of it."""
    assert OFFERED == DIALECTS


def test_it_runs_where_it_is_said(run: Run, artifact: Path) -> None:
    """The script scores a table of the training table's names as the model scores its records."""
    model = augury.load(artifact)
    records = [json.loads(line) for line in run("sample", artifact, "-n", 50).stdout.splitlines()]
    names = {field.name: (field.spellings or (field.name,))[0] for field in model.contract.features}
    connection = duckdb.connect()
    rows = [{names[key]: value for key, value in record.items()} for record in records]
    connection.from_arrow(_make_arrow(rows)).create("customers")
    connection.execute("ALTER TABLE customers ADD COLUMN customerID VARCHAR")
    connection.execute(_read(run, artifact, "--view", "churn_scores"))
    found = connection.sql("SELECT churn_probability, faults FROM churn_scores").fetchall()
    assert [round(probability, 12) for probability, _ in found] == [
        round(model.predict_one(record).probability, 12) for record in records
    ]
    assert {faults for _, faults in found} == {None}


def _make_arrow(rows: list[dict[str, object]]) -> object:
    import pyarrow as pa

    return pa.Table.from_pylist(rows)


def test_it_says_what_it_reads(run: Run, artifact: Path) -> None:
    """Above the statement stand the model, the table, the columns with their kinds, and the steps."""
    script = _read(run, artifact, "--table", "crm.customers")
    head = script.partition("WITH ")[0]
    digest = augury.load(artifact).digest.removeprefix("sha256:")[:12]
    assert f"@{digest} in SQL for DuckDB" in head
    assert "It reads crm.customers: " in head
    assert "tenure (integer)" in head
    assert "cleaned: " in head
    assert all(line.startswith("--") for line in head.splitlines())


def test_a_column_may_be_called_otherwise(run: Run, artifact: Path) -> None:
    """--map names the column that a field is read from."""
    assert '"how long" (integer)'.replace('"', "") in _read(run, artifact, "--map", "how long=tenure")


def test_the_names_may_be_the_contracts(run: Run, artifact: Path) -> None:
    """--names contract reads columns that are called as the fields are."""
    own = _read(run, artifact, "--names", "contract")
    assert '"monthlycharges"' in own
    assert '"MonthlyCharges"' not in own


def test_a_table_of_texts_is_read_as_one(run: Run, artifact: Path) -> None:
    """--as-text reads numbers from texts."""
    assert "tenure (text)" in _read(run, artifact, "--as-text")


def test_notes_and_reasons_are_columns_when_asked_for(run: Run, artifact: Path) -> None:
    """--notes and --reasons add columns; --keep names those that are copied."""
    script = _read(run, artifact, "--notes", "--reasons", "--keep", "customerID", "--keep", "region")
    assert 'AS "notes"' in script
    assert 'AS "tenure_reason"' in script
    assert '"region"' in script


def test_json_holds_the_script(run: Run, artifact: Path) -> None:
    """With --json it is one object."""
    said = json.loads(_read(run, artifact, "--json"))
    assert said == {"dialect": "duckdb", "sql": _read(run, artifact)}


def test_a_file_is_written(run: Run, artifact: Path, tmp_path: Path) -> None:
    """-o writes what would have been printed."""
    assert _read(run, artifact, "-o", "scores.sql") == ""
    assert (tmp_path / "scores.sql").read_text() == _read(run, artifact)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--table", "a; DROP TABLE b"), "'a; DROP TABLE b' is not the name of a table"),
        (("--table", "a, b"), "is not the name of a table"),
        (("--table", "(SELECT 1)"), "is not the name of a table"),
        (("--view", "a b"), "'a b' is not the name of a view"),
        (("--map", "x=tenur"), "the contract has no field 'tenur' (nearest is 'tenure')"),
        (("--keep", "churn"), "two columns of the result would be called 'churn'"),
        (("--keep", "Margin"), "two columns of the result would be called 'margin'"),
        (("--dialect", "oracle"), "'oracle' is not one of"),
    ],
)
def test_a_mistake_is_one_sentence(run: Run, artifact: Path, options: tuple[str, ...], said: str) -> None:
    """What cannot be honoured is told in one sentence, and nothing is printed."""
    ran = run("sql", artifact, "--dialect", "duckdb", *options)
    assert ran.exit_code == 2
    assert ran.stdout == ""
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_a_name_cannot_leave_its_quotes(run: Run, artifact: Path) -> None:
    """A column's name that holds a quote or a line's end is a name all the same."""
    script = _read(run, artifact, "--map", 'a"; DROP TABLE b; --\n=tenure')
    assert '"a""; DROP TABLE b; --\n"' in script
    assert [line for line in script.partition("WITH ")[0].splitlines() if not line.startswith("--")] == []
