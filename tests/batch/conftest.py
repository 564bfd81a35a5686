from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from augury.api import load_bundled
from augury.batch.options import Options, Progress, tell_nobody
from augury.batch.run import predict_table
from augury.batch.summary import Summary
from augury.model import Model
from tests.batch.tables import Row, read_types
from tests.doors import Answer
from tests.engines.postgresql import find_programs, run_postgresql

Predict = Callable[..., Summary]


@pytest.fixture(scope="session")
def model() -> Model:
    """The churn model that comes with Augury."""
    return load_bundled()


@pytest.fixture(scope="session")
def customers(telco_csv: Path) -> list[dict[str, str]]:
    """The rows of the real table, as texts."""
    with telco_csv.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def predict(model: Model, tmp_path: Path) -> Predict:
    """Score a table as the options say, into ``out.csv`` where they do not say."""

    def run(source: object, progress: Progress = tell_nobody, **said: object) -> Summary:
        said.setdefault("output", tmp_path / "out.csv")
        options = Options(source=str(source), threads=2, **said)  # type: ignore[arg-type]
        return predict_table(model, options, progress)

    return run


_POSTGRESQL_TYPES = {int: "integer", float: "numeric", str: "text"}


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    """The folder of a PostgreSQL server's socket."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with run_postgresql(programs) as folder:
        yield folder


@pytest.fixture
def database(server: Path, customers: list[Row]) -> str:
    """The address of a database with the real table, its amounts as numeric."""
    name = f"d{uuid4().hex}"
    subprocess.run(["createdb", "-h", str(server), "-U", "tests", name], check=True)
    address = f"postgresql:///{name}?host={server}&user=tests"
    rows = [read_types(row) for row in customers]
    columns = ", ".join(f'"{key}" {_POSTGRESQL_TYPES[type(value)]}' for key, value in rows[0].items())
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE customers ({columns})")  # type: ignore[arg-type]
        with cursor.copy("COPY customers FROM STDIN") as copy:
            for row in rows:
                copy.write_row(tuple(row.values()))
    return address


def write_csv(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    """Write rows of texts as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read rows of texts from CSV."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_answer(row: Row) -> Answer:
    """Read the answer in a row of texts."""
    return Answer(float(row["churn_probability"]), row["churn"] == "true")
