"""What stops a campaign, as one sentence with its way out."""

from __future__ import annotations


class CampaignError(Exception):
    """What went wrong, and how to mend it."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what}; {mend}")


class TryLaterError(CampaignError):
    """What may pass by itself: nothing is lost, and running again goes on where this stopped."""
