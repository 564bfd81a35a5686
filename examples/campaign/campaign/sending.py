"""Sending: claim a mail, send it, write down what became of it, and so on until none is left."""

from __future__ import annotations

import logging
from collections.abc import Callable

from campaign.customers import Register
from campaign.errors import CampaignError, TryLaterError
from campaign.letter import Stationery
from campaign.outbox import Claim, Clock, Outbox
from campaign.plan import find_obstacle
from campaign.post import Fate, Outcome, Post

# A server that breaks so many connections in a row is in trouble, and each broken one may leave a mail uncertain.
_MOST_BROKEN = 3
# Another run's mail is looked at again after so long, since that run may be done sooner than its lease says.
_LONGEST_WAIT = 0.5
_STATES = {
    Fate.SENT: "sent",
    Fate.REFUSED: "failed",
    Fate.LATER: "planned",
    Fate.UNSENT: "planned",
    Fate.UNKNOWN: "uncertain",
}
_log = logging.getLogger("campaign")


class Sending:
    """One run over the outbox.

    Args:
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        outbox: Outbox,
        register: Register,
        stationery: Stationery,
        post: Post,
        *,
        clock: Clock,
        sleep: Callable[[float], None],
    ) -> None:
        self._outbox, self._register, self._stationery, self._post = outbox, register, stationery, post
        self._clock, self._sleep = clock, sleep
        self._broken = 0
        self._put_back: set[str] = set()

    def run(self) -> None:
        """Send what is to be sent.

        Raises:
            TryLaterError: the server is away, or breaks one connection after the other.
            CampaignError: it would take no letter.
        """
        while self._broken < _MOST_BROKEN:
            if self._outbox.has_free():
                self._post.open()
                claim = self._outbox.claim()
                if claim is not None:
                    self._send(claim)
            elif not self._wait():
                return
        what = f"the mail server broke {_MOST_BROKEN} connections, one after the other"
        raise TryLaterError(what, "run again when it is well")

    def _wait(self) -> bool:
        """Wait for what another run has; False where there is nothing to wait for."""
        if self._outbox.give_up_the_dead():
            return True
        wait = self._outbox.find_wait()
        if wait is None:
            return False
        self._post.close()  # no server likes a connection that says nothing
        self._sleep(min(wait, _LONGEST_WAIT))
        return True

    def _send(self, claim: Claim) -> None:
        customer = self._register.find(claim.customer)
        obstacle = None if customer is None else find_obstacle(customer)
        if customer is None or obstacle is not None:
            self._settle(claim, "withdrawn", "is gone since the plan" if obstacle is None else obstacle.why, 0)
            return
        letter = self._stationery.write(customer, claim.token, self._clock())
        try:
            outcome = self._post.send(letter, customer.email)
        except CampaignError:  # before the message; of anything else that ends us here nobody knows
            self._outbox.put_back(claim.customer, "the server does not take the sender")
            raise
        self._note(claim, outcome)

    def _note(self, claim: Claim, outcome: Outcome) -> None:
        self._broken = self._broken + 1 if outcome.fate in (Fate.UNSENT, Fate.UNKNOWN) else 0
        if outcome.fate is Fate.UNSENT and claim.customer not in self._put_back:
            # Once: a server that ends every connection at this recipient must not keep the others from their mail.
            self._put_back.add(claim.customer)
            self._outbox.put_back(claim.customer, outcome.detail)
            _log.warning("mail %s: back, code %d", claim.token, outcome.code)
        else:
            self._settle(claim, _STATES[outcome.fate], outcome.detail, outcome.code)

    def _settle(self, claim: Claim, state: str, detail: str, code: int) -> None:
        """Write down what became of a mail; logs name its token and never the customer, nor the server's own words."""
        if self._outbox.settle(claim.customer, state, detail):
            level = logging.INFO if state == "sent" else logging.WARNING
            _log.log(level, "mail %s: %s, code %d", claim.token, state, code)
        else:
            _log.warning("mail %s: another run has taken it since", claim.token)
