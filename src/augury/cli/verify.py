"""``augury verify``: check an artifact as every load does, and say what was checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from augury.artifact.read import read_artifact
from augury.cli.options import json_option, model_argument
from augury.cli.render import printable, show_count, tick
from augury.model import Model


@click.command()
@model_argument
@json_option
def command(model: Path, json: bool) -> None:
    """Check an artifact: digest, rendering, every index and number, every golden row.

    An artifact that fails one check is refused with status 3 and a sentence that says why.
    """
    loaded = Model(read_artifact(model))
    checks = dict(_iter_checks(loaded))
    if json:
        answer = {"name": loaded.name, "digest": loaded.digest, "checks": checks}
        click.echo(msgspec.json.encode(answer))
        return
    widest = max(map(len, checks))
    for check, finding in checks.items():
        click.echo(f"{tick()} {check:{widest}}  {printable(finding)}")
    click.echo(f"{loaded.name}@{loaded.digest.removeprefix('sha256:')[:12]} is sound")


def _iter_checks(loaded: Model) -> Iterator[tuple[str, str]]:
    """Yield what must be so for the artifact to have been loaded."""
    document, body = loaded.document, loaded.document.model
    yield "format", f"{document.format}, which Augury {document.needs} and later read"
    yield "digest", document.digest
    yield "rendering", "canonical, byte for byte"
    identifiers = show_count(len(body.contract.identifiers), "identifier")
    yield "contract", f"{show_count(len(body.contract.features), 'feature')} and {identifiers}, without contradiction"
    n_weights = len(body.predictor.margins[0].weights)
    yield "model", f"{show_count(n_weights, 'weight')}; every index leads somewhere, every number is finite"
    yield "golden rows", f"{len(body.golden)} of {len(body.golden)} agree bit for bit, on the scorer that answers"
