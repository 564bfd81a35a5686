"""The ways in for one record, and what each makes of its faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from msgspec import Struct

from augury.contract.faults import Code
from tests.service.bad_inputs.case import (
    JSON_TYPE,
    LINES_TYPE,
    Case,
    Places,
    find_status,
    write_chunked,
    write_request,
)
from tests.service.bad_inputs.records import RECORDS
from tests.service.bad_inputs.texts import BAD_BYTES, BAD_TEXTS, HALF_PAIRS, MALFORMED, MARK, TOO_DEEP

Kind = Literal["record", "array", "lines", "frame"]


class Door(Struct, frozen=True):
    """A way in: ``write`` makes the request of a record's bytes; ``place`` is where the record stands in the body."""

    kind: Kind
    write: Callable[[bytes], bytes]
    place: str = ""


def _alone(path: str, *lines: str) -> Door:
    return Door("record", lambda body: write_request(path, body, *lines))


def _array(path: str) -> Door:
    return Door("array", lambda body: write_request(path, b"[" + body + b"]", JSON_TYPE), "/0")


def _lines(path: str) -> Door:
    return Door("lines", lambda body: write_request(path, body + b"\n", LINES_TYPE))


def _frame(member: str) -> Door:
    opening = b'{"%b":[' % member.encode()
    return Door("frame", lambda body: write_request("/invocations", opening + body + b"]}", JSON_TYPE), f"/{member}/0")


DOORS: dict[str, Door] = {
    "/predict": _alone("/predict", JSON_TYPE),
    "/predict without a type": _alone("/predict"),
    "/predict in chunks": Door("record", lambda body: write_chunked("/predict", body, JSON_TYPE)),
    "/predict with an id": _alone("/predict", JSON_TYPE, "X-Request-Id: one.two-three"),
    "/predict with reasons": _alone("/predict?explain=true", JSON_TYPE),
    "/explain": _alone("/explain", JSON_TYPE),
    "/models/churn/predict": _alone("/models/churn/predict", JSON_TYPE),
    "/models/churn/explain": _alone("/models/churn/explain", JSON_TYPE),
    "/predict in an array": _array("/predict"),
    "/explain in an array": _array("/explain"),
    "/predict in lines": _lines("/predict"),
    "/explain in lines": _lines("/explain"),
    "/invocations in dataframe_records": _frame("dataframe_records"),
    "/invocations in instances": _frame("instances"),
    "/invocations in inputs": _frame("inputs"),
}

# In an array these are no bad input: it is empty, or its end is not where it seems.
_GOOD_IN_ARRAYS = frozenset({"nothing", "a space", "line ends"})


def make_cases() -> Iterator[Case]:
    """Each record and each text that is none, through each door."""
    for name, door in DOORS.items():
        for what, record in RECORDS.items():
            in_frame = door.kind == "frame" and record.in_frame is not None
            places = record.in_frame if in_frame else record.places
            if places:
                yield _make_case(f"{what}: {name}", door, record.body, places)
        for what, body, code in _find_texts(door):
            yield _make_case(f"{what}: {name}", door, body, ((code, ""),))
        for what, body, code in _find_whole_texts(door):
            yield _make_whole_case(f"{what}: {name}", door, body, ((code, ""),))


def _find_texts(door: Door) -> Iterator[tuple[str, bytes, Code]]:
    """The texts that take nothing along that stands beside them."""
    yield from ((what, body, "encoding") for what, body in BAD_TEXTS.items())
    yield from ((what, body, "too_deep") for what, body in TOO_DEEP.items())
    if door.kind != "frame":
        yield from ((what, body, "encoding") for what, body in HALF_PAIRS.items())


def _find_whole_texts(door: Door) -> Iterator[tuple[str, bytes, Code]]:
    """The texts that nobody can cut out of what stands around them."""
    yield from ((what, body, "malformed") for what, body in MALFORMED.items() if _is_one_record(what, body, door))
    for what, body in BAD_BYTES.items():
        # A byte order mark is one where a text begins; elsewhere it is a character that JSON does not have.
        is_inside = what == MARK and door.kind in {"array", "frame"}
        if _is_one_record(what, body, door):
            yield what, body, "malformed" if is_inside else "encoding"
    if door.kind == "frame":
        # The whole is refused in any case, and is not cut before it is known to be text.
        yield from ((what, body, "encoding") for what, body in HALF_PAIRS.items())


def _is_one_record(what: str, body: bytes, door: Door) -> bool:
    if door.kind == "lines":
        return b"\n" not in body and bool(body.strip())
    return door.kind == "record" or what not in _GOOD_IN_ARRAYS


def _make_case(name: str, door: Door, body: bytes, places: Places) -> Case:
    """A record that is refused by itself, wherever it stands."""
    if door.kind in {"array", "lines"}:
        return Case(name=name, request=door.write(body), status=200, rows=(places,))
    placed = tuple((code, door.place * (door.kind == "frame") + pointer) for code, pointer in places)
    return Case(name=name, request=door.write(body), status=find_status(placed), places=placed)


def _make_whole_case(name: str, door: Door, body: bytes, places: Places) -> Case:
    """A text that takes what stands around it along; a line has nothing around it."""
    if door.kind == "lines":
        return Case(name=name, request=door.write(body), status=200, rows=(places,))
    return Case(name=name, request=door.write(body), status=400, places=places)
