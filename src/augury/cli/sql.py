"""``augury sql``: the model and its contract as one statement."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from augury.api import load
from augury.artifact.read import read_artifact
from augury.cli.files import write_whole
from augury.cli.options import Assignment, collect, json_option, model_argument
from augury.errors import UsageError
from augury.needs import SQL, check_libraries

if TYPE_CHECKING:
    from augury.script import Script

# What `augury.sql.dialects` knows, which is not imported for the help alone; a test compares the two.
DIALECTS = (
    *("duckdb", "mariadb", "postgres", "spark", "sqlite"),
    *("databricks", "bigquery", "redshift", "snowflake", "sqlserver", "trino"),
)


@click.command()
@model_argument
@click.option("--dialect", type=click.Choice(DIALECTS), required=True, help="The engine that will run it.")
@click.option("--table", default="customers", show_default=True, help="The table, as a query names it.")
@click.option("--view", metavar="NAME", help="Create a view of this name, instead of a SELECT.")
@click.option("--create", is_flag=True, help="Create the view, in the database that --database names.")
@click.option("--database", metavar="ADDRESS", help="postgresql://…, whose table says what its columns are.")
@click.option(
    "--names",
    type=click.Choice(["training", "contract"]),
    default="training",
    show_default=True,
    help="Whose names the columns have: the training table's, or the contract's.",
)
@click.option("--as-text", is_flag=True, help="Every column is text, as when a file was loaded as it is.")
@click.option(
    "--map",
    type=Assignment("cust_tenure=tenure"),
    multiple=True,
    metavar="COLUMN=FIELD",
    help="A column that is called otherwise; may be repeated.",
)
@click.option("--keep", multiple=True, metavar="COLUMN", help="A column to copy; the identifiers when none is named.")
@click.option("--notes", is_flag=True, help="Add a column of what was accepted and noted.")
@click.option("--reasons", is_flag=True, help="Add a column a field: what it adds to the margin, in log-odds.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file; standard output otherwise.")
@json_option
def command(model: Path, output: Path | None, json: bool, **said: Any) -> None:
    """Write the model and its contract as one SELECT, or as a view.

    It reads each column as the contract says, refuses what the contract refuses, and gives the probability, the
    decision, the margin and the faults of every row. A refused row has no probability.
    """
    check_libraries(SQL)
    from augury.script import Script
    from augury.statement import Wanted

    script = Script(
        dialect=said["dialect"],
        table=said["table"],
        names=said["names"],
        as_text=said["as_text"],
        renames=collect(said["map"], "--map"),
        view=said["view"],
        wanted=Wanted(said["keep"], notes=said["notes"], reasons=said["reasons"]),
    )
    text = _create(model, script, said["database"]) if said["create"] else _write(model, script, said["database"])
    content = msgspec.json.encode({"dialect": script.dialect, "sql": text}) + b"\n" if json else text.encode()
    if output is None:
        click.echo(content, nl=False)
    else:
        write_whole(output, [content])


def _write(model: Path, script: Script, database: str | None) -> str:
    from augury.script import write_script  # not at the top: it takes sqlglot

    document = read_artifact(model)
    if database is None:
        return write_script(document, script)
    from augury.batch.inside_postgresql import write_for

    _check_dialect(script, database)
    return write_for(document, database, script)


def _create(model: Path, script: Script, database: str | None) -> str:
    if database is None or script.view is None:
        raise UsageError("--create makes a view in a database", mend="name them by --view and --database")
    from augury.batch.inside_postgresql import create_view

    _check_dialect(script, database)
    return create_view(load(model).document, database, script)


def _check_dialect(script: Script, database: str) -> None:
    from augury.batch.postgresql import SCHEMES, show_address

    if not database.startswith(SCHEMES) or script.dialect != "postgres":
        what = "only a database of PostgreSQL is asked, in its own dialect"
        mend = "give --database postgresql://… and --dialect postgres, or run the script with the engine's own client"
        raise UsageError(what, where=show_address(database), mend=mend)
