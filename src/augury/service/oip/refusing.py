"""How a request for inference is refused: with everything of one kind that is wrong with it, at once."""

from __future__ import annotations

from collections.abc import Sequence

from augury.contract.faults import MAX_LISTED, Fault
from augury.errors import RecordError


def refuse_faults(faults: Sequence[Fault], more: int = 0) -> None:
    """Refuse a request with its faults, if there are some; ``more`` counts others that are not among them.

    Raises:
        RecordError: there are faults.
    """
    if faults:
        raise RecordError(faults[:MAX_LISTED], more=len(faults[MAX_LISTED:]) + more)
