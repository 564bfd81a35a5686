"""What came back: predictions, refused records, or the one sentence for which there are none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import unquote

import msgspec
from msgspec import Meta, Struct

from augury.client.question import Batch
from augury.contract.faults import MEANINGS, Fault, Note
from augury.errors import (
    NoServiceError,
    RecordError,
    ServiceError,
    ServiceFailureError,
    ServiceRefusalError,
)
from augury.prediction import Contribution, Prediction

_NOTE = re.compile(r'([a-z_]+);at="([^"]*)"')
# What the caller can do about a refusal, where the service's own words do not say it.
_MENDS = {408: "ask for less at once: a smaller `batch`"}
_INDEX = re.compile(r"[0-9]{1,9}")
_PROBLEM = "urn:augury:problem:"
# Statuses with which a proxy before the service asks who is there.
_WHO_ARE_YOU = (401, 403, 407)
_SHOW_KEY = "give the client the service's `api_key`, or in `headers` what a proxy before it wants"
# What reading a body that is no answer raises: no JSON, another shape, no UTF-8, or arrays in arrays in arrays.
UNREADABLE = (msgspec.MsgspecError, KeyError, UnicodeDecodeError, RecursionError)
_Probability = Annotated[float, Meta(ge=0, le=1)]


class Answered(Struct, frozen=True):
    """What a server answered; the names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class _Problem(Struct, frozen=True):
    """The part of an RFC 9457 document that is read."""

    type: str
    detail: str
    faults: tuple[Fault, ...] = ()
    more: int = 0


class _RefusedRow(Struct, frozen=True):
    faults: tuple[Fault, ...]
    more: int = 0


def check_answer(answered: Answered) -> str:
    """Check that an Augury service answered, and as asked.

    Returns:
        The model that answered, as ``churn@`` and twelve digits of its digest.

    Raises:
        RecordError: the record is refused, with the service's own faults.
        ServiceError: there is no answer, for the reason that its class says.
    """
    label = answered.headers.get("augury-model")
    if answered.status == 200 and label is not None:
        return label
    problem = _read_problem(answered)
    if problem is not None and problem.faults:
        raise RecordError(problem.faults, more=problem.more)
    raise _find_error(answered, problem, is_augury=label is not None)


def read_prediction(answered: Answered) -> Prediction:
    """Read the answer to one record.

    Raises:
        RecordError: the record is refused.
        ServiceError: there is no answer.
    """
    check_answer(answered)
    notes = [note for _, note in _iter_notes(answered, is_array=False)]
    try:
        return _read_row(msgspec.json.decode(answered.body, type=dict[str, Any]), notes)
    except UNREADABLE as error:
        raise refuse_garbage(answered) from error


def read_batch(answered: Answered, batch: Batch) -> list[Prediction | RecordError] | None:
    """Read the answers to a batch, in its order, refused records in their places.

    None where it is more than the service takes at once, so that its halves are to be asked. Of a single record that
    is what is wrong with it, as it is in a stream of lines.

    Raises:
        ServiceError: there is no answer.
    """
    problem = _read_problem(answered) if answered.status == 413 else None
    if problem is not None and len(batch.places) > 1:
        return None
    if problem is not None:
        return [RecordError([Fault("malformed", "", f"{problem.detail}; it was not read")])]
    check_answer(answered)
    notes: dict[int, list[Note]] = {}
    for index, note in _iter_notes(answered, is_array=True):
        notes.setdefault(index, []).append(note)
    try:
        rows = msgspec.json.decode(answered.body, type=list[dict[str, Any]])
        read = [_read_row_or_faults(row, notes.get(index, [])) for index, row in enumerate(rows)]
    except UNREADABLE as error:
        raise refuse_garbage(answered) from error
    if len(read) != len(batch.bodies):
        raise refuse_garbage(answered)
    came = iter(read)
    return [next(came) if place is None else place for place in batch.places]


def _read_row_or_faults(row: dict[str, Any], notes: list[Note]) -> Prediction | RecordError:
    if "faults" not in row:
        return _read_row(row, notes)
    refused = msgspec.convert(row, _RefusedRow)
    return RecordError(refused.faults, more=refused.more)


def _read_row(row: dict[str, Any], notes: list[Note]) -> Prediction:
    """Read one answer: the label under the target's name, the probability under that and ``_probability``."""
    target = next((key for key in row if f"{key}_probability" in row), "")
    contributions = msgspec.convert(row.get("contributions"), dict[str, float] | None)
    return Prediction(
        probability=msgspec.convert(row[f"{target}_probability"], _Probability),
        label=msgspec.convert(row[target], bool),
        notes=(*msgspec.convert(row.get("notes", ()), tuple[Note, ...]), *notes),
        contributions=None
        if contributions is None
        else tuple(Contribution(field, value) for field, value in contributions.items()),
        base=msgspec.convert(row.get("base"), float | None),
    )


def _iter_notes(answered: Answered, *, is_array: bool) -> list[tuple[int, Note]]:
    """Read the header of notes; in an array each pointer begins with its record's index."""
    found: list[tuple[int, Note]] = []
    for code, pointer in _NOTE.findall(answered.headers.get("augury-notes", "")):
        place = unquote(pointer)
        index, place = _split_index(place) if is_array else (0, place)
        meaning = next((meaning for known, meaning in MEANINGS.items() if known == code), None)
        if meaning is not None:
            found.append((index, Note(code, place, meaning)))
    return found


def _split_index(pointer: str) -> tuple[int, str]:
    _, index, rest = [*pointer.split("/", 2), "", ""][:3]
    return (int(index) if _INDEX.fullmatch(index) else -1), f"/{rest}"


def _read_problem(answered: Answered) -> _Problem | None:
    if answered.headers.get("content-type", "").partition(";")[0] != "application/problem+json":
        return None
    try:
        problem = msgspec.json.decode(answered.body, type=_Problem)
    except UNREADABLE:
        return None
    return problem if problem.type.startswith(_PROBLEM) else None


def _find_error(answered: Answered, problem: _Problem | None, *, is_augury: bool) -> ServiceError:
    status, where = answered.status, answered.url
    request_id = answered.headers.get("x-request-id")
    if status == 503 and problem is not None:
        what = f"the service cannot answer now: {problem.detail}"
        return ServiceFailureError(what, where=where, mend="ask later, or for less at once")
    if status >= 500:
        mend = f"its log has the reason under the request's id {request_id}" if request_id else "ask it again later"
        return ServiceFailureError(f"the service failed with status {status}", where=where, mend=mend)
    if problem is not None:
        mend = _MENDS.get(status, "")
        return ServiceRefusalError(f"the service refuses the request: {problem.detail}", where=where, mend=mend)
    if status in _WHO_ARE_YOU:
        what = f"the service is closed to this client (status {status})"
        return ServiceRefusalError(what, where=where, mend=_SHOW_KEY)
    if status == 429:
        return ServiceRefusalError("the service has too many requests (status 429)", where=where, mend="ask it later")
    if is_augury:
        return ServiceRefusalError(f"the service refuses the request with status {status}", where=where)
    kind = answered.headers.get("content-type", "nothing that has a type")
    what = f"what answers there is no Augury service: status {status}, {kind[:64]}"
    return NoServiceError(what, where=where, mend="check the address")


def refuse_garbage(answered: Answered) -> NoServiceError:
    """Make the error of an answer that cannot be read."""
    what = "what answers there is no Augury service of this version: its answer cannot be read"
    return NoServiceError(what, where=answered.url, mend="check the address")
