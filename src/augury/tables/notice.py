"""What a table made us decide, said so that a person can change it."""

from __future__ import annotations

from msgspec import Struct


class Notice(Struct, frozen=True):
    """One thing noticed in a table.

    Args:
        column: as the table names it; "" where the table as a whole is meant.
        code: what was noticed, in one word, for machines.
        sentence: what was noticed and what was done about it.
        option: what to say on the command line to have it otherwise; "" where nothing needs to be.
    """

    column: str
    code: str
    sentence: str
    option: str = ""
