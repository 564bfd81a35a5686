"""What contacting a customer costs and brings: from it come a profit, and the threshold that makes it largest."""

from __future__ import annotations

from msgspec import Struct


class Offer(Struct, frozen=True):
    """An offer to those who are flagged, in one currency.

    Args:
        benefit: of a customer kept.
        cost: of one contact.
        accept: the share in [0, 1] of the positives who take the offer.
    """

    benefit: float
    cost: float
    accept: float

    @property
    def gain(self) -> float:
        """What a flagged positive brings on average, before the cost of the contact."""
        return self.benefit * self.accept
