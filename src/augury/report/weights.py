"""The model itself: its weights as a scorecard, and made-up records with the reasons for their answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import fsum

from augury.artifact.document import Document
from augury.card import describe_baseline
from augury.ir.link import sigmoid
from augury.ir.scorecard import Points, Scorecard, find_scorecards
from augury.ir.show import show_log_odds
from augury.markup import Child, Markup, join, tag, write_bar, write_facts, write_name, write_table, write_wide
from augury.model import Model
from augury.prediction import Prediction
from augury.report.section import Section, write_paragraphs

# A field of more levels than this is told by those that weigh most: the page is to be read.
_MAX_POINTS = 40
# Of a model of more fields than this the page tells those that weigh most, and no whole records: a page of ten thousand
# columns would be a hundred times as large as what anybody reads.
_MAX_FIELDS = 200
# Reasons shown of an example: more of them are each too small to have decided it.
_REASONS = 6


def write_weights(document: Document) -> Section:
    """Write the scorecard, the fields that weigh most first."""
    body = document.model
    intercept, baseline = body.predictor.margins[0].intercept, body.baseline
    base = fsum((intercept, *baseline.terms))
    cards = find_scorecards(body.contract, body.predictor, baseline.terms, body.profile)
    against = describe_baseline(document)
    facts: list[tuple[str, Child]] = [
        ("formula", tag("code", "probability = 1 / (1 + exp(-margin))")),
        ("margin", f"{show_log_odds(base)}, that of {against}, and the points of each field"),
        ("of which intercept", f"{intercept:.6g}, where every term is zero"),
        ("probability there", f"{sigmoid(base):.3f}"),
    ]
    explained = (
        "Points are log-odds against the same baseline: +0.69 doubles the odds, -0.69 halves them; a bar to the right "
        "raises the probability, one to the left lowers it. Fields stand in the order of how far apart their points "
        "lie; numbers are told at quantiles of the training table."
    )
    content = join([write_facts(facts), write_paragraphs(explained), _write_scorecards(cards)])
    return Section("model", "The model", content)


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


def _write_scorecards(cards: Sequence[Scorecard]) -> Markup:
    largest = max((abs(row.log_odds) for card in cards for row in card.points if row.log_odds is not None), default=0.0)
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in ("when", "points", "", "how usual"))))
    bodies = (_write_scorecard(card, largest) for card in cards[:_MAX_FIELDS])
    more = len(cards) - _MAX_FIELDS
    rest = tag("p", f"and {more:,} more fields, which weigh less; the artifact has them all") if more > 0 else None
    return join([write_wide(tag("table", head, *bodies, class_="points")), rest])


def _write_scorecard(card: Scorecard, largest: float) -> Markup:
    """Write the points of one field, below its name."""
    name = tag("tr", tag("th", card.field, colspan="4", scope="rowgroup"))
    shown: Iterable[Points] = card.points
    if len(card.points) > _MAX_POINTS:
        shown = sorted(card.points, key=lambda row: -abs(row.log_odds or 0.0))[:_MAX_POINTS]
    rows = (
        tag(
            "tr",
            tag("td", row.when),
            tag("td", "not finite" if row.log_odds is None else show_log_odds(row.log_odds), class_="number"),
            tag("td", None if row.log_odds is None else write_bar(row.log_odds, largest)),
            tag("td", row.where),
        )
        for row in shown
    )
    more = len(card.points) - _MAX_POINTS
    rest = tag("tr", tag("td", f"and {more:,} more, which weigh less", colspan="4")) if more > 0 else None
    return tag("tbody", name, *rows, rest)


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
    whole = None
    if len(values) <= _MAX_FIELDS:
        table = write_table(("field", "value"), ((name, _show_value(value)) for name, value in values.items()))
        whole = tag("details", tag("summary", "the whole record"), table)
    return tag(
        "article",
        tag("h3", title),
        write_table(("field", "value", "adds", ""), rows, numbers=frozenset({2})),
        whole,
    )


def _show_value(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
