"""The outbox: where every mail stands, each step committed before the act that it speaks of.

::

    planned ──▶ sending ──▶ sent         the server took it
       ▲           ├──────▶ failed       it will not take it, and says so
       │           ├──────▶ withdrawn    the customer has opted out, or is gone, since the plan
       └───────────┤
     not taken     └──────▶ uncertain    the run died, or the connection broke, between the message and the answer

A row goes to ``sending`` by one conditional UPDATE, so of two runs only one has it. Whoever has it holds it for the
time of a lease. When that is over without a word it is ``uncertain``, and is sent again only when the caller says so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from msgspec import Struct
from sqlalchemy import ColumnElement, Engine, exists, func, or_, select, update

from campaign.tables import DECISIONS

_D = DECISIONS.c
Clock = Callable[[], datetime]


class Claim(Struct, frozen=True):
    """A mail that this run, and no other, is to send now."""

    customer: str
    token: str


class Outbox:
    """The mails of one campaign, as one run sees them.

    Args:
        resend: whether what is uncertain is sent again; for servers that deliver a Message-ID only once.
        lease: seconds after which a run that said nothing is taken to have died.
    """

    def __init__(self, engine: Engine, campaign: str, clock: Clock, *, lease: float, resend: bool) -> None:
        self._engine, self._campaign, self._clock = engine, campaign, clock
        self._lease = timedelta(seconds=lease)
        self._states = ("planned", "uncertain") if resend else ("planned",)
        self.run = uuid4().hex

    def has_free(self) -> bool:
        """Tell whether there is a mail that no run has and this one has not tried."""
        with self._engine.begin() as connection:
            return connection.execute(select(exists().where(self._is_free()))).scalar_one()

    def claim(self) -> Claim | None:
        """Take the most profitable mail that is free; None where there is none that this run has not tried."""
        now = self._clock()
        # PostgreSQL passes over a row that another run is just taking; SQLite has one writer at a time.
        first = (
            select(_D.customer)
            .where(self._is_free())
            .order_by(_D.profit.desc(), _D.customer)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        taken = {"state": "sending", "run": self.run, "leased_until": now + self._lease, "changed": now, "detail": None}
        take = update(DECISIONS).where(self._is_free(), _D.customer == first).values(**taken, tries=_D.tries + 1)
        with self._engine.begin() as connection:
            row = connection.execute(take.returning(_D.customer, _D.token)).one_or_none()
        return None if row is None else Claim(row.customer, row.token)

    def settle(self, customer: str, state: str, detail: str) -> bool:
        """Write down what became of a mail that this run had; False where another run has taken it since.

        Also of one whose lease was over meanwhile: who had it knows better than who gave it up.
        """
        mine = (_D.campaign == self._campaign) & (_D.customer == customer) & (_D.run == self.run)
        became = {"state": state, "detail": detail, "leased_until": None, "changed": self._clock()}
        statement = update(DECISIONS).where(mine, _D.state.in_(("sending", "uncertain"))).values(**became)
        with self._engine.begin() as connection:
            return connection.execute(statement).rowcount == 1

    def put_back(self, customer: str, detail: str) -> None:
        """Put back a mail that surely was not taken, for any run to try, this one too."""
        mine = (_D.campaign == self._campaign) & (_D.customer == customer) & (_D.run == self.run)
        back = {"state": "planned", "detail": detail, "leased_until": None, "run": None, "changed": self._clock()}
        with self._engine.begin() as connection:
            connection.execute(update(DECISIONS).where(mine, _D.state.in_(("sending", "uncertain"))).values(**back))

    def give_up_the_dead(self) -> int:
        """Call uncertain what a run had that said nothing until its lease was over, and count it."""
        now = self._clock()
        over = (_D.campaign == self._campaign) & (_D.state == "sending") & (_D.leased_until < now)
        detail = "the run that was sending it ended without a word"
        with self._engine.begin() as connection:
            became = update(DECISIONS).where(over).values(state="uncertain", detail=detail, changed=now)
            return connection.execute(became).rowcount

    def find_wait(self) -> float | None:
        """Find the seconds until another run's mail may be free; None where no other run has one."""
        held = (_D.campaign == self._campaign) & (_D.state == "sending") & (_D.run != self.run)
        with self._engine.begin() as connection:
            until = connection.execute(select(func.min(_D.leased_until)).where(held)).scalar()
        return None if until is None else max(0.0, (until - self._clock()).total_seconds())

    def _is_free(self) -> ColumnElement[bool]:
        untried = or_(_D.run.is_(None), _D.run != self.run)
        return (_D.campaign == self._campaign) & _D.state.in_(self._states) & untried
