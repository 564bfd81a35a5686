"""The rule ``decimal-1``: how a number is read from text, in files and text columns only."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_BLANK = re.compile(r"[ \t\r\n\f\v]*")


def is_blank(text: str) -> bool:
    """Tell whether a text field is empty or all space, which is null."""
    return _BLANK.fullmatch(text) is not None


def parse_number(text: str) -> float | None:
    """Read a number: spaces and tabs around it are dropped, and it is decimal; None when it is not a number.

    A number too large for a 64-bit float comes back as infinity, which the contract refuses as ``not_finite``.

    >>> parse_number(" 29.85 "), parse_number("1d"), parse_number("1e400")
    (29.85, None, inf)
    """
    stripped = text.strip(" \t")
    return float(stripped) if _NUMBER.fullmatch(stripped) else None
