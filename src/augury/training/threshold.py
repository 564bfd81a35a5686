"""The threshold: where it is set by a policy, it is chosen on out-of-fold predictions."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, Decimal
from typing import Any

import numpy as np
from msgspec import Struct

from augury.errors import UsageError
from augury.evaluation.offer import Offer
from augury.ir.nodes import Decide

# A 64-bit float is exact with so many decimals after its leading zeros.
_MOST_DIGITS = 17


class Policy(Struct, frozen=True):
    """How the threshold is chosen: a number, the largest F1, a recall, or the largest profit; exactly one of them."""

    fixed: float | None = None
    f1: bool = False
    recall: float | None = None
    offer: Offer | None = None

    @property
    def needs_folds(self) -> bool:
        """Whether out-of-fold predictions are needed."""
        return self.fixed is None


def read_policy(
    threshold: float | str | None,
    recall: float | None,
    benefit: float | None,
    cost: float | None,
    accept: float | None,
) -> Policy:
    """Read the options that say how the threshold is chosen; 0.5 without any.

    Raises:
        UsageError: two of them contradict each other, or one is no such number.
    """
    said: dict[str, list[object]] = {
        "threshold": [threshold],
        "recall": [recall],
        "benefit and cost": [benefit, cost, accept],
    }
    asked = [name for name, values in said.items() if any(value is not None for value in values)]
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)} each choose a threshold", mend="give one of them")
    if recall is not None:
        return Policy(recall=_check_share("recall", recall))
    if "benefit and cost" in asked:
        return Policy(offer=_read_offer(benefit, cost, 1.0 if accept is None else accept))
    return _read_threshold(0.5 if threshold is None else threshold)


def _read_threshold(threshold: float | str) -> Policy:
    if threshold == "f1":
        return Policy(f1=True)
    try:
        number = float(threshold)
    except ValueError:
        raise UsageError(f"the threshold {threshold!r} is neither a number nor f1", mend="give 0.5 or f1") from None
    if not 0.0 <= number <= 1.0:
        raise UsageError(f"the threshold {threshold} is no probability", mend="give a number in [0, 1]")
    return Policy(fixed=number)


def _check_share(name: str, share: float) -> float:
    if not 0.0 < share <= 1.0:
        raise UsageError(f"the {name} {share} is not in (0, 1]", mend="give a share such as 0.8")
    return share


def _read_offer(benefit: float | None, cost: float | None, accept: float) -> Offer:
    if benefit is None or cost is None:
        what = f"a threshold by profit needs the {'benefit' if benefit is None else 'cost'} too"
        raise UsageError(what, mend="give benefit and cost, as in --benefit 100 --cost 5")
    if not (0.0 < benefit < math.inf and 0.0 <= cost < math.inf):
        what = f"a benefit of {benefit:g} and a cost of {cost:g} make no profit"
        raise UsageError(what, mend="give a positive benefit, and a cost that is not negative")
    return Offer(benefit, cost, _check_share("accept", accept))


def choose_threshold(policy: Policy, labels: Any, probabilities: Any) -> Decide:
    """Choose the threshold on predictions that were made without the row itself.

    Among equals it is the highest; and then the shortest decimal that decides all these rows alike.

    Args:
        policy: how.
        labels: (n_rows,), bool; not needed where the threshold is fixed.
        probabilities: (n_rows,); NaN where a row was not predicted.
    """
    if policy.fixed is not None:
        return Decide(policy.fixed, "0.5, the middle" if policy.fixed == 0.5 else "by hand")
    known = ~np.isnan(probabilities)
    cuts = _count_cuts(labels[known], probabilities[known])
    if policy.recall is not None:
        at = int(np.flatnonzero(cuts.hits >= policy.recall * cuts.positives - 1e-9)[0])
        found = "all" if policy.recall == 1.0 else f"{policy.recall:g}"
        chosen = f"the highest that finds {found} of the positives, on rows left out of the fit"
    elif policy.offer is not None:
        profits = policy.offer.gain * cuts.hits - policy.offer.cost * cuts.flagged
        at = int(np.argmax(profits))
        chosen = f"the largest profit, {_describe_offer(policy.offer)}, on rows left out of the fit"
    else:
        scores = 2 * cuts.hits / (cuts.flagged + cuts.positives)
        at = int(np.argmax(scores))
        chosen = f"the largest F1, {scores[at]:.3f}, on rows left out of the fit"
    return Decide(cuts.find_threshold(at), chosen)


def _describe_offer(offer: Offer) -> str:
    accept = "all" if offer.accept == 1.0 else f"{offer.accept:g}"
    return f"at a benefit of {offer.benefit:g}, a cost of {offer.cost:g} and {accept} who accept"


class _Cuts(Struct, frozen=True):
    """Every way to part the rows by a threshold, from nobody flagged to everybody.

    Args:
        lowest: the lowest probability that is flagged, falling; infinite where nobody is.
        flagged, hits: how many rows, and how many positives, are flagged.
        positives: how many there are.
    """

    lowest: Any
    flagged: Any
    hits: Any
    positives: int

    def find_threshold(self, at: int) -> float:
        """Find the shortest decimal that parts the rows in this way."""
        if at == 0:
            # A probability of exactly 1 is flagged by every threshold.
            return 1.0
        below = self.lowest[at + 1] if at + 1 < len(self.lowest) else -math.inf
        return find_short_decimal(float(below), float(self.lowest[at]))


def _count_cuts(labels: Any, probabilities: Any) -> _Cuts:
    order = np.argsort(-probabilities, kind="stable")
    ordered, hits = probabilities[order], np.cumsum(labels[order])
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    return _Cuts(
        np.concatenate([[math.inf], ordered[ends]]),
        np.concatenate([[0], ends + 1]),
        np.concatenate([[0], hits[ends]]),
        int(labels.sum()),
    )


def find_short_decimal(below: float, upto: float) -> float:
    """Find the number in ``(below, upto]``, at least 0, with the fewest decimals; nearest to the middle."""
    if below < 0.0:
        return 0.0
    low, high = Decimal(below), Decimal(upto)
    middle = (low + high) / 2
    for digits in range(1, -Decimal(upto).adjusted() + _MOST_DIGITS + 1):
        unit = Decimal(1).scaleb(-digits)
        found = middle.quantize(unit)
        for candidate in (found, low.quantize(unit, rounding=ROUND_CEILING)):
            if below < float(candidate) <= upto:
                return float(candidate)
    return upto
