"""``augury train``: a table becomes an artifact that is evaluated on rows it never saw."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from augury.artifact.canonical import seal
from augury.cli.fields import render_fields
from augury.cli.files import check_outputs, write_together
from augury.cli.metrics import render_evaluation
from augury.cli.notices import render_notices
from augury.cli.options import ModelName, json_option
from augury.cli.progress import show_progress
from augury.cli.render import bold, printable, show_count
from augury.needs import TRAINING, check_libraries

if TYPE_CHECKING:
    from augury.training.options import Options
    from augury.training.trained import Trained

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("table", type=_PATH)
@click.option("--target", required=True, help="The target column, of two classes.")
@click.option("--positive", help="The class that the probability is of; true, 1 or yes otherwise, else the rarer.")
@click.option("--id", multiple=True, help="A column that identifies a customer; may be repeated.")
@click.option("--drop", multiple=True, help="A column to leave out; may be repeated.")
@click.option("--contract", type=_PATH, help="Corrections by hand: a contract.toml.")
@click.option("--recipe", default="logistic", show_default=True, help="logistic, lab, or FILE.toml of your own.")
@click.option("--name", type=ModelName(), help="The model's name; the target's otherwise.")
@click.option("--time", metavar="COLUMN", help="Hold out the last rows by this column of times.")
@click.option("--group", metavar="COLUMN", help="Hold out whole groups by this column.")
@click.option("--test", type=_PATH, metavar="TABLE", help="Rows of their own to hold out; all of TABLE is fitted on.")
@click.option("--threshold", help="The probability from which the answer is true, or f1; 0.5 otherwise.")
@click.option("--recall", type=float, help="The highest threshold that finds this share of the positives.")
@click.option("--benefit", type=float, help="What a customer kept is worth: the threshold of the largest profit.")
@click.option("--cost", type=float, help="What one contact costs.")
@click.option("--accept", type=float, help="The share of the positives who take the offer; 1 otherwise.")
@click.option("--by", multiple=True, metavar="FIELD", help="Tell the evaluation again by this field; may be repeated.")
@click.option("--class-weight", type=click.Choice(["none", "balanced"]), help="Weigh both classes alike.")
@click.option("--rows", type=click.IntRange(1), help="Draw so many rows while the table is read.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Of the draws and the split; the recipe's otherwise.")
@click.option("--delimiter", help="What separates the cells of a CSV file, where that cannot be told.")
@click.option("-o", "--output", type=_PATH, help="Where to write the artifact; NAME.augury.json otherwise.")
@click.option("--report", type=_PATH, metavar="FILE.html", help="Also write the report, as one page.")
@click.option(
    "--pickle",
    "pickled",
    type=_PATH,
    metavar="FILE",
    help="Also write the scikit-learn estimator, which knows the names of rare levels.",
)
@json_option
def command(table: Path, json: bool, **said: Any) -> None:
    """Train a model from a table: learn the contract, fit, evaluate on rows held out, write the artifact.

    TABLE is CSV, JSON, Parquet or Arrow. A fifth of its rows is held out, and nothing is fitted on them. The same
    table, options and seed give the same file.
    """
    check_libraries(TRAINING)
    # Not at the top: what these load may not be there.
    from augury.compilation import Options as CompileOptions
    from augury.compilation import make_key
    from augury.training.train import train_table

    options = _read_options(**said)
    output = said["output"] or Path(f"{said['name'] or make_key(CompileOptions(target=options.target))}.augury.json")
    outputs = {"-o": output, "--report": said["report"], "--pickle": said["pickled"]}
    written = {option: path for option, path in outputs.items() if path is not None}
    check_outputs(written, inputs=[table, *_list_inputs(said)])
    with show_progress() as show:
        trained = train_table(str(table), options, show)
        contents = {path: [_render_output(option, trained)] for option, path in written.items()}
    write_together(contents)
    if json:
        click.echo(msgspec.json.encode(_describe(trained, written)))
        return
    for line in _render(trained, written):
        click.echo(line)


def _list_inputs(said: Mapping[str, Any]) -> Iterator[Path]:
    """List the files that the options name, and that are read."""
    yield from (said[name] for name in ("contract", "test") if said[name] is not None)
    if said["recipe"].endswith(".toml"):
        yield Path(said["recipe"])


def _read_options(**said: Any) -> Options:
    from augury.training.options import Options
    from augury.training.threshold import read_policy

    policy = read_policy(said["threshold"], said["recall"], said["benefit"], said["cost"], said["accept"])
    return Options(
        target=said["target"],
        positive=said["positive"],
        identifiers=said["id"],
        drop=said["drop"],
        contract=None if said["contract"] is None else str(said["contract"]),
        recipe=said["recipe"],
        name=said["name"],
        time=said["time"],
        group=said["group"],
        test=None if said["test"] is None else str(said["test"]),
        policy=policy,
        by=said["by"],
        class_weight=said["class_weight"],
        rows=said["rows"],
        seed=said["seed"],
        delimiter=said["delimiter"],
    )


def _render_output(option: str, trained: Trained) -> bytes:
    match option:
        case "--report":
            return trained.report.to_html().encode()
        case "--pickle":
            return pickle.dumps(trained.estimator)
    return seal(trained.model.document)[1]


def _describe(trained: Trained, written: Mapping[str, Path]) -> dict[str, object]:
    body = trained.model.document.model
    return {
        "name": body.name,
        "target": body.target,
        "digest": trained.model.digest,
        "path": str(written["-o"]),
        "report": str(written["--report"]) if "--report" in written else None,
        "pickle": str(written["--pickle"]) if "--pickle" in written else None,
        "fitted": trained.fitted,
        "C": trained.strength,
        "losses": [{"C": strength, "log_loss": loss} for strength, loss in trained.losses.items()],
        "decision": body.decision,
        "evaluation": body.evaluation,
        "contract": body.contract,
        "proofs": body.provenance.proofs,
        "notices": trained.notices,
    }


def _render(trained: Trained, written: Mapping[str, Path]) -> Iterator[str]:
    model, body = trained.model, trained.model.document.model
    yield bold(f"{model.name}@{_shorten(model.digest)}") + f" from {printable(body.provenance.estimator)}"
    held = trained.evaluation.held_out.rows
    yield f"  fitted on {show_count(trained.fitted, 'row')} with C = {trained.strength:g}, {held:,} held out"
    target = body.target
    yield f"  {target.name} is true for {printable(repr(target.positive))}, from probability {model.threshold:g}"
    yield f"  the threshold is {printable(body.decision.chosen)}"
    yield from render_evaluation(trained.evaluation, target.name)
    yield bold(f"contract: {show_count(len(body.contract.features), 'feature')}")
    yield from (f"  {line}" for line in render_fields(body.contract))
    yield from render_notices(trained.notices)
    for path in written.values():
        yield f"written to {printable(str(path))}"


def _shorten(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]
