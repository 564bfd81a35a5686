"""What a run did: rows, refusals by field and code, and how long it took."""

from __future__ import annotations

from msgspec import Struct

from augury.batch.ledger import Count


class Summary(Struct, frozen=True, kw_only=True):
    """What a run did.

    Args:
        model: name and short digest.
        rows: of the table; ``scored`` and ``refused`` add up to them.
        faults: of the refused rows by field and code, the most frequent first; a row may have several.
        output: where the answers are.
        rejects: where the reject file is; None where no row was refused.
        seconds: that the run took; those of a run that was stopped before are not counted.
    """

    model: str
    rows: int
    scored: int
    refused: int
    faults: tuple[Count, ...]
    output: str
    rejects: str | None
    seconds: float
