"""Faults and notes: what can be wrong with, or doubtful about, a record. The list of codes is closed."""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

from augury.contract.fields import Level

Code = Literal[
    "malformed",
    "encoding",
    "too_deep",
    "not_an_object",
    "duplicate_key",
    "control_character",
    "ambiguous_key",
    "absent",
    "null",
    "type",
    "not_integer",
    "not_finite",
    "level",
    "range",
    "unknown_key",
    "overflow",
    "imputed",
]

MEANINGS: dict[Code, str] = {
    "malformed": "the body is not JSON",
    "encoding": "the body is not UTF-8",
    "too_deep": "the body is nested too deeply",
    "not_an_object": "the record is not an object",
    "duplicate_key": "a key stands twice in the record",
    "control_character": "a text holds a control character (U+0000 to U+001F)",
    "ambiguous_key": "two keys of the record are spellings of one field",
    "absent": "a field is missing",
    "null": "a field is null and the contract does not accept nulls there",
    "type": "a value is of another type than the contract says",
    "not_integer": "a value is not an integer of magnitude at most 2**53",
    "not_finite": "a number is NaN, infinite or too large for a 64-bit float",
    "level": "a value is not one of the levels seen in training",
    "range": "a number is outside the range seen in training",
    "unknown_key": "a key is not in the contract",
    "overflow": "the margin, or a reason for it, is not finite",
    "imputed": "a null was filled by the model's own rule",
}

CODES: tuple[Code, ...] = get_args(Code)

# Notes under which the number may be doubtful, so that the answer itself carries them; others go into a header.
DOUBTFUL: frozenset[Code] = frozenset({"range", "level", "imputed"})

# How many faults one answer lists; the rest are counted in `more`. A record of 10,000 faults helps nobody.
MAX_LISTED = 20


class Fault(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One thing wrong in a record, or, in an accepted one, one thing to note.

    Args:
        code: one of :data:`CODES`.
        pointer: RFC 6901 pointer to the place in the caller's record, in the caller's spelling; "" is the record.
        detail: one sentence of what is wrong and how to mend it.
        field: the contract's name of the field; "" where no field is meant.
        nearest: the key or level that was probably meant.
        allowed: the levels of the field.
    """

    code: Code
    pointer: str
    detail: str
    field: str = ""
    nearest: Level | None = None
    allowed: tuple[Level, ...] = ()


Note = Fault

# What a record is told that the contract accepts and the model has no finite margin for.
OVERFLOW = Fault("overflow", "", "the numbers are so large that the margin is not finite; send smaller ones")


def find_pointer(key: str) -> str:
    """Write the RFC 6901 pointer to a member of the record: ``~`` and ``/`` in its key are escaped."""
    if "~" in key or "/" in key:
        key = key.replace("~", "~0").replace("/", "~1")
    return f"/{key}"


def shorten(text: str, limit: int = 64) -> str:
    """Quote a caller's text in at most ``limit`` characters, so that an error stays one sentence."""
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")
