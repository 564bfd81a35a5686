"""Answers into a table of a database: all of them in one transaction, or none."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet
import pytest

from augury.api import find_bundled
from augury.batch.into_postgresql import PostgresqlTable
from augury.batch.into_sqlite import SqliteTable
from augury.batch.ledger import Ledger
from augury.batch.options import Destination
from augury.errors import TableError, UsageError
from tests.batch.conftest import Predict, read_csv, write_csv
from tests.batch.tables import Row, make_arrow
from tests.unit.cli.conftest import Run, run

__all__ = ["run"]  # a fixture of the command line's tests

Ask = Callable[[str], list[tuple[object, ...]]]


def _ask_sqlite(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def _ask_postgresql(address: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(address) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def _do_postgresql(address: str, *statements: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test works in a folder of its own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Destination, Ask]:
    """A table that is not there, in a database of each kind, and how to ask that database."""
    if request.param == "sqlite":
        path = tmp_path / "scores.sqlite"
        return Destination(str(path), "scores", "scores.sqlite"), lambda query: _ask_sqlite(path, query)
    address = request.getfixturevalue("database")
    return Destination(address, "scores", "the database"), lambda query: _ask_postgresql(address, query)


def test_a_table_has_what_a_file_has(
    predict: Predict, place: tuple[Destination, Ask], customers: list[Row], tmp_path: Path
) -> None:
    """Every row of several parts is there, with the same identifiers, numbers and labels, in the order of the table."""
    source = write_csv(tmp_path / "t.csv", customers)  # type: ignore[arg-type]
    predict(source)
    into, ask = place
    summary = predict(source, output=tmp_path / "t.table", into=into, part_rows=3000, ids=("tenure",))
    assert (summary.output, summary.rejects, summary.rows) == (into.where, None, 7043)
    found = ask('SELECT "customerID", tenure, churn_probability, churn FROM scores')
    expected = read_csv(tmp_path / "out.csv")
    assert [row[0] for row in found] == [row["customerID"] for row in expected]
    assert [row[1] for row in found] == [row["tenure"] for row in customers]
    assert [row[2] for row in found] == [float(row["churn_probability"]) for row in expected]
    assert [bool(row[3]) for row in found] == [row["churn"] == "true" for row in expected]
    assert not (tmp_path / "t.table.augury-parts").exists()


def test_identifiers_keep_their_types_where_the_database_has_them(
    predict: Predict, place: tuple[Destination, Ask], customers: list[Row], tmp_path: Path
) -> None:
    """Whole numbers stay whole, dates are dates in PostgreSQL, and what a database has not is its text."""
    columns = {
        "small": pa.array([7], pa.int8()),
        "large": pa.array([2**63 - 1], pa.int64()),
        "larger": pa.array([2**64 - 1], pa.uint64()),
        "real": pa.array([0.1], pa.float32()),
        "amount": pa.array([Decimal("1234567890123456.78")], pa.decimal128(20, 2)),
        "day": pa.array([date(2026, 2, 28)], pa.date32()),
        "moment": pa.array([datetime(2026, 2, 28, 12, 30)], pa.timestamp("us")),  # noqa: DTZ001 - of a table
        "none": pa.array([None], pa.string()),
    }
    table = make_arrow(customers[:1])
    for name, column in columns.items():
        table = table.append_column(name, column)
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet")
    into, ask = place
    predict(tmp_path / "t.parquet", output=tmp_path / "t.table", into=into, ids=tuple(columns))
    found = dict(zip(columns, ask(f"SELECT {', '.join(columns)} FROM scores")[0], strict=True))
    is_server = into.address.startswith("postgresql")
    assert found == {
        "small": 7,
        "large": 2**63 - 1,
        "larger": "18446744073709551615",
        "real": float(columns["real"][0].as_py()),
        "amount": "1234567890123456.78",
        "day": date(2026, 2, 28) if is_server else "2026-02-28",
        "moment": datetime(2026, 2, 28, 12, 30) if is_server else "2026-02-28 12:30:00",  # noqa: DTZ001 - likewise
        "none": None,
    }


def test_refused_rows_stand_there_where_all_are_kept(
    predict: Predict, place: tuple[Destination, Ask], customers: list[Row], tmp_path: Path
) -> None:
    """A refused row has its faults and no number; without --keep all it is in the reject file alone."""
    rows = [{**customers[0], "Contract": "Weekly"}, *customers[1:3]]
    source = write_csv(tmp_path / "t.csv", rows)  # type: ignore[arg-type]
    into, ask = place
    predict(source, output=tmp_path / "t.table", into=into, keep="all")
    (refused,) = ask("SELECT churn_probability, churn, faults FROM scores WHERE faults IS NOT NULL")
    assert (refused[0], refused[1], json.loads(str(refused[2]))[0]["code"]) == (None, None, "level")
    predict(source, output=tmp_path / "t.table", into=into, force=True)
    assert ask("SELECT count(*) FROM scores") == [(2,)]
    assert [row["code"] for row in read_csv(tmp_path / "t.rejects.csv")] == ["level"]


def test_a_table_that_is_there_is_not_replaced_unawares(
    predict: Predict, place: tuple[Destination, Ask], customers: list[Row], tmp_path: Path
) -> None:
    """A name that is taken is told before a row is scored; what is there stays until a whole table takes its place."""
    source = write_csv(tmp_path / "t.csv", customers[:5])  # type: ignore[arg-type]
    into, ask = place
    predict(source, output=tmp_path / "t.table", into=into)
    with pytest.raises(UsageError, match="there is such a table already; name another by --into"):
        predict(source, output=tmp_path / "t.table", into=into)
    assert not (tmp_path / "t.table.augury-parts").exists()
    larger = write_csv(tmp_path / "more.csv", customers[:9])  # type: ignore[arg-type]
    predict(larger, output=tmp_path / "t.table", into=into, force=True)
    assert ask("SELECT count(*) FROM scores") == [(9,)]


def test_a_run_that_died_after_the_commit_is_gone_on_with(
    predict: Predict,
    place: tuple[Destination, Ask],
    customers: list[Row],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No row is written twice where the database had committed, and a table that is not this run's is left alone."""
    source = write_csv(tmp_path / "t.csv", customers[:9])  # type: ignore[arg-type]
    into, ask = place
    said = {"output": tmp_path / "t.table", "into": into, "part_rows": 4}
    with pytest.raises(KeyboardInterrupt):
        _predict_and_die(monkeypatch, lambda: predict(source, **said))
    with monkeypatch.context() as patched:
        patched.setattr(PostgresqlTable, "count_rows", lambda _table: 8)
        patched.setattr(SqliteTable, "count_rows", lambda _table: 8)
        with pytest.raises(UsageError, match="there is such a table already"):
            predict(source, **said, resume=True)
    predict(source, **said, resume=True)
    assert ask("SELECT count(*) FROM scores") == [(9,)]
    assert not (tmp_path / "t.table.augury-parts").exists()


