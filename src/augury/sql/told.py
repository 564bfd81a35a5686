"""What a statement tells of a row, in its columns of faults and of notes: a JSON array of field and code."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from augury.contract.faults import Code


class Told(Struct, frozen=True):
    """What is told of one field; a margin beyond a double has the empty text as its field."""

    code: Code
    field: str


_DECODER = msgspec.json.Decoder(tuple[Told, ...])


def write_told(field: str, code: Code) -> str:
    """Write one object of the array."""
    return msgspec.json.encode(Told(code, field)).decode()


def read_told(text: str) -> tuple[Told, ...]:
    """Read the array."""
    return _DECODER.decode(text)
