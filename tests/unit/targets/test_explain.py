"""Explanations: parts that sum to the whole."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from augury.targets.explain import find_average, find_contributions, sum_by_field

NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False)


def test_terms_of_one_field_are_summed() -> None:
    """A field that stands in several terms is told as one reason."""
    assert sum_by_field((1.0, 2.0, 4.0), (0, 1, 0), 3) == [5.0, 2.0, 0.0]


def test_the_average_is_the_mean_of_each_field() -> None:
    """The baseline is a mean over rows, field by field."""
    assert find_average([(1.0, 0.0), (3.0, 4.0)]) == (2.0, 2.0)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30), NUMBERS)
def test_parts_sum_to_the_margin(pairs: list[tuple[float, float]], intercept: float) -> None:
    """Base and contributions sum to the margin within 2 ulp of the largest, whatever the numbers."""
    terms, baseline = [term for term, _ in pairs], [average for _, average in pairs]
    margin = math.fsum((intercept, *terms))
    base, contributions = find_contributions(terms, baseline, intercept, margin)
    largest = max(map(abs, (base, margin, *contributions)))
    assert abs(math.fsum((base, *contributions)) - margin) <= 2 * math.ulp(largest)


def test_a_field_at_its_average_adds_nothing() -> None:
    """A contribution that is zero stays zero: the remainder goes to one that is not."""
    base, contributions = find_contributions((0.1, 0.3), (0.1, 0.2), 0.7, math.fsum((0.7, 0.1, 0.3)))
    assert contributions[0] == 0.0
    assert base == math.fsum((0.7, 0.1, 0.2))


def test_the_baseline_itself_is_its_margin() -> None:
    """Where no field adds anything, the base is the margin, whatever was lost in summing the terms field by field."""
    margin = math.fsum((-1e6, 1e6, 0.2))
    (term,) = sum_by_field((1e6, 0.2), (0, 0), 1)
    assert find_contributions((term,), (term,), -1e6, margin) == (margin, [0.0])


@pytest.mark.parametrize(
    ("terms", "baseline", "intercept"),
    [
        ((1.7e308, -1e308), (-1.7e308, 1e308), 0.0),
        ((1.5e308,), (-1e308,), 0.0),
        ((1.0, 1.0), (1.5e308, 1.5e308), -1.5e308),
        ((0.0, -1.5e308), (1.5e308, 0.0), 0.0),
    ],
)
def test_parts_that_are_not_finite_are_none(
    terms: tuple[float, ...], baseline: tuple[float, ...], intercept: float
) -> None:
    """A margin is not taken apart where a part of it is beyond a double."""
    with pytest.raises(OverflowError):
        find_contributions(terms, baseline, intercept, math.fsum((intercept, *terms)))


def test_terms_of_one_field_may_be_too_large_together() -> None:
    """Two terms of one field can be beyond a double although the margin is not."""
    with pytest.raises(OverflowError):
        sum_by_field((1.5e308, -1.5e308, 1.5e308), (0, 1, 0), 2)
