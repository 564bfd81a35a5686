"""What a bad input is: the bytes that are sent, and everything that must be true of the answer."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from tests.unit.artifact.documents import make_record

# What the fast lane may answer, as long as its head and its body are those of one record.
_LANE = re.compile(rb"POST (?:/predict|/models/[^/ ?]+/predict) HTTP/1\.1\r\n")

# The code and the pointer of a fault.
Place = tuple[str, str]
Places = tuple[Place, ...]

# Stands in the record beside what is wrong, and must be in no answer and in no line of the log.
CANARY = "canary-73c1f0"

# A record without a fault, its members as JSON; the canary is its identifier.
MEMBERS: dict[str, bytes] = {"customerID": msgspec.json.encode(CANARY)} | {
    name: msgspec.json.encode(value) for name, value in make_record().items()
}

JSON_TYPE = "Content-Type: application/json"
LINES_TYPE = "Content-Type: application/x-ndjson"


class Case(Struct, frozen=True, kw_only=True):
    """One bad input.

    Args:
        name: unique among all cases.
        request: the bytes that are sent.
        status: of the answer.
        kind: of the problem, after ``urn:augury:problem:``.
        places: of the problem's faults, all of them, in their order.
        rows: where the status is 200, the faults of each row; empty for one that is answered.
        closes: whether the connection ends with the answer; else the next request on it is answered.
        headers: headers that the answer must have.
        says_error: whether the answer is the Open Inference Protocol's, which has its detail as ``error`` too.
        is_head: whether the method is HEAD, so that no body comes.
    """

    name: str
    request: bytes
    status: int
    kind: str = "record-refused"
    places: Places = ()
    rows: tuple[Places, ...] | None = None
    closes: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    says_error: bool = False
    is_head: bool = False

    def is_for_lane(self) -> bool:
        """Whether its path is one that the fast lane takes."""
        return _LANE.match(self.request) is not None


def write_object(members: Iterable[tuple[str, bytes]]) -> bytes:
    """Write a JSON object of members whose values are JSON already."""
    return b"{" + b",".join(msgspec.json.encode(key) + b":" + value for key, value in members) + b"}"


def write_record(**changed: bytes) -> bytes:
    """Write the good record with other values."""
    return write_object((MEMBERS | changed).items())


def drop_members(*names: str) -> bytes:
    """Write the good record without some of its members."""
    return write_object((name, value) for name, value in MEMBERS.items() if name not in names)


def add_members(*members: tuple[str, bytes]) -> bytes:
    """Write the good record with more members behind its own."""
    return write_object([*MEMBERS.items(), *members])


RECORD = write_record()


def write_request(path: str, body: bytes, *lines: str, method: str = "POST") -> bytes:
    """Write a request with a declared length."""
    head = [f"{method} {path} HTTP/1.1", "Host: a", f"Content-Length: {len(body)}", *lines]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


def write_chunked(path: str, body: bytes, *lines: str, size: int = 100) -> bytes:
    """Write a request whose body comes in chunks."""
    head = [f"POST {path} HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", *lines]
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + chunks + b"0\r\n\r\n"


def find_status(places: Iterable[Place]) -> int:
    """The status that the documentation promises for faults: 400 where the body is no JSON text, else 422."""
    return 400 if any(code in {"malformed", "encoding", "too_deep"} for code, _ in places) else 422
