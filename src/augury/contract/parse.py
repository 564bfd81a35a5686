"""Read a JSON record without losing anything: every member as it stands, duplicates among them, or the one fault."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator

from augury.contract.faults import Fault
from augury.contract.fold import has_lone_surrogate
from augury.contract.values import Foreign, Unreadable

# A record is flat; eight levels leave room for the bodies of other protocols and none for a parser's stack.
MAX_DEPTH = 8
# 19 digits hold every 64-bit integer; a longer one is read as the float it becomes anyway, in linear time.
_MAX_INT_DIGITS = 19
# Possessive: to remember where each byte of a text could be tried again takes a hundred times the text's memory.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Members(list[tuple[str, object]]):
    """The members of one JSON object, in order, duplicates kept."""


def parse_record(body: bytes) -> Members | Fault:
    """Parse the body of one record.

    ``NaN``, ``Infinity`` and numbers too large for a 64-bit float come back as infinity, for the contract to refuse
    where they stand.

    Returns:
        The members of the object, or the one fault for which it cannot be read as an object.
    """
    parsed = parse_json(body)
    if isinstance(parsed, Members | Fault):
        return parsed
    return Fault("not_an_object", "", f"the record is {describe(parsed)}, not an object; send one object of fields")


def parse_json(body: bytes) -> object:
    """Parse any JSON text; objects become :class:`Members`; what cannot be parsed becomes a :class:`Fault`."""
    fault = _find_encoding_fault(body) or _find_depth_fault(body)
    if fault is not None:
        return fault
    try:
        parsed: object = _DECODER.decode(body.decode("utf-8"))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        return Fault("malformed", "", f"the body is not JSON: {error.msg} at {place}")
    if _SURROGATE_ESCAPE.search(body) and _has_lone_surrogate(parsed):
        return Fault("encoding", "", "a text holds half of a surrogate pair; send whole characters")
    return parsed


def _parse_int(digits: str) -> float:
    return int(digits) if len(digits) <= _MAX_INT_DIGITS else float(digits)


_DECODER = json.JSONDecoder(
    object_pairs_hook=Members,
    parse_int=_parse_int,
    parse_constant=lambda _name: math.inf,
)


def _find_encoding_fault(body: bytes) -> Fault | None:
    if body.startswith(_BYTE_ORDER_MARK):
        return Fault("encoding", "", "the body begins with a byte order mark; send UTF-8 without one")
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return Fault("encoding", "", f"the body is not UTF-8: byte {error.start} cannot stand there")
    return None


def _find_depth_fault(body: bytes) -> Fault | None:
    if body.count(b"{") + body.count(b"[") <= MAX_DEPTH:
        return None  # too few to nest so deep, wherever they stand
    depth = 0
    for token in _TOKEN.finditer(body):
        first = token.group()[:1]
        if first in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return Fault("too_deep", "", f"the body is nested more than {MAX_DEPTH} deep; a record is flat")
        elif first in b"]}":
            depth -= 1
    return None


def _has_lone_surrogate(parsed: object) -> bool:
    return any(map(has_lone_surrogate, _iter_texts(parsed)))


def _iter_texts(parsed: object) -> Iterator[str]:
    if isinstance(parsed, str):
        yield parsed
    elif isinstance(parsed, Members):
        for key, value in parsed:
            yield key
            yield from _iter_texts(value)
    elif isinstance(parsed, list):
        for value in parsed:
            yield from _iter_texts(value)


def has_infinity(parsed: object) -> bool:
    """Tell whether a parsed value holds an infinite number anywhere."""
    if isinstance(parsed, float):
        return math.isinf(parsed)
    if isinstance(parsed, Members):
        return any(has_infinity(value) for _, value in parsed)
    return isinstance(parsed, list) and any(has_infinity(value) for value in parsed)


def describe(value: object) -> str:
    """Name the type of a value in the words of JSON, with its article."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case dict() | Members():
            return "an object"
        case list() | tuple():
            return "an array"
        case Foreign():
            return f"a {value.name}"
        case Unreadable():
            return "an object that cannot be read"
    return f"a {type(value).__name__}"
