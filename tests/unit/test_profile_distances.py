import math

import pytest

from augury.profile import compute_divergence, compute_stability, cut_shares


def test_distances_of_equal_distributions_are_zero() -> None:
    """What has not changed is at no distance."""
    shares = [0.2, 0.0, 0.8]
    assert (compute_stability(shares, shares), compute_divergence(shares, shares)) == (0.0, 0.0)


def test_the_stability_index_is_jeffreys_divergence() -> None:
    """The index is the sum over bins of difference times logarithm of quotient, worked out by hand here."""
    assert compute_stability([0.5, 0.5], [0.25, 0.75]) == pytest.approx(0.25 * math.log(2) + 0.25 * math.log(1.5))


def test_an_empty_bin_leaves_the_index_finite() -> None:
    """A level that nobody has any more moves the index far, and not to infinity."""
    assert 1 < compute_stability([0.5, 0.5], [0.0, 1.0]) < 10


def test_the_divergence_of_strangers_is_one_bit() -> None:
    """Distributions without a common value are one bit apart, whichever is the first."""
    assert compute_divergence([1.0, 0.0], [0.0, 1.0]) == 1.0
    assert compute_divergence([0.5, 0.5], [0.25, 0.75]) == compute_divergence([0.25, 0.75], [0.5, 0.5])


def test_shares_of_equal_quantiles_are_equal() -> None:
    """Also where many numbers are the same, equal quantiles have equal shares, which sum to one."""
    for quantiles in (tuple(range(15)), (0.0,) * 7 + tuple(range(1, 9)), (3.0,) * 15):
        expected, actual = cut_shares(quantiles, quantiles)
        assert expected == actual
        assert sum(expected) == pytest.approx(1.0)


def test_shares_follow_the_quantiles() -> None:
    """Between two deciles lies a tenth of the probabilities; what lies beyond all of them is in the outer bins."""
    expected, actual = cut_shares(tuple(map(float, range(15))), tuple(float(number + 100) for number in range(15)))
    assert expected == pytest.approx([0.1] * 10)
    assert actual == pytest.approx([0.0] * 9 + [1.0])
