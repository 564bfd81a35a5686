"""Check an evaluation that came from a file: its figures are finite, its counts agree, its lists can be shown."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from augury.artifact.evaluation import (
    CalibrationBin,
    Confusion,
    Decile,
    Decomposition,
    Estimate,
    Evaluation,
    Group,
    Metrics,
    Profit,
)
from augury.contract.fields import MAX_EXACT_INTEGER, Contract

# Ten are written; a table or a plot of more than a hundred shows nothing.
_MOST_BINS = 100
# As many as are written of each field.
_MOST_GROUPS_OF_A_FIELD = 20
# As long as the name of a field may be.
_MAX_NAME = 256
# What rounding may put between figures that are equal, relative to their size: they are written to twelve decimals.
_SLACK = 1e-9


def find_evaluation_problems(contract: Contract, threshold: float, evaluation: Evaluation) -> Iterator[str]:
    """Find what is wrong with an evaluation of a model with this contract and threshold."""
    yield from (f"the evaluation {problem}" for problem in _find_problems(contract, threshold, evaluation))


def _find_problems(contract: Contract, threshold: float, evaluation: Evaluation) -> Iterator[str]:
    held_out, metrics = evaluation.held_out, evaluation.metrics
    if not 0.0 < evaluation.confidence < 1.0:
        yield f"has a confidence of {evaluation.confidence}"
    if not 1 <= evaluation.resamples <= MAX_EXACT_INTEGER:
        yield f"has {evaluation.resamples} resamples"
    if not 0 <= held_out.refused <= held_out.rows <= MAX_EXACT_INTEGER or (
        metrics.rows != held_out.rows - held_out.refused
    ):
        yield f"counts {metrics.rows} rows, of {held_out.rows} held out less {held_out.refused} refused"
    if (held_out.column is None) == (held_out.how in {"time", "group"}):
        yield f"is of rows held out by {held_out.how!r}, with {held_out.column!r} as their column"
    yield from _find_metrics_problems(metrics, threshold)
    yield from _find_decomposition_problems(evaluation.decomposition, metrics)
    yield from _find_calibration_problems(evaluation.calibration, metrics.rows)
    yield from _find_decile_problems(evaluation.deciles, metrics.rows)
    if evaluation.profit is not None:
        yield from _find_profit_problems(evaluation.profit)
    yield from _find_group_problems(contract, threshold, evaluation)


def _find_metrics_problems(metrics: Metrics, threshold: float) -> Iterator[str]:
    rows, positives = metrics.rows, metrics.positives
    if not (1 <= rows <= MAX_EXACT_INTEGER and 0 <= positives <= rows):
        yield f"counts {positives} positives in {rows} rows"
        return
    has_both = 0 < positives < rows
    for name in ("auc", "average_precision"):
        figure: Estimate | None = getattr(metrics, name)
        if (figure is not None) != has_both:
            yield f"{'lacks' if has_both else 'gives'} {name}, for {positives} positives in {rows} rows"
        yield from _find_bound_problems(name, figure, 1.0)
    yield from _find_bound_problems("log_loss", metrics.log_loss, math.inf)
    yield from _find_bound_problems("brier", metrics.brier, 1.0)
    if metrics.confusion is not None:
        yield from _find_confusion_problems(metrics.confusion, metrics, threshold)


def _find_confusion_problems(confusion: Confusion, metrics: Metrics, threshold: float) -> Iterator[str]:
    if confusion.threshold != threshold:
        yield f"has decisions at {confusion.threshold}, and the model decides at {threshold}"
    tp, fp = confusion.true_positives.value, confusion.false_positives.value
    fn, tn = confusion.false_negatives.value, confusion.true_negatives.value
    for name in ("true_positives", "false_positives", "false_negatives", "true_negatives"):
        yield from _find_bound_problems(name, getattr(confusion, name), metrics.rows)
    if not (tp + fn == metrics.positives and tp + fp + fn + tn == metrics.rows):
        yield f"has decisions {tp:g}, {fp:g}, {fn:g}, {tn:g} for {metrics.positives} positives in {metrics.rows} rows"
        return
    shares = {
        "accuracy": (tp + tn, metrics.rows),
        "precision": (tp, tp + fp),
        "recall": (tp, tp + fn),
        "specificity": (tn, tn + fp),
        "f1": (2 * tp, 2 * tp + fp + fn),
    }
    for name, (above, below) in shares.items():
        figure: Estimate | None = getattr(confusion, name)
        yield from _find_bound_problems(name, figure, 1.0)
        expected = above / below if below else None
        if not _agree(None if figure is None else figure.value, expected):
            yield f"gives {name} as what does not follow from its decisions"


def _find_decomposition_problems(parts: Decomposition, metrics: Metrics) -> Iterator[str]:
    for name in ("miscalibration", "discrimination", "uncertainty"):
        yield from _find_bound_problems(name, getattr(parts, name), 1.0)
    sum_of_parts = parts.miscalibration.value - parts.discrimination.value + parts.uncertainty.value
    if not _agree(sum_of_parts, metrics.brier.value):
        yield f"takes a Brier score of {metrics.brier.value} apart into {sum_of_parts}"


def _find_calibration_problems(bins: tuple[CalibrationBin, ...], rows: int) -> Iterator[str]:
    if not 1 <= len(bins) <= _MOST_BINS:
        yield f"has {len(bins)} bins, not 1 to {_MOST_BINS}"
        return
    if any(each.rows < 1 for each in bins) or sum(each.rows for each in bins) != rows:
        yield f"has bins that do not hold its {rows} rows"
    ends = [end for each in bins for end in (each.low, each.high)]
    if not all(0.0 <= end <= 1.0 for end in ends) or any(not low <= high for low, high in pairwise(ends)):
        yield "has bins that are no rising ranges of probabilities"
    for each in bins:
        yield from _find_bound_problems("predicted share", each.predicted, 1.0)
        yield from _find_bound_problems("observed share", each.observed, 1.0)


def _find_decile_problems(deciles: tuple[Decile, ...], rows: int) -> Iterator[str]:
    if len(deciles) > _MOST_BINS:
        yield f"has {len(deciles)} deciles, more than {_MOST_BINS}"
        return
    if any(not low.rows < high.rows or not low.lowest >= high.lowest for low, high in pairwise(deciles)):
        yield "has deciles that are not in their order"
    for each in deciles:
        if not (1 <= each.rows <= rows and _agree(each.share, each.rows / rows) and 0.0 <= each.lowest <= 1.0):
            yield f"has a decile of {each.rows} rows, a share of {each.share} of {rows}, down to {each.lowest}"
        yield from _find_bound_problems("gain", each.gain, 1.0)
        yield from _find_bound_problems("lift", each.lift, math.inf)


def _find_profit_problems(profit: Profit) -> Iterator[str]:
    if not (math.isfinite(profit.benefit) and math.isfinite(profit.cost) and 0.0 <= profit.accept <= 1.0):
        yield f"has an offer of {profit.benefit} at {profit.cost}, accepted by {profit.accept}"
    for name in ("flagged", "everyone"):
        yield from _find_bound_problems(f"profit of {name}", getattr(profit, name), math.inf, low=-math.inf)


def _find_group_problems(contract: Contract, threshold: float, evaluation: Evaluation) -> Iterator[str]:
    identifiers = {field.name for field in contract.identifiers}
    for field, count in Counter(group.field for group in evaluation.groups).items():
        if count > _MOST_GROUPS_OF_A_FIELD:
            yield f"has {count} groups of {field!r}, more than {_MOST_GROUPS_OF_A_FIELD}"
        # It may be a column that the model does not read, but none that points at persons.
        if field in identifiers or len(field) > _MAX_NAME:
            yield f"has groups of {field[:60]!r}, which is an identifier or longer than {_MAX_NAME} characters"
    for group in evaluation.groups:
        yield from _find_place_problems(group)
        if group.metrics.rows > evaluation.metrics.rows:
            yield f"has a group of {group.metrics.rows} rows of {evaluation.metrics.rows}"
        if (group.metrics.confusion is None) != (evaluation.metrics.confusion is None):
            yield "has decisions for its groups or for all rows, not for both"
        yield from _find_metrics_problems(group.metrics, threshold)


def _find_place_problems(group: Group) -> Iterator[str]:
    if group.level is not None and group.bounds is not None:
        yield f"has a group of {group.field!r} with a level and bounds"
    if group.bounds is not None and not -math.inf < group.bounds.low <= group.bounds.high < math.inf:
        yield f"has a group of {group.field!r} within no bounds"


def _find_bound_problems(name: str, figure: Estimate | None, high: float, *, low: float = 0.0) -> Iterator[str]:
    """Find a figure that is out of its bounds, or an interval that is crossed; it need not hold the value."""
    if figure is None:
        return
    slack = _SLACK if math.isinf(high) else _SLACK * max(1.0, high)
    numbers = (figure.value, figure.low, figure.high)
    # Comparisons that NaN fails too; where there are no bounds, infinity must fail as well.
    if not all(low - slack <= number <= high + slack and math.isfinite(number) for number in numbers):
        yield f"gives {name} as {figure.value} [{figure.low}, {figure.high}]"
    elif not figure.low <= figure.high:
        yield f"gives {name} an interval that is crossed"


def _agree(left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=_SLACK, abs_tol=_SLACK)
