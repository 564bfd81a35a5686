"""Link functions, written once in their stable form; everything that scores uses these."""

from __future__ import annotations

from math import exp

# exp(-700) is 9.9e-305: below it doubles lose digits and then vanish, and engines differ. A probability stays above 0.
_LOWEST_EXPONENT = -700.0


def sigmoid(margin: float) -> float:
    """Compute ``1 / (1 + exp(-margin))`` in two branches, so that exp is only given arguments in [-700, 0].

    >>> sigmoid(0.0), sigmoid(1e6)
    (0.5, 1.0)
    """
    if margin >= 0.0:
        return 1.0 / (1.0 + exp(max(-margin, _LOWEST_EXPONENT)))
    power = exp(max(margin, _LOWEST_EXPONENT))
    return power / (1.0 + power)
