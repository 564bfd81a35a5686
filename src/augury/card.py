"""A model in a few lines of a page: what it answers, how well, what it takes. What a notebook shows of it."""

from __future__ import annotations

from math import log

from augury.artifact.document import Document
from augury.artifact.evaluation import Estimate, Evaluation, HeldOut, Metrics
from augury.contract.field_table import write_field_table
from augury.ir.scorecard import Scorecard, find_scorecards
from augury.markup import Child, Markup, join, tag, write_bar, write_excerpt, write_facts, write_name, write_table

# Fields whose weights a card shows; the report shows all.
_MOST = 8

_BASELINES = {
    "average": "the average of the training table",
    "reference": "the reference record: of each field the first level, 0 or false",
}


def find_label(document: Document) -> str:
    """Name a model with the first digits of its digest."""
    return f"{document.model.name}@{document.digest.removeprefix('sha256:')[:12]}"


def show_estimate(estimate: Estimate | None) -> str:
    """Write a figure to three decimals; none where it has no denominator."""
    return "–" if estimate is None else f"{estimate.value:.3f}"


def show_interval(estimate: Estimate | None) -> str:
    """Write the interval about a figure, with spaces that do not break."""
    return "" if estimate is None else f"{estimate.low:.3f}\u00a0to\u00a0{estimate.high:.3f}"


def describe_rows(held_out: HeldOut) -> Markup:
    """Say which rows were held out."""
    rows, column = f"{held_out.rows:,} rows", write_name(held_out.column or "")
    said: dict[str, tuple[Child, ...]] = {
        "random": (f"the {rows} held out at random",),
        "stratified": (f"the {rows} held out at random within each class",),
        "time": (f"the last {rows} by ", column),
        "group": (f"the {rows} held out in whole groups of ", column),
        "table": (f"the {rows} of a table of their own",),
    }
    refused = f" ({held_out.refused:,} of them the contract refused: no figure counts those)"
    return join([*said[held_out.how], refused if held_out.refused else None])


def describe_decision(document: Document) -> Markup:
    """Say when the answer is true, and what that means."""
    decision, positive = document.model.decision, write_name(str(document.model.target.positive))
    chosen = write_name(decision.chosen)
    return join([f"a probability of {decision.threshold!r} up (", chosen, "), which says ", positive])


def describe_baseline(document: Document) -> str:
    """Say what reasons are told against."""
    return _BASELINES[document.model.baseline.kind]


def write_metrics(evaluation: Evaluation) -> Markup:
    """Write the main figures as a table, each with its interval and what it means."""
    header = ("figure", "value", f"{evaluation.confidence:.0%} interval", "what it says")
    rows = (
        (name, show_estimate(estimate), show_interval(estimate), meaning)
        for name, estimate, meaning in _find_figures(evaluation.metrics)
    )
    return write_table(header, rows, numbers=frozenset({1}))


def write_card(document: Document) -> Markup:
    """Write a model as a notebook shows it."""
    body = document.model
    facts: list[tuple[str, Child]] = [
        ("answers", join([tag("code", body.target.name), ", from the column ", write_name(body.target.column)])),
        ("true from", describe_decision(document)),
        ("made from", body.provenance.estimator),
    ]
    evaluation = body.evaluation
    figures = None
    if evaluation is None:
        facts.append(("evaluated", "the artifact does not say: it was compiled, not trained here"))
    else:
        facts.append(("evaluated on", describe_rows(evaluation.held_out)))
        figures = write_metrics(evaluation)
    return write_excerpt(
        tag("p", "Model ", write_name(find_label(document)), class_="title"),
        write_facts(facts),
        figures,
        _fold("What weighs most", _write_most(document)),
        _fold(f"Fields ({len(body.contract.features):,} features)", write_field_table(body.contract)),
    )


def _find_figures(metrics: Metrics) -> list[tuple[str, Estimate | None, str]]:
    """Find each figure with what it means, and what knowing nothing but the base rate would give."""
    rate = metrics.positives / metrics.rows if metrics.rows else 0.0
    blind = -sum(share * log(share) for share in (rate, 1 - rate) if share > 0)
    figures: list[tuple[str, Estimate | None, str]] = [
        ("AUC", metrics.auc, "how often a positive row is ranked above a negative one; 0.5 is chance"),
        ("average precision", metrics.average_precision, f"the mean precision over all recalls; chance is {rate:.3f}"),
        ("log loss", metrics.log_loss, f"in nats, the lower the better; the base rate alone gives {blind:.3f}"),
        (
            "Brier score",
            metrics.brier,
            f"the mean squared error of the probability; the base rate alone gives {rate * (1 - rate):.3f}",
        ),
    ]
    confusion = metrics.confusion
    if confusion is not None:
        figures += [
            (
                "accuracy",
                confusion.accuracy,
                f"decisions that are right; one answer for all: {max(rate, 1 - rate):.3f}",
            ),
            ("precision", confusion.precision, "of the rows flagged, those that are positive"),
            ("recall", confusion.recall, "of the positive rows, those that are flagged"),
            ("F1", confusion.f1, "the harmonic mean of precision and recall"),
        ]
    return figures


def _write_most(document: Document) -> Markup:
    body = document.model
    cards = find_scorecards(body.contract, body.predictor, body.baseline.terms, body.profile)
    widest = cards[0].spread if cards else 0.0
    rows = (
        (card.field, *_find_ends(card), f"{card.spread:.2f}", write_bar(card.spread, widest)) for card in cards[:_MOST]
    )
    table = write_table(("field", "least at", "most at", "apart, log-odds", ""), rows, numbers=frozenset({3}))
    more = f"and {len(cards) - _MOST:,} more fields" if len(cards) > _MOST else None
    return join([table, tag("p", more) if more else None])


def _find_ends(card: Scorecard) -> tuple[str, str]:
    """Find the states of a field that add least and most."""
    known = [(row.log_odds, row.when) for row in card.points if row.log_odds is not None]
    if not known:
        return "", ""
    return min(known, key=lambda row: row[0])[1], max(known, key=lambda row: row[0])[1]


def _fold(title: str, content: Markup) -> Markup:
    return tag("details", tag("summary", title), content)
