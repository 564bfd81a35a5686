import json
from pathlib import Path

import psycopg
import pytest

from augury.api import find_bundled
from augury.batch.inside_postgresql import Asked, predict_inside
from augury.errors import TableError, UsageError
from augury.model import Model
from tests.doors import Answer, hold_door
from tests.sql.telco_tables import find_law
from tests.unit.cli.conftest import Run, run

__all__ = ["run"]  # a fixture of the command line's tests


def _ask(address: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(address) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def _spoil(address: str) -> None:
    """Make three rows of the table such that the contract refuses two and notes one."""
    with psycopg.connect(address) as connection:
        connection.execute("UPDATE customers SET \"Contract\" = 'Weekly' WHERE \"customerID\" = '7590-VHVEG'")
        connection.execute("UPDATE customers SET \"MonthlyCharges\" = 'NaN' WHERE \"customerID\" = '5575-GNVDE'")
        connection.execute("UPDATE customers SET tenure = 100 WHERE \"customerID\" = '3668-QPYBK'")


def test_the_database_scores_its_rows_as_their_file_is(model: Model, database: str, telco_csv: Path) -> None:
    """Every row of the new table has the decision of the same row in a file, and a margin within the bound."""
    law = {each.cells[0]: each for each in find_law(telco_csv)}
    summary = predict_inside(model, Asked(address=database, table="public.customers", into="scores"))
    assert (summary.rows, summary.scored, summary.refused, summary.faults) == (7043, 7043, 0, ())
    rows = _ask(database, 'SELECT "customerID", churn_probability, churn, margin, faults FROM scores')
    assert len(rows) == len(law)
    assert {row[0] for row in rows} == law.keys()
    assert {row[-1] for row in rows} == {None}
    hold_door("postgresql inside", model.threshold, [law[row[0]] for row in rows], [Answer(*row[1:4]) for row in rows])
    assert summary.scores is not None
    assert summary.scores.positives == pytest.approx(sum(row[2] is True for row in rows) / 7043)


def test_a_refused_row_stands_there_with_its_faults(model: Model, database: str) -> None:
    """A row that the contract refuses has codes and fields and no number; one that it notes has a note."""
    _spoil(database)
    summary = predict_inside(model, Asked(address=database, table="customers", into="scores"))
    assert (summary.scored, summary.refused) == (7041, 2)
    assert {(count.field, count.code, count.rows) for count in summary.faults} == {
        ("contract", "level", 1),
        ("monthlycharges", "null", 1),
    }
    refused = _ask(
        database, 'SELECT "customerID", churn_probability, churn, faults FROM scores WHERE faults IS NOT NULL'
    )
    assert {(row[0], row[1], row[2], json.loads(str(row[3]))[0]["code"]) for row in refused} == {
        ("7590-VHVEG", None, None, "level"),
        ("5575-GNVDE", None, None, "null"),
    }
    (noted,) = _ask(database, "SELECT notes FROM scores WHERE \"customerID\" = '3668-QPYBK'")
    assert json.loads(str(noted[0])) == [{"code": "range", "field": "tenure"}]


def test_a_table_that_is_there_is_not_replaced_unawares(model: Model, database: str) -> None:
    """A name that is taken is told; --force replaces the table, and a failure on the way leaves the old one."""
    asked = Asked(address=database, table="customers", into="scores")
    predict_inside(model, asked)
    with pytest.raises(UsageError, match="there is a table 'scores' already; name another, or say --force"):
        predict_inside(model, asked)
    with pytest.raises(TableError, match=r'relation "nobody" does not exist'):
        predict_inside(model, Asked(address=database, table="nobody", into="scores", force=True))
    assert _ask(database, "SELECT count(*) FROM scores") == [(7043,)]
    _spoil(database)
    predict_inside(model, Asked(address=database, table="customers", into="scores", force=True))
    assert _ask(database, "SELECT count(churn_probability) FROM scores") == [(7041,)]


def test_what_the_server_declares_decides(model: Model, database: str) -> None:
    """Domains, enumerations and padded texts are the types beneath them, and a date is no number."""
    with psycopg.connect(database) as connection:
        connection.execute("CREATE DOMAIN money_domain AS numeric(10, 2)")
        connection.execute("CREATE TYPE sex AS ENUM ('Male', 'Female')")
        connection.execute('ALTER TABLE customers ALTER "MonthlyCharges" TYPE money_domain')
        connection.execute("ALTER TABLE customers ALTER gender TYPE sex USING gender::sex")
        connection.execute('ALTER TABLE customers ALTER "Contract" TYPE char(30)')
        connection.execute("ALTER TABLE customers ALTER tenure TYPE text USING tenure::text")
    assert predict_inside(model, Asked(address=database, table="customers", into="scores")).scored == 7043
    with psycopg.connect(database) as connection:
        connection.execute("ALTER TABLE customers ALTER tenure TYPE date USING date '2026-01-31'")
    summary = predict_inside(model, Asked(address=database, table="customers", into="scores", force=True))
    assert [(count.code, count.field, count.rows) for count in summary.faults] == [("type", "tenure", 7043)]


def test_the_command_has_the_database_score(run: Run, database: str) -> None:
    """`augury predict MODEL ADDRESS --table … --into …` makes the table, and ends with 4 where rows were refused."""
    _spoil(database)
    ran = run("predict", find_bundled(), database, "--table", "customers", "--into", "public.scores")
    assert (ran.exit_code, ran.stderr) == (4, "")
    assert "7,041 scored, 2 refused" in ran.stdout
    assert "written to public.scores" in ran.stdout


def test_a_view_is_created(run: Run, database: str) -> None:
    """`augury sql --view … --create` makes a view, which scores what stands in the table when it is asked."""
    options = ("--dialect", "postgres", "--table", "customers", "--view", "churn_scores", "--database", database)
    ran = run("sql", find_bundled(), *options, "--create")
    assert ran.exit_code == 0, ran.stderr
    assert _ask(database, "SELECT count(*), count(faults) FROM churn_scores") == [(7043, 0)]
    _spoil(database)
    assert _ask(database, "SELECT count(*), count(faults) FROM churn_scores") == [(7043, 2)]
    assert ran.stdout == run("sql", find_bundled(), *options).stdout
    assert "MonthlyCharges (number)" in ran.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--into", "scores"), "nothing says which rows"),
        (("--into", "scores", "--table", "customers", "-o", "x.csv"), "--output does not go with --into"),
        (("--into", "scores", "--table", "customers", "--part-rows", "5"), "--part-rows does not go with --into"),
        (("--into", "scores", "--table", "customers", "--memory", "1GB"), "--memory does not go with --into"),
        (("--into", "scores", "--table", "customers", "--keep", "all"), "--keep does not go with --into"),
        (("--into", "scores", "--table", "customers", "--map", "x=tenure"), "the table has no column 'x'"),
        (("--into", "churn.x", "--table", "customers"), 'schema "churn" does not exist'),
    ],
)
def test_what_does_not_go_together_is_told(run: Run, database: str, options: tuple[str, ...], said: str) -> None:
    """Each is one sentence, and no table is made."""
    ran = run("predict", find_bundled(), database, *options)
    assert ran.exit_code == 2
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert _ask(database, "SELECT to_regclass('scores')") == [(None,)]


