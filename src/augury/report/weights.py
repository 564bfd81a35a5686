"""The model itself: its weights as a scorecard, and made-up records with the reasons for their answers."""

from __future__ import annotations

from collections.abc import Iterator
from math import fsum

from augury.artifact.document import Document
from augury.card import describe_baseline
from augury.ir.link import sigmoid
from augury.ir.scorecard import Points, Scorecard, find_scorecards
from augury.ir.show import show_log_odds
from augury.markup import Child, Markup, join, tag, write_bar, write_facts, write_name, write_table
from augury.model import Model
from augury.prediction import Prediction
from augury.report.section import Section, write_paragraphs

# A field of more levels than this is told by those that weigh most: the page is to be read.
_MAX_POINTS = 40
# Reasons shown of an example: more of them are each too small to have decided it.
_REASONS = 6


def write_weights(document: Document) -> Section:
    """Write the scorecard, the fields that weigh most first."""
    body = document.model
    intercept, baseline = body.predictor.margins[0].intercept, body.baseline
    base = fsum((intercept, *baseline.terms))
    cards = find_scorecards(body.contract, body.predictor, baseline.terms, body.profile)
    largest = max((abs(row.log_odds) for card in cards for row in card.points if row.log_odds is not None), default=0.0)
    against = describe_baseline(document)
    facts: list[tuple[str, Child]] = [
        ("formula", tag("code", "probability = 1 / (1 + exp(-margin))")),
        ("margin", f"{show_log_odds(base)}, that of {against}, and the points of each field"),
        ("of which intercept", f"{intercept:.6g}, where every term is zero"),
        ("probability there", f"{sigmoid(base):.3f}"),
    ]
    explained = (
        "Points are log-odds against the same baseline: +0.69 doubles the odds, -0.69 halves them. Fields stand in the "
        "order of how far apart their points lie; numbers are told at quantiles of the training table."
    )
    rows = (cells for card in cards for cells in _iter_rows(card, largest))
    header = ("field", "when", "how usual", "points", "")
    table = write_table(header, rows, numbers=frozenset({3}))
    return Section("model", "The model", join([write_facts(facts), write_paragraphs(explained), table]))


def write_examples(model: Model) -> Section:
    """Write the golden rows with their answers and the reasons for them."""
    explained = (
        "These records are made up, none is a customer's. Their margins are kept in the artifact and computed again at "
        "every load, bit for bit. Of each the strongest reasons are shown, in log-odds against "
        f"{describe_baseline(model.document)}."
    )
    predictions = [(record, model.explain(record)) for record in model.examples]
    largest = max(
        (abs(item.value) for _, prediction in predictions for item in prediction.contributions or ()), default=0.0
    )
    examples = [
        _write_example(number, model.document, record, prediction, largest)
        for number, (record, prediction) in enumerate(predictions, 1)
    ]
    content = join([write_paragraphs(explained), tag("div", *examples, class_="examples")])
    return Section("examples", "Examples with reasons", content)


def _iter_rows(card: Scorecard, largest: float) -> Iterator[tuple[Child, ...]]:
    shown = card.points
    if len(shown) > _MAX_POINTS:
        strongest = sorted(shown, key=lambda row: -abs(row.log_odds or 0.0))[:_MAX_POINTS]
        shown = tuple(row for row in shown if row in strongest)
    for index, row in enumerate(shown):
        yield (tag("b", card.field) if index == 0 else None, row.when, row.where, *_write_points(row, largest))
    if len(shown) < len(card.points):
        yield None, f"and {len(card.points) - len(shown):,} more levels, which weigh less", None, None, None


def _write_points(row: Points, largest: float) -> tuple[Child, Child]:
    if row.log_odds is None:
        return "not finite", None
    return show_log_odds(row.log_odds), write_bar(row.log_odds, largest)


def _write_example(number: int, document: Document, record: object, prediction: Prediction, largest: float) -> Markup:
    target = document.model.target
    answer = write_name(str(target.positive if prediction.label else target.negative))
    title = join([f"Example {number}: {prediction.probability:.3f}, ", answer])
    reasons = sorted(prediction.contributions or (), key=lambda item: -abs(item.value))[:_REASONS]
    values = dict(record) if isinstance(record, dict) else {}
    rows = (
        (item.field, _show_value(values.get(item.field)), show_log_odds(item.value), write_bar(item.value, largest))
        for item in reasons
        if item.value != 0.0
    )
    whole = write_table(("field", "value"), ((name, _show_value(value)) for name, value in values.items()))
    return tag(
        "article",
        tag("h3", title),
        write_table(("field", "value", "adds", ""), rows, numbers=frozenset({2})),
        tag("details", tag("summary", "the whole record"), whole),
    )


def _show_value(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
