"""One operation of the service: what is sent, what comes back, and how it may be refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from augury.service.oip.fitting import is_v2
from augury.service.problems import KINDS

# A piece of the document: it is JSON, and OpenAPI says what its members are.
Json = dict[str, Any]

Tag = Literal["predictions", "models", "health", "protocol", "pages"]

TAGS: Mapping[Tag, str] = {
    "predictions": "Ask a model.",
    "models": "What is served, and what it takes.",
    "health": "Whether the service lives, whether to send requests to it, and how it fares.",
    "protocol": "The Open Inference Protocol, for clients that speak it.",
    "pages": "For people, and this description.",
}

# The headers of every answer; a document that names them lets a client rely on them.
SIGNATURE = ("Augury-Model", "X-Request-Id", "traceparent")

# Problems that only some operations have, that an operation which is there cannot have, or that nobody meets who asks
# as this document says. Any request may meet all others, and so will it those that are not thought of yet.
_ELSEWHERE = frozenset(
    {
        *("record-refused", "bad-query", "not-found", "too-large", "unsupported-media-type", "files-only"),
        *("method-not-allowed", "expectation-failed", "not-implemented", "version-not-supported"),
    }
)
ANYWHERE = frozenset(status for kind, (status, _) in KINDS.items() if kind not in _ELSEWHERE)


class Operation(Struct, frozen=True, kw_only=True):
    """What one method of one path does.

    Args:
        path: the path as it is asked; a model's name stands in it as it is, for every model has its own types.
        method: in lower case.
        name: what a generated client calls it.
        tag: the chapter that it belongs to.
        summary: a few words.
        about: what a caller should know, in CommonMark.
        parameters: of the query and the head.
        body: the media types that may be sent, each with its schema and examples; None where nothing is read.
        needs_body: whether it must be sent.
        answer: the media types of the answer with status 200; None where there is no such answer.
        answer_about: what that answer is.
        headers: which of the headers stand on it, beside those of every answer.
        refusals: the statuses of its problems, beside those that any request may meet.
    """

    path: str
    method: Literal["get", "post"]
    name: str
    tag: Tag
    summary: str
    answer: Json | None
    answer_about: str
    about: str = ""
    parameters: tuple[Json, ...] = ()
    body: Json | None = None
    needs_body: bool = True
    headers: tuple[str, ...] = ()
    refusals: tuple[int, ...] = ()


def refer(kind: str, name: str) -> Json:
    """Refer to a component of the document."""
    return {"$ref": f"#/components/{kind}/{name}"}


def refer_headers(*names: str) -> Json:
    """Refer to the headers of an answer: those of every answer, and these."""
    return {name: refer("headers", name) for name in (*SIGNATURE, *names)}


def find_problem_name(status: int, *, is_protocol: bool = False) -> str:
    """Name the component that describes the problems of a status; the Open Inference Protocol has them in its shape."""
    return f"ProtocolProblem{status}" if is_protocol else f"Problem{status}"


def write_operation(operation: Operation, *, guarded: bool) -> Json:
    """Write an operation as OpenAPI has it; ``guarded`` where the service asks for a key and this path needs it."""
    written: Json = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
    }
    if operation.about:
        written["description"] = operation.about
    if operation.parameters:
        written["parameters"] = list(operation.parameters)
    if operation.body is not None:
        written["requestBody"] = {"required": operation.needs_body, "content": operation.body}
    written["responses"] = _write_responses(operation, guarded=guarded)
    if guarded:
        written["security"] = [{"key": []}, {"bearer": []}]
    return written


def _write_responses(operation: Operation, *, guarded: bool) -> Json:
    written: Json = {}
    if operation.answer is not None:
        written["200"] = {
            "description": operation.answer_about or f"{operation.summary}.",
            "headers": refer_headers(*operation.headers),
            "content": operation.answer,
        }
    for status in sorted({*operation.refusals, *ANYWHERE} - (set() if guarded else {401})):
        name = find_problem_name(status, is_protocol=is_v2(operation.path))
        written[str(status)] = refer("responses", name)
    return written
