"""The plan: the service asked about every customer, and one decision for each, stored whole or not at all."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec import Struct
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from augury import Client, Prediction, RecordError
from campaign.customers import Customer
from campaign.errors import CampaignError, TryLaterError
from campaign.letter import is_address, make_token
from campaign.profit import choose, compute_profit, count_affordable, find_worth
from campaign.settings import Settings
from campaign.tables import CAMPAIGNS, DECISIONS

_MOST_REASONS = 3


class Decision(Struct, frozen=True):
    """What is decided of a customer, and why; probability and profit are of those whom the service was asked about."""

    customer: str
    decision: str
    why: str
    probability: float | None = None
    profit: float | None = None


class Plan(Struct, frozen=True):
    """The decisions of a campaign, and the model that they come from."""

    model: str
    decisions: tuple[Decision, ...]


def make_plan(customers: Iterable[Customer], client: Client, settings: Settings) -> Plan:
    """Ask the service about all who may be mailed, and decide.

    Raises:
        ServiceError: it gives no answer; nothing is decided then.
        TryLaterError: its model was replaced while it was asked.
    """
    model = client.ping()
    judged = list(_judge(customers, client, settings))
    if client.ping() != model:
        raise TryLaterError("the service's model was replaced while it was asked", "run again")
    profits = [(each.customer, each.profit) for each in judged if each.profit is not None]
    affordable = count_affordable(settings.budget, settings.offer)
    chosen = choose(profits, affordable)
    return Plan(model, tuple(_settle(each, chosen) for each in judged))


def find_obstacle(customer: Customer) -> Decision | None:
    """Find why a customer must not or cannot be mailed; None where nothing stands against it."""
    if customer.opted_out:
        return Decision(customer.customer, "opted_out", "wants no mail")
    if not is_address(customer.email):
        return Decision(customer.customer, "no_address", "the address is no address that can be mailed")
    return None


def store_plan(engine: Engine, plan: Plan, settings: Settings, now: datetime) -> None:
    """Store a plan in one transaction; where another run was quicker its plan stands, and this one is forgotten."""
    rows = [
        {
            **msgspec.structs.asdict(each),
            "campaign": settings.name,
            "token": make_token(settings.name, each.customer),
            "state": "planned" if each.decision == "chosen" else None,
            "tries": 0,
            "changed": now,
        }
        for each in plan.decisions
    ]
    campaign = {"name": settings.name, "planned": now, "model": plan.model, "terms": write_terms(settings)}
    try:
        with engine.begin() as connection:
            connection.execute(insert(CAMPAIGNS), campaign)
            if rows:
                connection.execute(insert(DECISIONS), rows)
    except IntegrityError:
        if not is_planned(engine, settings):
            raise


def is_planned(engine: Engine, settings: Settings) -> bool:
    """Tell whether the campaign has its plan.

    Raises:
        CampaignError: it has one, which was made on other terms.
    """
    with engine.begin() as connection:
        terms = connection.execute(select(CAMPAIGNS.c.terms).where(CAMPAIGNS.c.name == settings.name)).scalar()
    if terms is not None and terms != write_terms(settings):
        what = f"{settings.name} was planned with another offer or budget"
        raise CampaignError(what, "put them back, or give this campaign a name of its own")
    return terms is not None


def write_terms(settings: Settings) -> str:
    """Write what a plan hangs on."""
    return msgspec.json.encode({"offer": settings.offer, "budget": settings.budget}).decode()


def _judge(customers: Iterable[Customer], client: Client, settings: Settings) -> Iterator[Decision]:
    asked: deque[Customer] = deque()
    obstacles: list[Decision] = []

    def draw() -> Iterator[dict[str, object]]:
        for customer in customers:
            obstacle = find_obstacle(customer)
            if obstacle is not None:
                obstacles.append(obstacle)
                continue
            asked.append(customer)
            yield dict(customer.record)

    for answer in client.predict_many(draw(), batch=settings.batch, explain=True):
        yield _read_answer(asked.popleft(), answer, settings)
    yield from obstacles


def _read_answer(customer: Customer, answer: Prediction | RecordError, settings: Settings) -> Decision:
    if isinstance(answer, RecordError):
        faults = "; ".join(f"{fault.code} at {fault.pointer or '/'}" for fault in answer.faults)
        return Decision(customer.customer, "refused", faults)
    charges = customer.charges
    if not isinstance(charges, int | float | Decimal) or not 0.0 <= charges < math.inf:
        return Decision(customer.customer, "no_value", "the charges are no amount", answer.probability)
    profit = compute_profit(answer.probability, find_worth(float(charges), settings.offer), settings.offer)
    return Decision(customer.customer, "judged", _tell_reasons(answer), answer.probability, profit)


def _settle(decision: Decision, chosen: set[str]) -> Decision:
    if decision.profit is None:
        return decision
    if decision.customer in chosen:
        return msgspec.structs.replace(decision, decision="chosen")
    return msgspec.structs.replace(decision, decision="not_worth_it" if decision.profit <= 0.0 else "over_budget")


def _tell_reasons(answer: Prediction) -> str:
    """Tell which fields raise the probability most, with what each adds in log-odds, and no customer's value."""
    raising = [reason for reason in answer.contributions or () if reason.value > 0.0]
    strongest = sorted(raising, key=lambda reason: -reason.value)[:_MOST_REASONS]
    return ", ".join(f"{reason.field} {reason.value:+.2f}" for reason in strongest)
