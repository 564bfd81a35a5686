"""Evaluate a model on rows that it was not fitted on: every figure with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from msgspec import Struct
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from augury.artifact.evaluation import (
    CalibrationBin,
    Confusion,
    Decile,
    Decomposition,
    Estimate,
    Evaluation,
    Group,
    HeldOut,
    Metrics,
    Profit,
)
from augury.errors import TableError
from augury.evaluation.bootstrap import CONFIDENCE, Estimates, Figures, estimate, find_resamples
from augury.evaluation.figures import (
    Costs,
    compute_calibration,
    compute_confusion,
    compute_decomposition,
    compute_gain,
    compute_losses,
    compute_profit,
    compute_ranking,
    find_costs,
)
from augury.evaluation.groups import group_rows
from augury.evaluation.offer import Offer
from augury.evaluation.ranked import Counts, Floats, Integers, Ranked, blur, rank_rows
from augury.profile import MIN_COUNT

# As many as a table or a plot shows without crowding, each still with enough rows for a share.
BINS = 10
# An isotonic regression fits the noise of its rows too, and fits that of a resample the more. In simulations of 300 and
# 1,500 rows percentile intervals never held the true miscalibration of 0.006, and basic ones did in 93 to 96 of 100.
_OVERSTATED = frozenset({"recalibrated"})


class _Plan(Struct, frozen=True):
    """What is measured of all rows, and of each resample in the same way.

    Args:
        ranked: the rows.
        costs: of a row at each score.
        first: the index of the least score that is flagged.
        starts: the index of the least score of each bin.
        deciles: how many rows each decile and those before it hold.
        offer: what a profit comes from.
    """

    ranked: Ranked
    costs: Costs
    first: int
    starts: Integers
    deciles: Integers
    offer: Offer | None

    def measure_metrics(self, counts: Counts) -> Figures:
        """Compute what is told of groups too."""
        return {
            "ranking": compute_ranking(counts),
            "losses": compute_losses(counts, self.costs),
            "confusion": compute_confusion(counts, self.first),
        }

    def measure_all(self, counts: Counts) -> Figures:
        """Compute everything."""
        figures = self.measure_metrics(counts)
        parts = compute_decomposition(counts, self.costs)
        figures |= {"recalibrated": parts[:2], "uncertainty": parts[2:]}
        figures["calibration"] = compute_calibration(counts, self.ranked.scores, self.starts)
        figures["gain"] = compute_gain(counts, self.deciles)
        if self.offer is not None:
            figures["profit"] = compute_profit(counts, self.first, self.offer)
        return figures


def evaluate(  # noqa: PLR0913 - rows, and what is asked of them
    labels: Any,
    probabilities: Any,
    *,
    threshold: float,
    held_out: HeldOut,
    groups: Mapping[str, Iterable[Any]] | None = None,
    offer: Offer | None = None,
    seed: int = 1,
) -> Evaluation:
    """Evaluate probabilities against what happened.

    Args:
        labels: of each row, (n_rows,): true or 1 for the positive class.
        probabilities: of each row, (n_rows,), in [0, 1].
        threshold: the probability from which a row is flagged.
        held_out: which rows these are.
        groups: by the name of a field its value in each row, as :func:`augury.evaluation.groups.group_rows` takes them.
        offer: where the threshold was chosen by profit.
        seed: of the bootstrap. The same for every group, so that a group's figures depend on its own rows alone.

    Raises:
        TableError: there is no row.
    """
    ranked = _rank(labels, probabilities)
    plan = _make_plan(ranked, threshold, offer)
    exact = _measure_exactly(ranked)
    found = estimate(ranked, plan.measure_all, exact=exact, overstated=_OVERSTATED, seed=seed)
    return Evaluation(
        held_out=held_out,
        confidence=CONFIDENCE,
        resamples=find_resamples(ranked.rows),
        metrics=_make_metrics(ranked, found, threshold),
        decomposition=Decomposition(*map(_demand, found["recalibrated"] + found["uncertainty"])),
        calibration=_make_calibration(plan, found),
        deciles=_make_deciles(plan, found),
        profit=None if offer is None else _make_profit(offer, found),
        groups=tuple(
            Group(field, group.level, group.bounds, _evaluate_group(ranked, group.positions, threshold, seed))
            for field, values in (groups or {}).items()
            for group in group_rows(values)
        ),
    )


def _rank(labels: Any, probabilities: Any) -> Ranked:
    ranked = rank_rows(labels, probabilities)
    if not ranked.rows:
        raise TableError("no row is left to evaluate the model on", mend="hold out more rows, or mend those refused")
    return ranked


def _make_plan(ranked: Ranked, threshold: float, offer: Offer | None) -> _Plan:
    first = int(np.searchsorted(ranked.scores, threshold, side="left"))
    counts = ranked.count()
    return _Plan(ranked, find_costs(ranked.scores), first, _find_bins(counts), _find_deciles(counts), offer)


def _find_bins(counts: Counts) -> Integers:
    """Cut the ranked rows into bins of equally many; equal scores are in the bin of the first of them.

    None has fewer than :data:`MIN_COUNT` rows, unless all of them are fewer: it would tell what became of a person.
    """
    before, rows = np.cumsum(counts.both) - counts.both, counts.both.sum()
    starts = np.unique(np.floor(before * BINS / rows), return_index=True)[1].tolist()
    kept = starts[:1]
    for start in starts[1:]:
        if min(before[start] - before[kept[-1]], rows - before[start]) >= MIN_COUNT:
            kept.append(start)
    return np.array(kept, dtype=np.intp)


def _find_deciles(counts: Counts) -> Integers:
    """Find how many rows are among the highest tenth, two tenths …, where equal scores are taken together.

    As in bins, each has :data:`MIN_COUNT` rows more than the one before.
    """
    if not counts.positives.any():
        return np.array([], dtype=np.intp)
    rows = np.cumsum(counts.both[::-1])
    wanted = np.ceil(rows[-1] * np.arange(1, BINS + 1) / BINS)
    kept = [0.0]
    for count in np.unique(rows[np.searchsorted(rows, wanted)]).tolist():
        if count == rows[-1] or min(count - kept[-1], rows[-1] - count) >= MIN_COUNT:
            kept.append(count)
    return np.array(kept[1:], dtype=np.intp)


def _measure_exactly(ranked: Ranked) -> Figures:
    """Ask scikit-learn for the metrics of all rows."""
    labels, given = ranked.labels, ranked.probabilities
    losses = [log_loss(labels, given, labels=[0, 1]), brier_score_loss(labels, given, pos_label=1)]
    if labels.min() == labels.max():
        return {"losses": np.array(losses)}
    ranking = [roc_auc_score(labels, given), average_precision_score(labels, given)]
    return {"ranking": np.array(ranking), "losses": np.array(losses)}


def _evaluate_group(ranked: Ranked, positions: Integers, threshold: float, seed: int) -> Metrics:
    group = rank_rows(ranked.labels[positions], ranked.probabilities[positions])
    plan = _make_plan(group, threshold, None)
    found = estimate(group, plan.measure_metrics, exact=_measure_exactly(group), seed=seed)
    return _make_metrics(group, found, threshold)


def _make_metrics(ranked: Ranked, found: Estimates, threshold: float) -> Metrics:
    auc, average_precision = found["ranking"]
    log, brier = map(_demand, found["losses"])
    confusion = found["confusion"]
    return Metrics(
        rows=ranked.rows,
        positives=int(ranked.labels.sum()),
        auc=auc,
        average_precision=average_precision,
        log_loss=log,
        brier=brier,
        confusion=Confusion(threshold, *map(_demand, confusion[:5]), *confusion[5:]),
    )


def _make_calibration(plan: _Plan, found: Estimates) -> tuple[CalibrationBin, ...]:
    scores, count = plan.ranked.scores, plan.starts.size
    means = list(map(_demand, found["calibration"]))
    rows = np.add.reduceat(plan.ranked.count().both, plan.starts)
    ends = np.append(plan.starts[1:], scores.size) - 1
    return tuple(
        CalibrationBin(blur(scores[start]), blur(scores[end]), int(size), predicted, observed)
        for start, end, size, predicted, observed in zip(
            plan.starts, ends, rows, means[:count], means[count:], strict=True
        )
    )


def _make_deciles(plan: _Plan, found: Estimates) -> tuple[Decile, ...]:
    falling: Floats = np.sort(plan.ranked.probabilities)[::-1]
    figures = list(map(_demand, found["gain"]))
    count = plan.deciles.size
    return tuple(
        Decile(rows / plan.ranked.rows, rows, blur(falling[rows - 1]), gain, lift)
        for rows, gain, lift in zip(plan.deciles.tolist(), figures[:count], figures[count:], strict=True)
    )


def _make_profit(offer: Offer, found: Estimates) -> Profit:
    flagged, everyone = map(_demand, found["profit"])
    return Profit(offer.benefit, offer.cost, offer.accept, flagged, everyone)


def _demand(figure: Estimate | None) -> Estimate:
    """Take a figure that every table with a row has."""
    assert figure is not None
    return figure
