"""What is asked beside the answers to a table in memory."""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

from augury.errors import UsageError

Refused = Literal["null", "raise"]


class Asked(Struct, frozen=True):
    """What is asked beside the answers: what to do about refused rows, columns of notes, and of reasons."""

    refused: Refused = "null"
    notes: bool = False
    reasons: bool = False


def check_asked(asked: Asked) -> None:
    """Check that what is asked is known.

    Raises:
        UsageError: it is not.
    """
    if asked.refused not in get_args(Refused):
        what = f"refused={asked.refused!r} is not known"
        raise UsageError(what, mend='give "null" for rows without an answer, or "raise" for an error')
