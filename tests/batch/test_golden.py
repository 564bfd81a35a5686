"""The engine scores the golden rows before it scores a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import msgspec
import pytest

from augury.batch import golden, plan
from augury.batch.options import Options
from augury.batch.run import predict_table
from augury.errors import ParityError
from augury.model import Model
from tests.batch.conftest import Predict
from tests.batch.tables import WRITERS, Row
from tests.unit.artifact.documents import make_document, make_record

Change = Callable[[str], str]


def _break(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Have the statement written otherwise than the model says."""
    write = plan.write_statement
    monkeypatch.setattr(plan, "write_statement", lambda *given, **said: change(write(*given, **said)))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("0.5391868874245773e0", "0.5391868875245773e0"),
        lambda text: text.replace('"probability" >= 0.5e0', '"probability" > 0.7e0'),
        lambda text: text.replace("THEN 1.0e0 / (", "THEN 1.0000001e0 / ("),
        lambda text: text.replace("'two_year'", "'two years'"),
        lambda text: text.replace('"margin" AS "margin"', '"margin" + 1e-12 AS "margin"'),
    ],
    ids=["a digit of a weight", "the threshold", "the link", "a level", "the margin"],
)  # fmt: skip
def test_an_engine_that_scores_otherwise_scores_nothing(
    predict: Predict, telco_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    """A golden row that comes out otherwise stops the run before its first part, and nothing is left of it."""
    _break(monkeypatch, change)
    with pytest.raises(ParityError, match="the engine gives golden row"):
        predict(telco_csv)
    assert [path.name for path in tmp_path.iterdir()] == []


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, dict[str, str]]]:
    """How many golden rows each run asked for, and the types of their columns."""
    found: list[tuple[int, dict[str, str]]] = []
    create = golden._create_table

    def spy(connection: duckdb.DuckDBPyConnection, *given: object) -> None:
        create(connection, *given)  # type: ignore[arg-type]
        described = connection.execute("DESCRIBE augury_part").fetchall()
        (count,) = connection.execute("SELECT count(*) FROM augury_part").fetchone() or (0,)
        found.append((count, {name: kind for name, kind, *_ in described}))

    monkeypatch.setattr(golden, "_create_table", spy)
    return found


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "sqlite"])
def test_every_golden_row_is_asked_at_every_door(
    predict: Predict,
    model: Model,
    customers: list[Row],
    tmp_path: Path,
    asked: list[tuple[int, dict[str, str]]],
    form: str,
) -> None:
    """Whatever holds the table, all of the golden rows are scored in columns like its own."""
    predict(WRITERS[form](customers[:50], tmp_path))
    assert [rows for rows, _ in asked] == [len(model.document.model.golden)]


def test_a_column_that_cannot_hold_them_is_replaced(
    predict: Predict, model: Model, telco_csv: Path, tmp_path: Path, asked: list[tuple[int, dict[str, str]]]
) -> None:
    """Where a table has whole amounts alone, the golden rows, which have others, stand in a column of doubles."""
    table = tmp_path / "whole.parquet"
    duckdb.sql(
        "COPY (SELECT * REPLACE (CAST(MonthlyCharges AS INTEGER) AS MonthlyCharges) "
        f"FROM '{telco_csv}' LIMIT 20) TO '{table}'"
    )
    predict(table)
    ((rows, types),) = asked
    assert (rows, types["MonthlyCharges"]) == (len(model.document.model.golden), "DOUBLE")


@pytest.mark.parametrize("lacks", [True, False])
def test_a_table_is_asked_the_rows_that_it_may_hold(
    tmp_path: Path, asked: list[tuple[int, dict[str, str]]], lacks: bool
) -> None:
    """A table without an optional column is asked golden rows that leave the field out, others the rest."""
    model = Model(make_document())
    row = {key: str(cell).lower() for key, cell in make_record().items() if not (lacks and key == "paperlessbilling")}
    summary = predict_table(
        model, Options(source=str(WRITERS["csv"]([row], tmp_path)), output=tmp_path / "out.csv", ids=("tenure",))
    )
    ((rows, types),) = asked
    assert (rows, "paperlessbilling" in types) == (1, not lacks)
    assert summary.scored == 1


def test_where_each_row_leaves_a_field_out_a_null_says_so(
    tmp_path: Path, asked: list[tuple[int, dict[str, str]]]
) -> None:
    """A table that has an optional column is asked rows without it where there are no others."""
    document = make_document()
    body = msgspec.structs.replace(document.model, golden=document.model.golden[1:])
    row = {key: str(cell).lower() for key, cell in make_record().items()}
    table = WRITERS["csv"]([row], tmp_path)
    predict_table(
        Model(msgspec.structs.replace(document, model=body)), Options(source=str(table), output=tmp_path / "out.csv")
    )
    assert [rows for rows, _ in asked] == [1]
