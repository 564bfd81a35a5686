"""The equality ``fold-1``: how two spellings of a name or a level are compared when they are not the same text."""

from __future__ import annotations

import re

# One character for one: A-Z to a-z, space and hyphen to underscore. Nothing is trimmed or deleted.
_FOLDED = {ord(upper): upper.lower() for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"} | {ord(" "): "_", ord("-"): "_"}
_ASCII_LETTER = re.compile(r"[A-Za-z]")
# C0 controls: what JSON requires to be escaped in a string (RFC 8259, section 7).
_CONTROL = re.compile(r"[\x00-\x1f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def fold(text: str) -> str:
    """Fold a spelling; a text without an ASCII letter is compared exactly and so comes back as it is.

    >>> fold("Month-to-month")
    'month_to_month'
    >>> fold("1-2")
    '1-2'
    """
    return text.translate(_FOLDED) if _ASCII_LETTER.search(text) else text


def has_control_character(text: str) -> bool:
    """Tell whether a text holds U+0000 to U+001F."""
    return _CONTROL.search(text) is not None


def has_lone_surrogate(text: str) -> bool:
    """Tell whether a text holds half of a surrogate pair, which is no character and which UTF-8 cannot say."""
    return _SURROGATE.search(text) is not None
