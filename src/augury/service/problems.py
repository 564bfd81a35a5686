"""Every refusal as an RFC 9457 problem: the one place that knows HTTP statuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from augury.contract.faults import CODES, Code, Fault
from augury.errors import RecordError
from augury.service.reply import Reply

# A body that is no JSON text is a bad request; a record that is one and says something else is unprocessable.
STATUS_BY_CODE: Mapping[Code, int] = dict.fromkeys(CODES, 422) | dict.fromkeys(
    ("malformed", "encoding", "too_deep"), 400
)

Kind = Literal[
    "record-refused",
    "bad-query",
    "not-found",
    "method-not-allowed",
    "too-large",
    "unsupported-media-type",
    "internal",
    "draining",
    "bad-request",
    "target-too-long",
    "head-too-large",
    "timeout",
    "expectation-failed",
    "not-implemented",
    "version-not-supported",
    "overloaded",
    "unauthorized",
    "misdirected",
    "files-only",
]

# Each kind of problem: its status and its title. A refused record's status is its faults'.
KINDS: Mapping[Kind, tuple[int, str]] = {
    "record-refused": (422, "The record is refused"),
    "bad-query": (400, "The query cannot be honoured"),
    "not-found": (404, "There is nothing here"),
    "method-not-allowed": (405, "This method is not allowed here"),
    "too-large": (413, "The request is too large"),
    "unsupported-media-type": (415, "The body is of another type than JSON"),
    "internal": (500, "The service failed"),
    "draining": (503, "The service is stopping"),
    "bad-request": (400, "The request is not HTTP as this service reads it"),
    "target-too-long": (414, "The request line is too long"),
    "head-too-large": (431, "The head of the request is too large"),
    "timeout": (408, "The request took too long to arrive"),
    "expectation-failed": (417, "The expectation cannot be met"),
    "not-implemented": (501, "The transfer coding is not read here"),
    "version-not-supported": (505, "This version of HTTP is not spoken here"),
    "overloaded": (503, "The service has more to do than it can"),
    "unauthorized": (401, "A key is missing, or it is none of ours"),
    "misdirected": (421, "The request is meant for another host"),
    "files-only": (403, "Models come by files"),
}


class Problem(Struct, frozen=True, omit_defaults=True):
    """The document that a refusal is answered with."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    faults: tuple[Fault, ...] = ()
    more: int = 0


class Refusal(Exception):  # noqa: N818 - it refuses a request, which is no error of ours
    """A request is refused before its record is looked at."""

    def __init__(self, kind: Kind, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        self.kind: Kind = kind
        self.detail = detail
        self.headers = dict(headers or {})
        super().__init__(kind, detail)


INTERNAL = Refusal("internal", "the fault is ours; tell whoever runs the service the request's id")


def refuse_method(allowed: Iterable[str]) -> Refusal:
    """Refuse a method that a path does not have; ``allowed`` are those that it has."""
    listed = ", ".join(sorted(allowed))
    return Refusal("method-not-allowed", f"this path answers to {listed}", headers={"Allow": listed})


def answer_refusal(refusal: Refusal, request_id: str) -> Reply:
    """Answer a refused request."""
    status, title = KINDS[refusal.kind]
    problem = Problem(name_type(refusal.kind), title, status, refusal.detail, _name_instance(request_id))
    return _answer(problem, refusal.headers)


def answer_internal(request_id: str) -> Reply:
    """Answer where the service itself failed, without a word of how."""
    return answer_refusal(INTERNAL, request_id)


def answer_faults(error: RecordError, request_id: str) -> Reply:
    """Answer a refused record with everything that is wrong with it."""
    status = find_status(error.faults)
    title = KINDS["record-refused"][1] if status == 422 else "The body cannot be read"
    others = len(error.faults) - 1 + error.more
    detail = error.faults[0].detail + (f" (and {others} more: see faults)" if others else "")
    kind = name_type("record-refused")
    return _answer(Problem(kind, title, status, detail, _name_instance(request_id), error.faults, error.more), {})


def find_status(faults: tuple[Fault, ...]) -> int:
    """Find the status of a record's faults: the lowest, because a body that cannot be read has no other fault."""
    return min(STATUS_BY_CODE[fault.code] for fault in faults)


def name_type(kind: Kind) -> str:
    """Name a kind of problem as its ``type`` does."""
    return f"urn:augury:problem:{kind}"


def _name_instance(request_id: str) -> str:
    return f"urn:augury:request:{request_id}"


def _answer(problem: Problem, headers: Mapping[str, str]) -> Reply:
    return Reply(msgspec.json.encode(problem), problem.status, "application/problem+json", headers)
