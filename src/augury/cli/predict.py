"""``augury predict``: score one record, or a table."""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from augury.api import load
from augury.cli import predict_spark, predict_table
from augury.cli.files import name_source, read_bytes
from augury.cli.options import Assignment, json_option, model_argument
from augury.cli.render import bold, draw_bar, printable, render_table, shorten_cell
from augury.contract.faults import DOUBTFUL
from augury.contract.fields import IdentifierField
from augury.errors import UsageError

if TYPE_CHECKING:
    from augury.artifact.document import Target
    from augury.model import Model
    from augury.prediction import Prediction

# One object over HTTP is at most this too.
_MAX_RECORD = 2**20
# Classes that say that the target is so. Of any other, "Not survived" would have to be guessed.
_YES = frozenset({"true", "yes", "y", "t", "1"})
# Beyond this many reasons the rest is summed up in a line.
_MAX_REASONS = 20


@click.command()
@model_argument
@click.argument("source", metavar="RECORD|TABLE")
@click.option("--explain", is_flag=True, help="Of a record: add the reasons, what each field adds, in log-odds.")
@click.option(
    "-o", "--output", metavar="OUT", help="Of a table: where the answers go; a folder of parts if it ends in /."
)
@click.option(
    "--into",
    metavar="TABLE",
    help="Of a database that -o names, the table that is made; without -o, PostgreSQL makes it of its own rows.",
)
@click.option("--rejects", metavar="FILE", help="Where refused rows are told; OUT.rejects.csv otherwise.")
@click.option(
    "--keep",
    type=click.Choice(["accepted", "all"]),
    default="accepted",
    show_default=True,
    help="With all, refused rows stand among the answers too, with neither probability nor label.",
)
@click.option("--id", multiple=True, metavar="COLUMN", help="A column to copy beside the identifiers. May be repeated.")
@click.option(
    "--map", multiple=True, type=Assignment("Tenure_months=tenure"), help="COLUMN=FIELD, where the names differ."
)
@click.option("--table", help="The table of a database, or schema.table.")
@click.option("--query", help="A query of a database, in place of --table.")
@click.option("--delimiter", help="What separates the cells of a CSV file, where that cannot be told.")
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="Which engine scores a table; Spark reads and writes paths of any scheme that it knows.",
)
@click.option("--part-rows", type=click.IntRange(min=1), help="Rows of a part, about; what suits the table otherwise.")
@click.option("--memory", help="What the engine may take; 800MB otherwise.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads of the engine; one a core otherwise.")
@click.option("--drift", is_flag=True, help="Compare a sample of the table with training, field by field.")
@click.option("--resume", is_flag=True, help="Go on with a run that was stopped.")
@click.option("--force", is_flag=True, help="Drop what a stopped run left, and start anew.")
@json_option
def command(model: Path, source: str, explain: bool, json: bool, **said: Any) -> None:
    """Score one record, or a table of any size.

    A record is a file with one JSON object, or - for standard input. What was noted about it goes to standard error.

    A table is CSV, JSON lines, Parquet (a file, a pattern, a folder), Arrow, or a database (sqlite:///PATH or
    postgresql://…, with --table or --query), and the answers go to OUT: .parquet, .csv or .jsonl, or a database
    (a .db or .sqlite file, postgresql://…), whose table --into names. Without OUT, --into has a PostgreSQL database
    score its own rows. With --engine spark Spark scores a path of its own, Parquet or CSV, into a folder. Exit status 4
    says that rows were refused.
    """
    is_on_spark = said["engine"] == "spark"
    is_placed = said["output"] is not None or said["into"] is not None
    if not (is_on_spark or is_placed or predict_table.is_table(source)):
        _predict_record(model, Path(source), explain=explain, as_json=json)
        return
    if explain:
        raise UsageError("--explain is told of one record", where=source, mend="leave it out, or give one record")
    if is_on_spark:
        predict_spark.run(model, source, said, as_json=json)
        return
    if not is_placed:
        raise _make_table_error(Path(source))
    predict_table.run(model, source, said, as_json=json)


def _predict_record(model: Path, record: Path, *, explain: bool, as_json: bool) -> None:
    body = read_bytes(record, _MAX_RECORD)
    _refuse_table(record, body)
    scorer = load(model)
    prediction = scorer.predict_json(body, explain=explain)
    if as_json:
        click.echo(scorer.write_answer(prediction))
        if others := [note for note in prediction.notes if note.code not in DOUBTFUL]:
            click.echo(msgspec.json.encode({"notes": others}), err=True)
        return
    click.echo(f"prediction: {prediction.probability:.3f}")
    click.echo(f"verdict: {show_verdict(scorer.document.model.target, label=prediction.label)}")
    if explain:
        click.echo("\n".join(_render_reasons(scorer, prediction, _read_values(scorer, body))))
    for note in prediction.notes:
        click.echo(f"note: {printable(f'{note.pointer}: {note.detail}')}", err=True)


def show_verdict(target: Target, *, label: bool) -> str:
    """Write a decision in words: after the target's name where its classes are yes and no, else by the class itself."""
    if str(target.positive).lower() not in {*_YES, target.name}:
        return printable(str(target.positive if label else target.negative))
    words = target.name.replace("_", " ")
    return words.capitalize() if label else f"Not {words}"


def _refuse_table(record: Path, body: bytes) -> None:
    """Refuse an array of records, and records line by line."""
    lines = body.split(maxsplit=1) and body.lstrip().split(b"\n")
    is_array = bool(lines) and lines[0].startswith(b"[")
    is_lines = len(lines) > 1 and lines[0].rstrip().endswith(b"}") and lines[1].lstrip().startswith(b"{")
    if is_array or is_lines:
        raise _make_table_error(record)


def _make_table_error(record: Path) -> UsageError:
    return UsageError(
        "this is a table, and nothing says where its answers go",
        where=name_source(record),
        mend="name a file for them by -o, for instance -o answers.csv",
    )


def _read_values(scorer: Model, body: bytes) -> dict[str, str]:
    """Read the values as the caller wrote them, by the contract's names; an accepted record is one flat object."""
    members: Mapping[str, object] = msgspec.json.decode(body)
    values: dict[str, str] = {}
    for key, value in members.items():
        field = scorer.door.checker.find_field(key)
        if field is not None and not isinstance(field, IdentifierField):
            values[field.name] = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return values


def _render_reasons(scorer: Model, prediction: Prediction, values: Mapping[str, str]) -> list[str]:
    """List what each field adds, the weightiest first, with a bar for its size."""
    reasons = sorted(prediction.contributions or (), key=lambda reason: -abs(reason.value))
    shown, rest = reasons[:_MAX_REASONS], reasons[_MAX_REASONS:]
    largest = max((abs(reason.value) for reason in shown), default=0.0)
    rows = []
    for reason in shown:
        value = shorten_cell(values.get(reason.field, "(absent)"), 30)
        rows.append((reason.field, value, f"{reason.value:+.3f}", draw_bar(reason.value, largest)))
    if rest:
        rows.append((f"{len(rest)} more", "", f"{sum(reason.value for reason in rest):+.3f}", ""))
    against = {"average": "the training average", "reference": "the reference record (first levels, zeros)"}
    base = prediction.base or 0.0
    margin = fsum((base, *(reason.value for reason in reasons)))
    heading = (
        f"reasons, in log-odds: {margin:+.3f}, where {against[scorer.document.model.baseline.kind]} has {base:+.3f}"
    )
    return ["", bold(heading), *render_table(("",) * 4, rows, right={2})]
