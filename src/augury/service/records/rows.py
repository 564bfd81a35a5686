"""An array of records as the bytes of each, so that every one goes through the same door as a single record."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
from msgspec import Raw

from augury.contract.faults import Fault
from augury.contract.parse import parse_json
from augury.errors import RecordError
from augury.service.problems import Refusal

_SPACES = b" \t\r\n"  # what JSON calls whitespace (RFC 8259, section 2)
_FIRST = re.compile(rb"[ \t\r\n]*+([^ \t\r\n])")
# To the next bracket, or outside of any record the next comma too. All between them is passed over by one match, and a
# text that is not closed runs to the end, so that nothing is tried twice: else 40 kB of `"\"\"\"…` take ten seconds.
_TEXT = rb'"(?:[^"\\]++|\\.)*+"?'
_TO_MARK = re.compile(rb'(?:[^"\[\]{},]++|%b)*+([\[\]{},]?)' % _TEXT, re.DOTALL)
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|%b)*+([\[\]{}]?)' % _TEXT, re.DOTALL)
# A record is flat: it has one bracket, and a few more where an unknown key holds something. Without this, a scan of
# 16 MiB of brackets takes 20 s.
_MAX_BRACKETS_A_ROW = 4
_decode_raw = msgspec.json.Decoder(list[Raw]).decode

# Splitting takes 72 bytes an element, and 16 MiB of `[1,1,…` would take 600 MB: with more commas than this a body is
# counted first, by a scan that stops at the limit. Records of up to 64 fields in the longest array have fewer.
_MAX_COMMAS_UNCOUNTED = 640_000


def find_first_byte(body: bytes | bytearray) -> bytes:
    """Find the first byte that is no space, which tells a record from an array; empty when there is none yet."""
    found = _FIRST.match(body)
    return found.group(1) if found else b""


def split_rows(body: bytes, *, max_rows: int, max_record: int) -> list[bytes]:
    """Split an array of records into the bytes of each.

    Raises:
        RecordError: the body cannot be read as an array; its fault says where.
        Refusal: there are more rows than ``max_rows``, or one is larger than ``max_record`` bytes.
    """
    if body.count(b",") > _MAX_COMMAS_UNCOUNTED:
        _check_count(_split_slow(body, max_rows + 1, max_record) or (), max_rows)
    try:
        rows = [bytes(row) for row in _decode_raw(body)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # msgspec refuses some texts of which each row can still be judged: one that holds NaN or half of a surrogate
        # pair, or is nested deeply.
        if body.count(b"[") + body.count(b"{") > _MAX_BRACKETS_A_ROW * max_rows:
            raise Refusal("too-large", "the array holds more brackets than flat records can need") from None
        fault = parse_json(body)
        split = None if _is_final(fault, body) else _split_slow(body, max_rows + 1, max_record)
        if isinstance(fault, Fault) and split is None:
            raise RecordError([fault]) from None
        rows = split or []
    _check_count(rows, max_rows)
    if any(len(row) > max_record for row in rows):
        raise _make_size_refusal(max_record)
    return rows


def _is_final(parsed: object, body: bytes) -> bool:
    """Tell whether an array is refused as a whole.

    Of one that is nested too deeply each row can still be judged, and of one that is UTF-8 but holds half of a
    surrogate pair, which is the row's own fault as a byte that is no UTF-8 is.
    """
    if not isinstance(parsed, Fault) or parsed.code == "too_deep":
        return False
    return parsed.code != "encoding" or not _is_utf8(body)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _make_size_refusal(max_record: int) -> Refusal:
    return Refusal("too-large", f"a record of the array is larger than {max_record:,} bytes")


def _check_count(rows: Sequence[bytes], max_rows: int) -> None:
    if len(rows) > max_rows:
        raise Refusal("too-large", f"the array holds more than {max_rows:,} records; send it in parts")


def _split_slow(body: bytes, limit: int, max_record: int) -> list[bytes] | None:
    """Split at the commas of the outermost array, up to ``limit`` rows; no nesting is too deep for this.

    Returns:
        The rows; None when the array does not end where the body ends.

    Raises:
        Refusal: a row is larger than ``max_record`` bytes.
    """
    rows: list[bytes] = []
    depth, start, place = 0, 0, 0
    while len(rows) < limit:
        pattern = _TO_MARK if depth <= 1 else _TO_BRACKET
        # No further than a record may reach: whatever holds more is refused unread.
        found = pattern.match(body, place, max(place, start + max_record + 2))
        mark, place = (found[1], found.end()) if found else (b"", place)
        if place - start > max_record + len(mark):
            raise _make_size_refusal(max_record)
        if not mark:
            return None
        if mark in b"[{":
            depth += 1
            start = place if depth == 1 else start
        elif mark in b"]}":
            depth -= 1
        if (mark == b"," and depth == 1) or depth == 0:
            rows.append(body[start : place - 1].strip(_SPACES))
            start = place
        if depth == 0:
            break
    else:
        return rows
    if body[start:].strip(_SPACES):
        return None
    return [] if rows == [b""] else rows
