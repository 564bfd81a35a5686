"""``augury compile``: a fitted estimator becomes an artifact."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from augury.artifact.read import read_artifact
from augury.cli.files import check_output
from augury.cli.notices import render_notices
from augury.cli.options import Assignment, ModelName, Probability, collect, json_option
from augury.cli.progress import show_steps
from augury.cli.render import bold, printable, show_count
from augury.compilation import Compiled, Options, compile_estimator
from augury.contract.text import parse_number
from augury.errors import ArtifactError


def _read_fill(text: str) -> float | str:
    number = parse_number(text)
    return text if number is None else number


@click.command()
@click.argument("estimator", type=click.Path(path_type=Path))
@click.option("--sample", type=click.Path(path_type=Path), help="The training table, or rows like it (CSV or JSON).")
@click.option("--expect", type=click.Path(path_type=Path), help="Your own scores for the sample's rows (CSV): proved.")
@click.option("--name", type=ModelName(), help="The model's name; the target's otherwise.")
@click.option("--target", help="The target column: its name is the answer's key.")
@click.option("--positive", help="The class that the probability is of; the second otherwise.")
@click.option("--id", multiple=True, help="A column that identifies a customer; may be repeated.")
@click.option("--contract", type=click.Path(path_type=Path), help="Corrections by hand: a contract.toml.")
@click.option("--fields", help="The field names, comma between, where a DictVectorizer's are ambiguous.")
@click.option(
    "--fill",
    type=Assignment("totalcharges=0", _read_fill),
    multiple=True,
    metavar="FIELD=VALUE",
    help="What your own preparation put in place of nulls; may be repeated.",
)
@click.option("--optional", multiple=True, help="A field that training saw absent; may be repeated.")
@click.option(
    "--threshold",
    type=Probability(),
    default=0.5,
    show_default=True,
    help="The probability from which the answer is true.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write; NAME.augury.json otherwise.")
@json_option
def command(
    estimator: Path, sample: Path | None, expect: Path | None, output: Path | None, json: bool, **said: Any
) -> None:
    """Compile a fitted scikit-learn estimator (pickle or joblib) into an artifact, with parity proved.

    The pickle is read without running anything in it. Whatever cannot be compiled is named, all at once. Without a
    sample no ranges are known, and every rule that stays unknown is named.
    """
    if output is not None:
        check_output(output)
    with show_steps() as show:
        compiled = compile_estimator(
            estimator, sample=sample, expect=expect, options=_read_options(**said), progress=show
        )
    model = compiled.model
    path = output or Path(f"{model.name}.augury.json")
    check_output(path)
    replaced = _find_replaced(path)
    model.save(path)
    if json:
        click.echo(msgspec.json.encode(_describe(compiled, path)))
        return
    for line in _render(compiled, path, replaced):
        click.echo(line)


def _read_options(contract: Path | None, fields: str | None, **said: Any) -> Options:
    return Options(
        name=said["name"],
        target=said["target"],
        positive=said["positive"],
        identifiers=said["id"],
        contract=None if contract is None else str(contract),
        fields=None if fields is None else tuple(name.strip() for name in fields.split(",")),
        fill=collect(said["fill"], "--fill"),
        optional=frozenset(said["optional"]),
        threshold=said["threshold"],
    )


def _find_replaced(path: Path) -> str | None:
    """Find the digest of the artifact that is about to be replaced, so that it can be told."""
    try:
        return read_artifact(path).digest if path.exists() else None
    except ArtifactError:
        return None


def _describe(compiled: Compiled, path: Path) -> dict[str, object]:
    model = compiled.model
    return {
        "name": model.name,
        "target": model.target,
        "digest": model.digest,
        "path": str(path),
        "proofs": model.document.model.provenance.proofs,
        "notices": compiled.notices,
        "unknown": compiled.unknown,
    }


def _render(compiled: Compiled, path: Path, replaced: str | None) -> Iterator[str]:
    model, body = compiled.model, compiled.model.document.model
    yield bold(f"{model.name}@{_shorten(model.digest)}") + f" from {printable(body.provenance.estimator)}"
    target = body.target
    features = show_count(len(body.contract.features), "feature")
    yield (
        f"  {features}; {target.name} is true for {printable(repr(target.positive))}, "
        f"from probability {model.threshold:g}"
    )
    yield bold("parity")
    for proof in body.provenance.proofs:
        yield (
            f"  with {printable(proof.against)}: {show_count(proof.rows, 'row')}, "
            f"largest difference of {proof.measure} {proof.largest_difference:.2g}, "
            f"{show_count(proof.flips, 'label')} differ"
        )
    yield from render_notices(compiled.notices)
    if compiled.unknown:
        yield bold("unknown without a sample")
        yield from (f"  {printable(sentence)}" for sentence in compiled.unknown)
    yield f"written to {printable(str(path))}" + _tell_replaced(model.digest, replaced)


def _tell_replaced(digest: str, replaced: str | None) -> str:
    if replaced is None:
        return ""
    return ", as it was" if replaced == digest else f", in place of {_shorten(replaced)}"


def _shorten(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]
