"""``augury predict``: score one record."""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from augury.api import load
from augury.cli.files import name_source, read_bytes
from augury.cli.options import json_option, model_argument
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
# What a table in a file is called; a verb for tables comes with the engine that reads them.
_TABLES = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".arrow", ".xlsx", ".gz"})
# Classes that say that the target is so. Of any other, "Not survived" would have to be guessed.
_YES = frozenset({"true", "yes", "y", "t", "1"})
# Beyond this many reasons the rest is summed up in a line.
_MAX_REASONS = 20


@click.command()
@model_argument
@click.argument("record", type=click.Path(path_type=Path))
@click.option("--explain", is_flag=True, help="Add the reasons: what each field adds, in log-odds.")
@json_option
def command(model: Path, record: Path, explain: bool, json: bool) -> None:
    """Score one record.

    RECORD is a file with one JSON object, or - for standard input. What was noted about the record goes to standard
    error.
    """
    _refuse_table_name(record)
    body = read_bytes(record, _MAX_RECORD)
    _refuse_table(record, body)
    scorer = load(model)
    prediction = scorer.predict_json(body, explain=explain)
    if json:
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


def _refuse_table_name(record: Path) -> None:
    if record.suffix.lower() in _TABLES:
        raise _make_table_error(record)


def _refuse_table(record: Path, body: bytes) -> None:
    """Refuse an array of records, and records line by line."""
    lines = body.split(maxsplit=1) and body.lstrip().split(b"\n")
    is_array = bool(lines) and lines[0].startswith(b"[")
    is_lines = len(lines) > 1 and lines[0].rstrip().endswith(b"}") and lines[1].lstrip().startswith(b"{")
    if is_array or is_lines:
        raise _make_table_error(record)


def _make_table_error(record: Path) -> UsageError:
    return UsageError(
        "this is a table, and predict takes one JSON object for now",
        where=name_source(record),
        mend="send an array of records to `augury serve`, or call model.predict_one for each in Python",
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