def test_no_database_is_told(run: Run) -> None:
    """--into of a file, a view without a database, another dialect and a server that is not there: a sentence each."""
    address = "postgresql://localhost:1/none"
    for arguments, said in [
        (("predict", find_bundled(), "x.csv", "--into", "scores"), "this is none"),
        (("sql", find_bundled(), "--dialect", "postgres", "--create"), "--create makes a view in a database"),
        (("sql", find_bundled(), "--dialect", "duckdb", "--database", address), "only a database of PostgreSQL"),
        (("sql", find_bundled(), "--dialect", "postgres", "--database", address), "postgresql://localhost:1/none: "),
    ]:
        ran = run(*arguments)
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert said in ran.stderr
        assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("options", [("--into", "x"), ("--into", "x", "--table", "t", "--drift"), ("-o", "x.csv")])
def test_no_password_is_shown(run: Run, options: tuple[str, ...]) -> None:
    """Whatever is wrong with an address or an option, what the address says of a user is not repeated."""
    ran = run("predict", find_bundled(), "postgresql://somebody:hunter2@localhost:1/none", *options)
    assert ran.exit_code == 2
    assert "postgresql://localhost:1/none: " in ran.stderr
    assert "hunter2" not in ran.stderr
    assert "somebody" not in ran.stderr
