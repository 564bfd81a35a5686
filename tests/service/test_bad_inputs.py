"""Thousands of bad inputs over real sockets, each with its exact answer; ``bad_inputs/README.md`` tells of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
import pytest

from augury.model import Model
from augury.service.settings import Settings
from tests.service.bad_inputs import arrays, doors, heads, invocations, media_types, sizes, strict, targets, tensors
from tests.service.bad_inputs.caller import PING, Caller, check_answer, hold_log, read_answer
from tests.service.bad_inputs.case import CANARY, Case, write_record, write_request
from tests.service.edging import run_edge
from tests.service.models import make_model

TABLES: Mapping[str, tuple[Case, ...]] = {
    "records": tuple(doors.make_cases()),
    "unknown keys": tuple(strict.make_cases()),
    "arrays and lines": tuple(arrays.make_cases()),
    "invocations": tuple(invocations.make_cases()),
    "tensors": tuple(tensors.make_cases()),
    "media types": tuple(media_types.make_cases()),
    "paths, methods and queries": tuple(targets.make_cases()),
    "heads": tuple(heads.make_cases()),
}
SIZES = tuple(sizes.make_cases())


@pytest.fixture(scope="module")
def models(model: Model) -> list[Model]:
    """The model of the bare routes, and one that refuses unknown keys."""
    return [model, make_model("strict", unknown_key="refuse")]


@pytest.fixture(scope="module")
def caller(models: list[Model]) -> Iterator[Caller]:
    """A caller of an edge whose log must tell of no failure and of no record."""
    with hold_log(), run_edge(models, Settings()) as running, Caller(running) as caller:
        yield caller


@pytest.fixture(scope="module")
def beside_lane(models: list[Model]) -> Iterator[Caller]:
    """The same without the fast lane."""
    with hold_log(), run_edge(models, Settings(fast_lane=False)) as running, Caller(running) as caller:
        yield caller


@pytest.fixture(scope="module", params=[True, False], ids=["lane", "no_lane"])
def caller_of_limits(request: pytest.FixtureRequest, model: Model) -> Iterator[Caller]:
    """The same with small limits."""
    settings = msgspec.structs.replace(sizes.LIMITS, fast_lane=request.param)
    with hold_log(), run_edge([model], settings) as running, Caller(running) as caller:
        yield caller


@pytest.mark.parametrize("table", TABLES)
def test_bad_inputs(caller: Caller, table: str) -> None:
    """Each case has its status, its problem, its faults with their places, and its connection afterwards."""
    assert caller.find_all(TABLES[table]) == {}


@pytest.mark.parametrize("table", TABLES)
def test_bad_inputs_beside_the_lane(beside_lane: Caller, table: str) -> None:
    """What the lane might answer gets the same without it; the others are never its."""
    assert beside_lane.find_all(case for case in TABLES[table] if case.is_for_lane()) == {}


def test_limits(caller_of_limits: Caller) -> None:
    """What is up to a limit is answered at every door, and what is one beyond it is refused by its own problem."""
    assert caller_of_limits.find_all(SIZES) == {}


def test_that_there_are_thousands() -> None:
    """No two cases have one name, and none of the tables is a remnant."""
    names = [case.name for table in TABLES.values() for case in table] + [case.name for case in SIZES]
    assert len(set(names)) == len(names) > 9000
    assert min(len(table) for table in (*TABLES.values(), SIZES)) > 50


_OUT = Case(
    name="out of range",
    request=write_request("/predict", write_record(tenure=b"-9")),
    status=422,
    places=(("range", "/tenure"),),
)


_LEVEL = write_request("/predict", write_record(gender=b'"maybe"'))
WRONG: dict[str, Case] = {
    "status": msgspec.structs.replace(_OUT, status=400),
    "pointer": msgspec.structs.replace(_OUT, places=(("range", "/Tenure"),)),
    "code": msgspec.structs.replace(_OUT, places=(("type", "/tenure"),)),
    "one fault fewer": msgspec.structs.replace(_OUT, places=()),
    "kind": msgspec.structs.replace(_OUT, kind="bad-request"),
    "connection": msgspec.structs.replace(_OUT, closes=True),
    "form": msgspec.structs.replace(_OUT, says_error=True),
    "header": msgspec.structs.replace(_OUT, headers=(("allow", "POST"),)),
    "another fault": msgspec.structs.replace(_OUT, request=_LEVEL),
    "row": Case(name="", request=write_request("/predict", b"[1]"), status=200, rows=((("type", ""),),)),
    "no row": Case(name="", request=write_request("/predict", b"[1]"), status=200, rows=()),
}


@pytest.mark.parametrize("name", WRONG)
def test_that_a_wrong_answer_is_seen(caller: Caller, name: str) -> None:
    """A case that expects something else than comes is told: the caller looks at all that a case says."""
    assert caller.find_wrong(WRONG[name])
    assert caller.find_wrong(_OUT) == ""


def test_that_a_leak_is_seen(model: Model) -> None:
    """An answer that holds a path of ours or another value of the record is told."""
    with run_edge([model], Settings()) as running, running.connect() as connection:
        connection.sendall(_OUT.request)
        answer = read_answer(connection)
        assert check_answer(_OUT, answer) == ""
        for leak in (b'File "/usr/lib/a.py", line 1', CANARY.encode(), b"msgspec.ValidationError"):
            leaking = msgspec.structs.replace(answer, body=answer.body.replace(b"outside", leak))
            assert check_answer(_OUT, leaking).startswith("leaks")
        connection.sendall(PING)
        assert read_answer(connection).body == b"PONG"
