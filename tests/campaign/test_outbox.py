from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from campaign.errors import CampaignError
from campaign.letter import make_token
from campaign.outbox import Outbox
from campaign.plan import Decision, Plan, is_planned, store_plan
from campaign.settings import Budget, Columns, read_settings
from campaign.tables import CAMPAIGNS, DECISIONS, open_database
from tests.campaign.scene import EXAMPLE

SETTINGS = replace(read_settings(EXAMPLE / "campaign.toml"), name="autumn")
LEASE = 60.0


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def pass_by(self, seconds: float) -> None:
        """Let time pass by."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


@pytest.fixture
def engine(database: str, clock: Clock) -> Iterator[Engine]:
    """A database with a plan of three mails, the second of them the most profitable."""
    profits = {"c1": 10.0, "c2": 30.0, "c3": 20.0}
    decisions = [Decision(name, "chosen", "tenure +1.00", 0.5, profit) for name, profit in profits.items()]
    decisions.append(Decision("c4", "opted_out", "wants no mail"))
    with open_database(database) as opened:
        store_plan(opened, Plan("churn@0", tuple(decisions)), SETTINGS, clock())
        yield opened


def open_outbox(engine: Engine, clock: Clock, *, resend: bool = False) -> Outbox:
    """Open the outbox as a run of its own."""
    return Outbox(engine, "autumn", clock, lease=LEASE, resend=resend)


def take(outbox: Outbox) -> str | None:
    """Take a mail, and say whose."""
    claim = outbox.claim()
    return None if claim is None else claim.customer


def read_states(engine: Engine) -> dict[str, str | None]:
    """Read the state of each mail."""
    with engine.begin() as connection:
        return {row.customer: row.state for row in connection.execute(select(DECISIONS))}


def test_the_most_profitable_mail_is_taken_first(engine: Engine, clock: Clock) -> None:
    """Mails are taken by their profit, each once, and nobody's who was not chosen."""
    outbox = open_outbox(engine, clock)
    assert [take(outbox) for _ in range(4)] == ["c2", "c3", "c1", None]
    assert not outbox.has_free()


def test_a_claim_has_the_mails_one_token(engine: Engine, clock: Clock) -> None:
    """Whoever takes a mail sends it under the same Message-ID."""
    claim = open_outbox(engine, clock).claim()
    assert claim is not None
    assert claim.token == make_token("autumn", "c2")


def test_two_runs_never_take_the_same_mail(engine: Engine, clock: Clock) -> None:
    """Of what one run has another sees nothing, as long as the lease lasts."""
    first, second = open_outbox(engine, clock), open_outbox(engine, clock, resend=True)
    assert (take(first), take(second), take(first), take(second)) == ("c2", "c3", "c1", None)
    clock.pass_by(LEASE - 1)
    assert second.give_up_the_dead() == 0
    assert second.find_wait() == pytest.approx(1.0)


def test_eight_runs_at_once_take_each_mail_once(engine: Engine, clock: Clock) -> None:
    """However many take at the very same time, each mail is one's."""
    decisions = tuple(Decision(f"m{number}", "chosen", "", 0.5, float(number)) for number in range(60))
    store_plan(engine, Plan("churn@0", decisions), replace(SETTINGS, name="winter"), clock())

    def take_all(_: int) -> list[str]:
        outbox = Outbox(engine, "winter", clock, lease=LEASE, resend=True)
        taken: list[str] = []
        while outbox.has_free():
            taken += [claim.customer for claim in [outbox.claim()] if claim is not None]
        return taken

    with ThreadPoolExecutor(8) as pool:
        taken = [customer for each in pool.map(take_all, range(8)) for customer in each]
    assert sorted(taken) == sorted(decision.customer for decision in decisions)


@pytest.mark.parametrize("state", ["sent", "failed", "withdrawn"])
def test_what_is_settled_stays(engine: Engine, clock: Clock, state: str) -> None:
    """A mail that was sent, refused for good or withdrawn is never taken again."""
    outbox = open_outbox(engine, clock)
    assert take(outbox) == "c2"
    assert outbox.settle("c2", state, "250 taken")
    clock.pass_by(2 * LEASE)
    other = open_outbox(engine, clock, resend=True)
    assert other.give_up_the_dead() == 0
    assert [take(other) for _ in range(3)] == ["c3", "c1", None]


def test_what_a_dead_run_had_is_uncertain_and_not_sent_again(engine: Engine, clock: Clock) -> None:
    """After the lease the mail is uncertain, and a run that was not told otherwise leaves it."""
    assert take(open_outbox(engine, clock)) == "c2"
    clock.pass_by(LEASE + 1)
    careful = open_outbox(engine, clock)
    assert careful.give_up_the_dead() == 1
    assert read_states(engine)["c2"] == "uncertain"
    assert [take(careful) for _ in range(3)] == ["c3", "c1", None]


