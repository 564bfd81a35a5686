"""How well a model did on rows that it was not fitted on, as plain values: aggregates only, each with its interval."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from augury.contract.fields import Bounds, Level


class Estimate(Struct, frozen=True, forbid_unknown_fields=True):
    """A figure on the rows held out, and the bootstrap interval ``[low, high]`` about it."""

    value: float
    low: float
    high: float


class HeldOut(Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows a model was evaluated on.

    Args:
        how: ``random``, ``stratified`` by the target, the last in ``time``, whole groups by ``group``, or a ``table``
            of their own.
        column: the column of times or groups; None for the others.
        rows: how many were held out.
        refused: how many of them the contract refused, which no figure counts.
    """

    how: Literal["random", "stratified", "time", "group", "table"]
    column: str | None
    rows: int
    refused: int


class Confusion(Struct, frozen=True, forbid_unknown_fields=True):
    """The decisions at one threshold: rows by their class and the decision, and the usual shares of them.

    ``precision`` is None where nothing was flagged, as are ``recall`` or ``specificity`` where a class has no row, and
    ``f1`` where it has no denominator.
    """

    threshold: float
    true_positives: Estimate
    false_positives: Estimate
    false_negatives: Estimate
    true_negatives: Estimate
    accuracy: Estimate
    precision: Estimate | None
    recall: Estimate | None
    specificity: Estimate | None
    f1: Estimate | None


class Metrics(Struct, frozen=True, forbid_unknown_fields=True):
    """The metrics on some rows; those that need both classes are None where one has no row.

    Args:
        rows: how many were scored.
        positives: how many of them are of the positive class.
        auc: area under the ROC curve, ``sklearn.metrics.roc_auc_score``.
        average_precision: area under the precision-recall curve by steps, ``average_precision_score``.
        log_loss: mean negative log-likelihood in nats, ``log_loss``.
        brier: mean squared error of the probability, ``brier_score_loss``.
        confusion: the decisions at the model's threshold.
    """

    rows: int
    positives: int
    auc: Estimate | None
    average_precision: Estimate | None
    log_loss: Estimate
    brier: Estimate
    confusion: Confusion | None


class Decomposition(Struct, frozen=True, forbid_unknown_fields=True):
    """The Brier score taken apart: ``brier = miscalibration - discrimination + uncertainty``, exactly.

    With the probabilities recalibrated by isotonic regression: what that would save, what it then explains, and the
    score of the mean alone. Source: Dimitriadis, Gneiting and Jordan, PNAS 118 (2021), "CORP".
    """

    miscalibration: Estimate
    discrimination: Estimate
    uncertainty: Estimate


class CalibrationBin(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of similar probability: the range ``[low, high]``, their mean probability, and the share of positives.

    Both ends are rounded, so that neither is one customer's own probability.
    """

    low: float
    high: float
    rows: int
    predicted: Estimate
    observed: Estimate


class Decile(Struct, frozen=True, forbid_unknown_fields=True):
    """The rows of the highest probabilities, down to one more tenth of all.

    Args:
        share: of all rows, down to here; in (0, 1].
        rows: how many that are.
        lowest: the lowest probability among them, rounded likewise.
        gain: the share of all positives that are among them.
        lift: how much more frequent positives are among them than among all.
    """

    share: float
    rows: int
    lowest: float
    gain: Estimate
    lift: Estimate


class Profit(Struct, frozen=True, forbid_unknown_fields=True):
    """What contacting the flagged rows would earn: ``benefit * accept`` for a true positive, less ``cost`` for each.

    Args:
        benefit: of a customer kept.
        cost: of one contact.
        accept: the share in [0, 1] of the positives who take the offer.
        flagged: the total over the rows held out, at the model's threshold.
        everyone: the total if every one of them were contacted.
    """

    benefit: float
    cost: float
    accept: float
    flagged: Estimate
    everyone: Estimate


class Group(Struct, frozen=True, forbid_unknown_fields=True):
    """The metrics on the rows in which a field has one level, or is within bounds; neither where it is missing."""

    field: str
    level: Level | bool | None
    bounds: Bounds | None
    metrics: Metrics


class Evaluation(Struct, frozen=True, forbid_unknown_fields=True):
    """How well a model did on rows held out.

    Args:
        held_out: which rows.
        confidence: of every interval, in (0, 1).
        resamples: of the bootstrap, ``scipy.stats.bootstrap``. Intervals are percentile ones; those of miscalibration
            and discrimination are basic ones.
        metrics: on all of them.
        decomposition: of the Brier score.
        calibration: bins of equally many rows, by rising probability.
        deciles: gain and lift, cumulative, by falling probability.
        profit: where the threshold was chosen by profit.
        groups: the metrics again by the values of the fields that were asked for.
    """

    held_out: HeldOut
    confidence: float
    resamples: int
    metrics: Metrics
    decomposition: Decomposition
    calibration: tuple[CalibrationBin, ...]
    deciles: tuple[Decile, ...]
    profit: Profit | None
    groups: tuple[Group, ...]
