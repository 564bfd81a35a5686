"""What a run did: rows, refusals by field and code, and how long it took."""

from __future__ import annotations

from msgspec import Struct

from augury.batch.ledger import Count


class Distance(Struct, frozen=True):
    """How far a distribution is from that of training.

    Args:
        stability: the population stability index (:func:`augury.profile.compute_stability`).
        divergence: Jensen and Shannon's, in bits (:func:`augury.profile.compute_divergence`).
    """

    stability: float
    divergence: float


class Scores(Struct, frozen=True):
    """How the probabilities are distributed.

    Args:
        positives: the share of rows with a true label, in [0, 1].
        quantiles: of the probabilities, at :data:`augury.profile.QUANTILES`.
        drift: against training; None where the artifact has no profile.
    """

    positives: float
    quantiles: tuple[float, ...]
    drift: Distance | None


class FieldDrift(Struct, frozen=True):
    """How far the values of a field, null among them, are from those of training; in accepted rows of a sample."""

    field: str
    distance: Distance


class Summary(Struct, frozen=True, kw_only=True):
    """What a run did.

    Args:
        model: name and short digest.
        rows: of the table; ``scored`` and ``refused`` add up to them.
        faults: of the refused rows by field and code, the most frequent first; a row may have several.
        scores: how the probabilities are distributed; None where no row was scored.
        drift: of each field against training; None where it was not asked for, or the artifact has no profile.
        output: where the answers are.
        rejects: where the reject file is; None where no row was refused.
        seconds: that the run took; those of a run that was stopped before are not counted.
    """

    model: str
    rows: int
    scored: int
    refused: int
    faults: tuple[Count, ...]
    scores: Scores | None
    drift: tuple[FieldDrift, ...] | None
    output: str
    rejects: str | None
    seconds: float
