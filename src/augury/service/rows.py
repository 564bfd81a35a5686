"""An array of records as the bytes of each, so that every one goes through the same door as a single record."""

from __future__ import annotations

import re

import msgspec
from msgspec import Raw

from augury.contract.faults import Fault
from augury.contract.parse import parse_json
from augury.errors import RecordError
from augury.service.problems import Refusal

_FIRST = re.compile(rb"[ \t\r\n]*([^ \t\r\n])")
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},]', re.DOTALL)
_decode_raw = msgspec.json.Decoder(list[Raw]).decode

# Splitting takes 72 bytes an element, and 16 MiB of `[1,1,…` would take 600 MB: with more commas than this a body is
# counted first, by a scan that stops at the limit. Records of up to 64 fields in the longest array have fewer.
_MAX_COMMAS_UNCOUNTED = 640_000


def find_first_byte(body: bytes | bytearray) -> bytes:
    """Find the first byte that is no space, which tells a record from an array; empty when there is none yet."""
    found = _FIRST.match(body)
    return found.group(1) if found else b""


def split_rows(body: bytes, max_rows: int) -> list[bytes]:
    """Split an array of records into the bytes of each.

    Raises:
        RecordError: the body cannot be read as an array; its fault says where.
        Refusal: there are more rows than ``max_rows``.
    """
    if body.count(b",") > _MAX_COMMAS_UNCOUNTED:
        _check_count(len(_split_slow(body, max_rows + 1)), max_rows)
    try:
        rows = [bytes(row) for row in _decode_raw(body)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # msgspec refuses some texts of which each row can still be judged, such as a row that holds NaN.
        fault = parse_json(body)
        if isinstance(fault, Fault):
            raise RecordError([fault]) from None
        rows = _split_slow(body, max_rows + 1)
    _check_count(len(rows), max_rows)
    return rows


def _check_count(count: int, max_rows: int) -> None:
    if count > max_rows:
        raise Refusal("too-large", f"the array holds more than {max_rows:,} records; send it in parts")


def _split_slow(body: bytes, limit: int) -> list[bytes]:
    """Split at the commas of the outermost array, up to ``limit`` rows."""
    rows: list[bytes] = []
    depth, start = 0, 0
    for token in _TOKEN.finditer(body):
        mark = token.group()[:1]
        if mark in b"[{":
            depth += 1
            start = token.end() if depth == 1 else start
        elif mark in b"]}":
            depth -= 1
        if (mark == b"," and depth == 1) or (mark == b"]" and depth == 0):
            rows.append(body[start : token.start()].strip(b" \t\r\n"))
            start = token.end()
        if len(rows) == limit:
            break
    return rows
