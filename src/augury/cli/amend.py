"""``augury amend``: another policy or threshold is another artifact."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from augury.amendment import Amendment, amend
from augury.api import load
from augury.cli.files import check_output
from augury.cli.options import Assignment, Command, ModelName, Probability, choose, collect, json_option, model_argument
from augury.cli.render import bold, printable
from augury.errors import UsageError

# Each policy by field: its words, and what it is about.
_POLICIES = {
    "unseen": (("note", "refuse"), "a level that training did not see"),
    "null": (("impute", "refuse"), "a null"),
    "absent": (("optional", "refuse"), "a field that is missing"),
    "near": (("note", "refuse"), "a number outside the training range but inside the bounds"),
    "far": (("note", "refuse"), "a number outside the bounds"),
}


def _read_bounds(text: str) -> tuple[float, float]:
    low, colon, high = text.partition(":")
    if not colon:
        raise ValueError("the bounds are LOW:HIGH")
    try:
        return float(low), float(high)
    except ValueError:
        raise ValueError("the bounds are two numbers") from None


def _policy_options(command: Command) -> Command:
    for policy, (choices, about) in reversed(_POLICIES.items()):
        example = f"FIELD={choices[0]}"
        kind = Assignment(example, choose(*choices))
        text = f"What becomes of {about}: {' or '.join(choices)}."
        command = click.option(f"--{policy}", type=kind, multiple=True, metavar="FIELD=POLICY", help=text)(command)
    return command


@click.command()
@model_argument
@_policy_options
@click.option(
    "--bounds",
    type=Assignment("tenure=0:120", _read_bounds),
    multiple=True,
    metavar="FIELD=LOW:HIGH",
    help="What a number is held to; what training did not see is noted.",
)
@click.option("--unknown-key", type=click.Choice(["note", "refuse"]), help="What becomes of a key nobody knows.")
@click.option("--threshold", type=Probability(), help="The probability in [0, 1] from which the answer is true.")
@click.option("--name", type=ModelName(), help="Another name for the model.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Where to write; may be MODEL.")
@json_option
def command(model: Path, output: Path, json: bool, **changes: Any) -> None:
    """Change a policy or the threshold: another artifact with another digest.

    Policies that the model has no rule for are refused. Options by field may be given several times.
    """
    for option in (*_POLICIES, "bounds"):
        changes[option] = collect(changes[option], f"--{option}")
    if not any(value not in (None, {}) for value in changes.values()):
        raise UsageError("nothing to change was named", mend="`augury amend --help` lists what can be")
    check_output(output)
    old = load(model)
    new = amend(old, Amendment(**changes))
    new.save(output)
    if json:
        answer = {"name": new.name, "digest": new.digest, "was": old.digest, "path": str(output)}
        click.echo(msgspec.json.encode(answer))
        return
    for option, value in changes.items():
        if value not in (None, {}):
            click.echo(f"{option.replace('_', ' ')}: {printable(_show_change(value))}")
    same = " (nothing changed)" if new.digest == old.digest else ""
    click.echo(f"{_show_label(old)} → {bold(_show_label(new))}{same}, written to {printable(str(output))}")


def _show_label(model: Any) -> str:
    return f"{model.name}@{model.digest.removeprefix('sha256:')[:12]}"


def _show_change(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{field} {_show_change(policy)}" for field, policy in value.items())
    return " to ".join(map(str, value)) if isinstance(value, tuple) else str(value)
