from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.profit import choose, compute_profit, count_affordable, find_worth
from campaign.settings import Budget, Offer

OFFER = Offer(months=12, margin=0.5, accept=0.25, incentive=20, cost=1)
PLAIN = Offer(months=12, margin=1, accept=0.3, incentive=0, cost=5)


@pytest.mark.parametrize(
    ("probability", "charges", "profit"),
    [
        # worth 600; 0.5 · 0.25 · 580 − 0.5 · 20 − 1
        (0.5, 100.0, 61.5),
        # nobody leaves: the incentive and the mail are lost
        (0.0, 100.0, -21.0),
        # everybody leaves: a quarter of 580, less the mail
        (1.0, 100.0, 144.0),
        # worth nothing: whoever accepts costs the incentive too
        (0.5, 0.0, -13.5),
    ],
)
def test_profit_is_what_one_works_out_by_hand(probability: float, charges: float, profit: float) -> None:
    """The expected profit of four customers is the sum that pencil and paper give."""
    assert compute_profit(probability, find_worth(charges, OFFER), OFFER) == pytest.approx(profit)


@given(st.floats(0, 1), st.floats(0, 1e4))
def test_profit_is_the_mean_over_what_may_happen(probability: float, worth: float) -> None:
    """The profit is the mean over who leaves and who accepts, added up outcome by outcome."""
    outcomes = {
        (True, True): worth - OFFER.incentive,
        (True, False): 0.0,
        (False, True): -OFFER.incentive,
        (False, False): -OFFER.incentive,
    }
    mean = Fraction(-OFFER.cost)
    for leaves, accepts in itertools.product((True, False), repeat=2):
        chance = Fraction(probability) if leaves else 1 - Fraction(probability)
        share = Fraction(OFFER.accept) if accepts else 1 - Fraction(OFFER.accept)
        mean += chance * share * Fraction(outcomes[leaves, accepts])
    assert compute_profit(probability, worth, OFFER) == pytest.approx(float(mean), abs=1e-9)


@pytest.mark.parametrize(("probability", "is_worth_it"), [(0.166, False), (0.167, True)])
def test_without_an_incentive_the_threshold_is_that_of_training(probability: float, is_worth_it: bool) -> None:
    """At a benefit of 100, a cost of 5 and 0.3 who accept, an offer pays from cost / (accept × benefit) on, 0.1667."""
    assert (compute_profit(probability, 100.0, PLAIN) > 0.0) is is_worth_it


def test_a_customer_who_brings_nothing_is_not_chosen() -> None:
    """A profit of exactly nothing, or less, is no reason for a mail."""
    assert choose([("a", 0.0), ("b", -1.0), ("c", 0.01)], float("inf")) == {"c"}


def test_a_budget_takes_the_most_profitable_first() -> None:
    """Of more customers than the budget pays for, the most profitable are chosen; of equals the first by name."""
    profits = [("d", 1.0), ("c", 2.0), ("b", 2.0), ("a", 3.0)]
    assert choose(profits, 2) == {"a", "b"}
    assert choose(profits, 0) == set()


@pytest.mark.parametrize(
    ("budget", "mails"),
    [
        (Budget(), float("inf")),
        (Budget(mails=7), 7),
        (Budget(money=100), 4),
        (Budget(mails=3, money=100), 3),
        (Budget(money=20.99), 0),
    ],
)
def test_a_budget_of_money_holds_even_if_everybody_accepts(budget: Budget, mails: float) -> None:
    """Each mail takes its postage and the whole incentive, 21 here, from the money."""
    assert count_affordable(budget, OFFER) == mails


def test_money_is_no_limit_of_what_costs_nothing() -> None:
    """A budget of money leaves a campaign alone that spends none."""
    free = Offer(months=1, margin=1, accept=1, incentive=0, cost=0)
    assert count_affordable(Budget(money=0), free) == float("inf")
