"""``augury inspect``: show what an artifact holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from augury.artifact.canonical import render
from augury.artifact.document import Document, ModelBody
from augury.artifact.read import read_artifact
from augury.cli.fields import render_fields
from augury.cli.files import check_output
from augury.cli.metrics import render_evaluation
from augury.cli.options import json_option, model_argument
from augury.cli.render import bold, printable, show_count, show_number
from augury.contract.fields import Feature, IntegerField, NumberField
from augury.ir.show import show_predictor
from augury.ir.walk import find_rules


@click.command()
@model_argument
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write it as one HTML page instead.")
@json_option
def command(model: Path, html: Path | None, json: bool) -> None:
    """Show what an artifact holds: the contract, the weights, the decision, how well it did, where it comes from.

    With --json it is the artifact itself.
    """
    document = read_artifact(model)
    if html is not None:
        _write_html(document, html)
    if json:
        click.echo(render(document), nl=False)
        return
    if html is not None:
        click.echo(f"wrote {printable(str(html))}: open it in a browser")
        return
    sections = (
        _show_head,
        _show_contract,
        _show_unknown,
        _show_weights,
        _show_decision,
        _show_evaluation,
        _show_provenance,
    )
    for index, section in enumerate(sections):
        lines = list(section(document))
        if lines and index:
            click.echo()
        for line in lines:
            click.echo(line)


def _write_html(document: Document, path: Path) -> None:
    from augury.model import Model  # these two only for a page: showing an artifact compiles nothing
    from augury.report.report import Report

    check_output(path)
    Report(Model(document)).save(path)


def _show_head(document: Document) -> Iterator[str]:
    body = document.model
    target = body.target
    yield bold(f"{printable(body.name)}@{document.digest.removeprefix('sha256:')[:12]}")
    yield (
        f"answers {target.name} and {target.name}_probability: true is {printable(repr(target.positive))}, "
        f"false is {printable(repr(target.negative))} of {printable(target.column)!r}"
    )
    yield f"digest {document.digest}; format {document.format}, read by Augury {printable(document.needs)} and later"


def _show_contract(document: Document) -> Iterator[str]:
    contract = document.model.contract
    yield bold(f"contract: {show_count(len(contract.features), 'feature')}; unknown keys: {contract.unknown_key}")
    yield from render_fields(contract)


def _show_unknown(document: Document) -> Iterator[str]:
    """Name what stays unknown because the model was compiled without a sample."""
    if document.model.provenance.table is None:
        yield bold("unknown rules")
        yield from (f"  {printable(sentence)}" for sentence in find_unknown(document.model))


def find_unknown(body: ModelBody) -> Iterator[str]:
    """Find what was not learned: ranges, profile, and the states that no term has a rule for."""
    ranged = [field.name for field in body.contract.features if isinstance(field, NumberField | IntegerField)]
    unbounded = [field.name for field in body.contract.features if _has_no_range(field)]
    if unbounded:
        which = "every number" if unbounded == ranged else ", ".join(unbounded)
        yield f"the range of {which}: any number is accepted (compile with --sample, or amend --bounds)"
    if body.profile is None:
        yield "the profile: what training saw is not known (compile with --sample)"
    rules = find_rules(body.predictor)
    without = [field.name for field in body.contract.features if field.name in rules and not rules[field.name].missing]
    if without:
        yield f"what a null means in {', '.join(without)}: it is refused"


def _has_no_range(field: Feature) -> bool:
    return isinstance(field, NumberField | IntegerField) and field.seen is None


def _show_weights(document: Document) -> Iterator[str]:
    body = document.model
    yield bold("model")
    for line in show_predictor(body.contract, body.predictor).splitlines():
        yield f"  {printable(line)}"


def _show_decision(document: Document) -> Iterator[str]:
    body = document.model
    decision = body.decision
    yield bold("decision")
    threshold = show_number(decision.threshold)
    yield f"  {body.target.name} is true where the probability is at least {threshold} ({printable(decision.chosen)})"
    kind = {"average": "the average of the training table", "reference": "the reference record: first levels, zeros"}
    yield f"  reasons are told against {kind[body.baseline.kind]}"


def _show_evaluation(document: Document) -> Iterator[str]:
    evaluation = document.model.evaluation
    return iter(()) if evaluation is None else render_evaluation(evaluation, document.model.target.name)


def _show_provenance(document: Document) -> Iterator[str]:
    body = document.model
    origin = body.provenance
    yield bold("provenance")
    versions = ", ".join(f"{name} {version}" for name, version in origin.versions.items())
    yield f"  from {printable(origin.estimator)}" + (f" ({printable(versions)})" if versions else "")
    if origin.table is not None:
        yield f"  from a table of {show_count(origin.table.rows, 'row')}, SHA-256 {origin.table.sha256[:12]}…"
    if origin.training is not None:
        rows = show_count(origin.training.rows, "row")
        yield f"  trained on {rows} with C = {origin.training.strength:g}, by this recipe:"
        for key, value in origin.training.recipe.items():
            yield f"    {printable(key)} = {printable(str(value))}"
    for proof in origin.proofs:
        yield (
            f"  parity with {printable(proof.against)} on {show_count(proof.rows, 'row')}: largest difference of "
            f"{proof.measure} {proof.largest_difference:.2g}, {show_count(proof.flips, 'label')} differ"
        )
    yield f"  {show_count(len(body.golden), 'golden row')}, scored at every load"
