"""Whom the offer pays for: expected profit, and the most profitable first where the budget ends."""

from __future__ import annotations

from collections.abc import Iterable

from campaign.settings import Budget, Offer


def find_worth(charges: float, offer: Offer) -> float:
    """Find what keeping a customer brings: months × margin × monthly charges."""
    return offer.months * offer.margin * charges


def compute_profit(probability: float, worth: float, offer: Offer) -> float:
    """Compute the profit to expect of mailing one customer.

    Of those who would leave (p) a share γ accepts, stays, is worth V and costs the incentive d; whoever would have
    stayed (1 − p) takes the incentive too; every mail costs c::

        p · γ · (V − d) − (1 − p) · d − c

    It is the profit of a retention campaign of Neslin, Gupta, Kamakura, Lu and Mason (2006), "Defection Detection",
    Journal of Marketing Research 43(2), as Verbraken, Verbeke and Baesens (2013), IEEE TKDE 25(5), write it for one
    customer. With d = 0 it is positive from p = c / (γ · V): the threshold of `augury train --benefit --cost --accept`.
    """
    gained = probability * offer.accept * (worth - offer.incentive)
    return gained - (1.0 - probability) * offer.incentive - offer.cost


def count_affordable(budget: Budget, offer: Offer) -> float:
    """Count the mails that the budget allows: each may cost its postage and the incentive, if everybody takes it."""
    mails = float("inf") if budget.mails is None else budget.mails
    each = offer.cost + offer.incentive
    money = float("inf") if budget.money is None or each == 0.0 else budget.money // each
    return min(mails, money)


def choose(profits: Iterable[tuple[str, float]], affordable: float) -> set[str]:
    """Choose customers who pay, the most profitable first; of equals the one whose name sorts first.

    Every mail takes the same from the budget, so no other choice of as many is worth more.
    """
    paying = sorted((-profit, customer) for customer, profit in profits if profit > 0.0)
    return {customer for at, (_, customer) in enumerate(paying) if at < affordable}