def test_a_replacement_is_gone_on_with_without_being_said_again(
    predict: Predict,
    place: tuple[Destination, Ask],
    customers: list[Row],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run that began with --force may replace the table when it goes on: --resume and --force exclude each other."""
    source = write_csv(tmp_path / "t.csv", customers[:9])  # type: ignore[arg-type]
    into, ask = place
    said = {"output": tmp_path / "t.table", "into": into}
    predict(source, **said, keep="all")
    with pytest.raises(KeyboardInterrupt):
        _predict_and_die(monkeypatch, lambda: predict(source, **said, force=True))
    predict(source, **said, resume=True)
    assert ask("SELECT count(*) FROM scores") == [(9,)]


def _predict_and_die(monkeypatch: pytest.MonkeyPatch, predict: Callable[[], object]) -> None:
    """Die when all is written and the folder of parts is still there."""

    def die(_ledger: Ledger) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "remove", die)
        predict()


def test_a_server_that_goes_away_leaves_nothing_there(
    predict: Predict, database: str, customers: list[Row], tmp_path: Path
) -> None:
    """A connection that is lost while the table is made is one sentence, and --resume finishes from the parts."""
    source = write_csv(tmp_path / "t.csv", customers)  # type: ignore[arg-type]
    into = Destination(database, "scores", "the database")
    said = {"output": tmp_path / "t.table", "into": into, "part_rows": 3000}
    _do_postgresql(
        database,
        "CREATE FUNCTION die() RETURNS event_trigger LANGUAGE plpgsql AS "
        "$$BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); END$$",
        "CREATE EVENT TRIGGER die ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION die()",
    )
    with pytest.raises(TableError, match=r"PostgreSQL says: .*; check .*: go on with --resume"):
        predict(source, **said)
    assert _ask_postgresql(database, "SELECT to_regclass('scores')") == [(None,)]
    assert len(list((tmp_path / "t.table.augury-parts").glob("part-*.parquet"))) == 3
    _do_postgresql(database, "DROP EVENT TRIGGER die")
    watched: list[int] = []
    predict(source, lambda _step, done, _total: watched.append(done), **said, resume=True)
    assert watched[0] == 7043
    assert _ask_postgresql(database, "SELECT count(*) FROM scores") == [(7043,)]


def test_a_replacement_that_fails_leaves_the_old_table(
    predict: Predict, database: str, customers: list[Row], tmp_path: Path
) -> None:
    """What --force drops comes back with the transaction, and --resume still knows that it may be replaced."""
    source = write_csv(tmp_path / "t.csv", customers[:9])  # type: ignore[arg-type]
    said = {"output": tmp_path / "t.table", "into": Destination(database, "scores", "the database")}
    _do_postgresql(
        database,
        "CREATE TABLE scores AS SELECT 1 AS old",
        "CREATE FUNCTION die() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'no'; END$$",
        "CREATE EVENT TRIGGER die ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION die()",
    )
    with pytest.raises(TableError, match="PostgreSQL says: no"):
        predict(source, **said, force=True)
    assert _ask_postgresql(database, "SELECT old FROM scores") == [(1,)]
    _do_postgresql(database, "DROP EVENT TRIGGER die")
    predict(source, **said, resume=True)
    assert _ask_postgresql(database, "SELECT count(churn_probability) FROM scores") == [(9,)]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("nowhere.scores", 'schema "nowhere" does not exist'),
        ("pg_catalog.pg_class", "there is such a table already"),
    ],
)
def test_a_place_that_is_none_is_told_before_the_work(
    predict: Predict, database: str, telco_csv: Path, tmp_path: Path, table: str, sentence: str
) -> None:
    """No row is scored for a table that cannot be made."""
    with pytest.raises((TableError, UsageError), match=sentence):
        predict(telco_csv, output=tmp_path / "t.table", into=Destination(database, table, "there"))
    assert list(tmp_path.glob("t.table*")) == []


def test_a_user_without_rights_is_told_before_the_work(
    predict: Predict, database: str, telco_csv: Path, tmp_path: Path
) -> None:
    """Whoever may read alone learns it at once."""
    _do_postgresql(
        database,
        "CREATE SCHEMA crm",
        "DO $$BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END$$",
        "GRANT USAGE ON SCHEMA crm TO reader",
    )
    address = database.replace("user=tests", "user=reader")
    with pytest.raises(UsageError, match="you have no right to make tables there"):
        predict(telco_csv, output=tmp_path / "t.table", into=Destination(address, "crm.scores", "there"))
    assert list(tmp_path.glob("t.table*")) == []


def test_a_locked_file_keeps_the_parts(
    predict: Predict, customers: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An SQLite file that another writes to is one sentence, and --resume finishes when it is free."""
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **said: connect(*args, timeout=0.01, **said))
    source = write_csv(tmp_path / "t.csv", customers[:9])  # type: ignore[arg-type]
    path = tmp_path / "crm.db"
    said = {"output": path, "into": Destination(str(path), "scores", "crm.db")}
    with closing(connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE customers (a)")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TableError, match=r"^crm\.db: SQLite says: database is locked; parts that are finished"):
            predict(source, **said)
        other.execute("ROLLBACK")
    predict(source, **said, resume=True)
    assert _ask_sqlite(path, "SELECT count(*) FROM scores") == [(9,)]
    assert _ask_sqlite(path, "SELECT count(*) FROM customers") == [(0,)]


def test_a_kill_while_the_table_is_filled_leaves_it_out(customers: list[Row], tmp_path: Path) -> None:
    """Killed in the middle of the transaction, a run leaves no table; --resume takes it back and fills it."""
    source = write_csv(tmp_path / "t.csv", customers * 30)  # type: ignore[arg-type]
    path = tmp_path / "scores.db"
    command = [sys.executable, "-m", "augury", "predict", find_bundled(), source, "-o", path, "--into", "scores"]
    process = subprocess.Popen([*command, "--id", "gender"], cwd=tmp_path, stdout=subprocess.DEVNULL)
    while not path.with_name("scores.db-journal").exists():
        assert process.poll() is None
        time.sleep(0.001)
    process.kill()
    process.wait()
    assert process.returncode == -signal.SIGKILL
    assert _ask_sqlite(path, "SELECT name FROM sqlite_schema") == []
    subprocess.run([*command, "--id", "gender", "--resume"], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    assert _ask_sqlite(path, "SELECT count(*) FROM scores") == [(7043 * 30,)]


@pytest.mark.parametrize("address", ["scores.sqlite", "sqlite:///scores.sqlite"])
def test_the_command_fills_a_file(run: Run, telco_csv: Path, tmp_path: Path, address: str) -> None:
    """A path that ends as an SQLite file does is a database, as its address is; a table beside others is left alone."""
    with closing(sqlite3.connect("scores.sqlite")) as connection:
        connection.execute("CREATE TABLE other (a)")
    ran = run("predict", find_bundled(), telco_csv, "-o", address, "--into", "march scores")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "written to scores.sqlite, table march scores\n" in ran.stdout
    found = _ask_sqlite(tmp_path / "scores.sqlite", 'SELECT sum(churn), count(*) FROM "march scores"')
    assert run("predict", find_bundled(), telco_csv, "-o", "scores.csv").exit_code == 0
    labels = [row["churn"] for row in read_csv(Path("scores.csv"))]
    assert found == [(labels.count("true"), len(labels))]
    assert _ask_sqlite(tmp_path / "scores.sqlite", "SELECT count(*) FROM other") == [(0,)]
    (tmp_path / "absolute").mkdir()
    absolute = tmp_path / "absolute" / "s.db"
    assert run("predict", find_bundled(), telco_csv, "-o", absolute, "--into", "scores").exit_code == 0
    assert absolute.is_file()


def test_the_command_fills_a_server(run: Run, database: str, telco_csv: Path, tmp_path: Path) -> None:
    """A schema may stand before the table's name, rejects lie in the working folder, and no address is repeated."""
    _do_postgresql(database, "CREATE SCHEMA crm")
    rows = [{**row, "tenure": "1000"} for row in read_csv(telco_csv)[:1]]
    source = write_csv(tmp_path / "t.csv", rows)
    ran = run("predict", find_bundled(), source, "-o", database, "--into", "crm.scores", "--json")
    assert (ran.exit_code, ran.stderr) == (4, "")
    summary = json.loads(ran.stdout)
    assert summary["rejects"] == "crm.scores.rejects.csv"
    assert summary["output"].endswith(", table crm.scores")
    assert "user" not in summary["output"]
    assert _ask_postgresql(database, "SELECT count(*) FROM crm.scores") == [(0,)]
    assert (tmp_path / "crm.scores.rejects.csv").is_file()


@pytest.mark.parametrize(
    ("source", "said", "sentence"),
    [
        ("t.csv", ("-o", "scores.db"), "scores.db: nothing says which table of the database the answers go into"),
        ("t.csv", ("-o", "postgresql://me:hunter2@localhost:1/x"), "postgresql://localhost:1/x: nothing says which"),
        (
            "t.csv",
            ("-o", "postgresql://me:hunter2@localhost:1/x", "--into", "t"),
            "postgresql://localhost:1/x: PostgreSQL says",
        ),
        ("t.csv", ("-o", "t.csv", "--into", "scores"), "name the database that it is made in by -o"),
        ("t.csv", ("-o", "no/scores.db", "--into", "scores"), "its folder does not exist"),
        ("t.csv", ("-o", "text.db", "--into", "scores"), "text.db, table scores: SQLite says: file is not a database"),
        (
            "crm.db",
            ("-o", "crm.db", "--into", "customers", "--force"),
            "--force would take away the table that is read",
        ),
        ("sqlite:///crm.db", ("-o", "./crm.db", "--into", "customers", "--table", "customers", "--force"), "take away"),
        ("crm.db", ("-o", "crm.db", "--into", "Customers"), "there is such a table already"),
    ],
)
def test_what_does_not_go_together_is_told(
    run: Run, customers: list[Row], tmp_path: Path, source: str, said: tuple[str, ...], sentence: str
) -> None:
    """Each is one sentence, and nothing is changed."""
    write_csv(tmp_path / "t.csv", customers[:3])  # type: ignore[arg-type]
    (tmp_path / "text.db").write_text("This is a letter, and not a database at all." * 30)
    with closing(sqlite3.connect("crm.db", isolation_level=None)) as connection:
        connection.execute(f"CREATE TABLE customers ({', '.join(customers[0])})")
        marks = ", ".join("?" * len(customers[0]))
        connection.execute(f"INSERT INTO customers VALUES ({marks})", tuple(customers[0].values()))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    ran = run("predict", find_bundled(), source, *said)
    assert ran.exit_code == 2
    assert sentence in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert "hunter2" not in ran.stderr
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_database_scores_into_a_table_beside_the_one_that_is_read(
    run: Run, customers: list[Row], tmp_path: Path
) -> None:
    """The file that is read may be the one that is written to, and the table of a run before is replaced."""
    with closing(sqlite3.connect("crm.db", isolation_level=None)) as connection:
        connection.execute(f"CREATE TABLE customers ({', '.join(customers[0])})")
        marks = ", ".join("?" * len(customers[0]))
        connection.executemany(
            f"INSERT INTO customers VALUES ({marks})", [tuple(row.values()) for row in customers[:9]]
        )
    said = ("predict", find_bundled(), "crm.db", "--table", "customers", "-o", "crm.db", "--into", "scores")
    assert run(*said).exit_code == 0
    assert run(*said, "--force").exit_code == 0
    assert _ask_sqlite(tmp_path / "crm.db", "SELECT count(*) FROM scores") == [(9,)]