def test_what_is_uncertain_is_sent_again_by_whoever_is_told_to(engine: Engine, clock: Clock) -> None:
    """A run that may resend takes it, once."""
    assert take(open_outbox(engine, clock)) == "c2"
    clock.pass_by(LEASE + 1)
    resending = open_outbox(engine, clock, resend=True)
    assert resending.give_up_the_dead() == 1
    assert take(resending) == "c2"
    assert resending.settle("c2", "uncertain", "cut")
    assert [take(resending) for _ in range(3)] == ["c3", "c1", None]


def test_a_run_that_was_given_up_still_tells_what_became_of_its_mail(engine: Engine, clock: Clock) -> None:
    """Who was only slow knows better than who gave him up."""
    slow, other = open_outbox(engine, clock), open_outbox(engine, clock)
    assert take(slow) == "c2"
    clock.pass_by(LEASE + 1)
    assert other.give_up_the_dead() == 1
    assert slow.settle("c2", "sent", "250 taken")
    assert read_states(engine)["c2"] == "sent"


def test_a_run_has_no_say_over_what_another_took_since(engine: Engine, clock: Clock) -> None:
    """Once another run sends the mail again, the slow one's word does not count."""
    slow, other = open_outbox(engine, clock), open_outbox(engine, clock, resend=True)
    assert take(slow) == "c2"
    clock.pass_by(LEASE + 1)
    assert other.give_up_the_dead() == 1
    assert take(other) == "c2"
    assert not slow.settle("c2", "failed", "550 no")
    slow.put_back("c2", "not sent")
    assert read_states(engine)["c2"] == "sending"


def test_what_was_put_off_is_left_to_the_next_run(engine: Engine, clock: Clock) -> None:
    """A mail that the server did not want now is tried once a run."""
    outbox = open_outbox(engine, clock)
    assert take(outbox) == "c2"
    assert outbox.settle("c2", "planned", "451 later")
    assert [take(outbox) for _ in range(3)] == ["c3", "c1", None]
    assert take(open_outbox(engine, clock)) == "c2"


def test_what_was_put_back_is_tried_again(engine: Engine, clock: Clock) -> None:
    """A mail that surely was not taken is free for the same run too."""
    outbox = open_outbox(engine, clock)
    assert take(outbox) == "c2"
    outbox.put_back("c2", "no connection")
    assert take(outbox) == "c2"


def test_eight_runs_may_be_the_first_at_once(database: str) -> None:
    """Runs that find an empty database at the same time all find the campaign's tables in it."""
    together = Barrier(8)

    def read(_: int) -> list[str]:
        together.wait()
        with open_database(database) as opened, opened.begin() as connection:
            return list(connection.execute(select(CAMPAIGNS.c.name)).scalars())

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(8))) == [[]] * 8


def test_the_first_plan_stands(engine: Engine, clock: Clock) -> None:
    """A second plan under the same name, as two runs make that begin together, changes nothing."""
    store_plan(engine, Plan("churn@1", (Decision("c9", "chosen", "", 0.5, 1.0),)), SETTINGS, clock())
    assert set(read_states(engine)) == {"c1", "c2", "c3", "c4"}


def test_a_plan_is_stored_whole_or_not_at_all(engine: Engine, clock: Clock) -> None:
    """Where one decision cannot be stored there is no plan, and no campaign either."""
    twice = Decision("c9", "chosen", "", 0.5, 1.0)
    spring = replace(SETTINGS, name="spring")
    with pytest.raises(IntegrityError):
        store_plan(engine, Plan("churn@0", (twice, twice)), spring, clock())
    assert not is_planned(engine, spring)
    with engine.begin() as connection:
        assert connection.execute(select(CAMPAIGNS.c.name)).scalars().all() == ["autumn"]


def test_another_budget_is_another_campaign(engine: Engine) -> None:
    """A plan that was made on other terms is not taken for this one's."""
    assert is_planned(engine, SETTINGS)
    assert is_planned(engine, replace(SETTINGS, columns=Columns(kept_back=("gender",))))
    with pytest.raises(CampaignError, match="another offer or budget"):
        is_planned(engine, replace(SETTINGS, budget=Budget(mails=1)))


def test_times_come_back_in_utc(engine: Engine, clock: Clock) -> None:
    """A time is the same aware time in UTC out of either database."""
    with engine.begin() as connection:
        planned = connection.execute(select(CAMPAIGNS.c.planned)).scalar_one()
    assert planned == clock.now
    assert planned.tzinfo is UTC
