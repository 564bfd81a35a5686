from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from augury.batch.options import Progress
from augury.errors import AuguryError
from augury.model import Model
from tests.batch.conftest import Predict, read_answer, read_csv
from tests.batch.tables import Row, read_types
from tests.doors import hold_door
from tests.engines.postgresql import find_programs, run_postgresql
from tests.sql.telco_tables import find_law


def test_a_table_of_postgresql_is_scored_as_its_file(
    predict: Predict, database: str, model: Model, telco_csv: Path, tmp_path: Path
) -> None:
    """Rows of a table, and of a query of it, have the decisions of the same rows in a file, numerics among them."""
    predict(telco_csv, output=tmp_path / "file.csv")
    expected = read_csv(tmp_path / "file.csv")
    summary = predict(database, table="public.customers", part_rows=3000)
    assert (summary.scored, summary.refused) == (7043, 0)
    assert read_csv(tmp_path / "out.csv") == expected
    hold_door("postgresql table", model.threshold, find_law(telco_csv), map(read_answer, expected))
    predict(database, query='SELECT * FROM customers WHERE "tenure" < 3 ORDER BY "customerID";')
    chosen = {row["customerID"]: row for row in expected}
    answers = read_csv(tmp_path / "out.csv")
    assert len(answers) == 862
    assert all(answer == chosen[answer["customerID"]] for answer in answers)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "nothing says which rows; name a table by --table, or give a --query"),
        ({"table": "nowhere"}, 'relation "nowhere" does not exist'),
        ({"query": "SELECT 1 / 0 AS x"}, "division by zero"),
        ({"query": 'SELECT "tenure" FROM customers'}, "the table has no column for 'gender'"),
    ],
)
def test_what_is_asked_wrongly_is_one_sentence(
    predict: Predict, database: str, said: dict[str, str], sentence: str
) -> None:
    """A table that is not there, a query that fails and a missing column are told without any SQL."""
    with pytest.raises(AuguryError) as raised:
        predict(database, **said)
    assert sentence in str(raised.value)
    assert "SELECT" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_server_that_goes_away_leaves_finished_parts(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """A server that is gone in the middle is told in one sentence, and what was scored before is kept."""
    programs = find_programs()
    assert programs is not None
    with run_postgresql(programs) as folder:
        address = f"postgresql:///postgres?host={folder}&user=tests"
        with psycopg.connect(address) as connection:
            connection.execute("CREATE TABLE customers AS SELECT generate_series(1, 300000) AS number")
        columns = ", ".join(_write_column(key, cell) for key, cell in read_types(customers[0]).items())
        query = f"SELECT number, {columns}, pg_sleep(0) FROM customers ORDER BY number"
        with pytest.raises(AuguryError) as raised:
            predict(address, query=query, part_rows=5000, progress=_kill_after(20_000, address))
    assert "PostgreSQL says" in str(raised.value)
    assert len(list((tmp_path / "out.csv.augury-parts").glob("part-*.json"))) >= 4


def _write_column(key: str, cell: object) -> str:
    return f"""{cell if not isinstance(cell, str) else f"'{cell}'"} AS "{key}\""""


def _kill_after(rows: int, address: str) -> Progress:
    def watch(_step: str, done: int, _total: int | None) -> None:
        if done >= rows:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%COPY%' "
                    "AND pid <> pg_backend_pid()"
                )

    return watch
