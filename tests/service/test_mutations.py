"""Good requests with bytes flipped, cut, put in, doubled and spliced: whatever comes of it, no answer is wrong."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Sequence
from random import Random
from time import monotonic

import pytest
from starlette.types import Receive, Scope, Send

from augury.model import Model
from augury.service.app import create_app
from augury.service.settings import Settings
from tests.service.bad_inputs.caller import PING, hold_log, read_answer
from tests.service.bad_inputs.case import RECORD, write_record, write_request
from tests.service.bad_inputs.judge import Asked, Judge, read_requests, split_answers
from tests.service.bad_inputs.mutants import GOOD, mutate
from tests.service.edging import Answer, read_all, run_edge


@pytest.fixture(scope="module")
def judge(model: Model) -> Iterator[Judge]:
    """A judge of an edge whose log must tell of no failure, and which answers when all is over."""
    app = create_app([model], settings=Settings())
    # A connection that is left open after its last answer costs half a second, and not the patience of the test.
    with hold_log(), run_edge([model], Settings(idle_seconds=0.5)) as running:
        yield Judge(running, app)
        with running.connect() as connection:
            connection.sendall(PING)
            assert read_answer(connection).body == b"PONG"


def check_mutants(judge: Judge, seed: int, count: int) -> Sequence[int]:
    """Check as many mutants of a seed, of each good request in turn."""
    random = Random(seed)
    return [status for at in range(count) for status in judge.check(mutate(random, GOOD[at % len(GOOD)]))]


@pytest.mark.parametrize("at", range(len(GOOD)))
def test_the_good_ones(judge: Judge, at: int) -> None:
    """What is mutated is answered, so a mutant is not far from an answer."""
    assert set(judge.check(GOOD[at])) == ({422} if b"/invocations" in GOOD[at] else {200})


@pytest.mark.parametrize("seed", range(8))
def test_mutants(judge: Judge, seed: int) -> None:
    """Of 2,000 mutants none hangs, fails, gets an error that is no JSON, or an answer that is not its own."""
    assert {200, 400} <= set(check_mutants(judge, seed, 250))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1100))
def test_a_million_mutants(judge: Judge, seed: int) -> None:
    """Of a million mutants neither."""
    assert {200, 400, 404, 405, 415, 422} <= set(check_mutants(judge, seed, 10_000))


def test_every_beginning(judge: Judge) -> None:
    """A request that ends anywhere before its end, with its connection, is refused or left, and never answered."""
    for good in GOOD[:-1]:
        for end in range(0, len(good), 7):
            assert 200 not in judge.check(good[:end]) or b"x-ndjson" in good


def test_a_stream_whose_caller_ends_meanwhile(model: Model) -> None:
    """A caller that ends its side while it is answered is closed after the answer, not after the idle time."""

    async def stream(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        for _ in range(500):
            if all(connection.has_ended for connection in running.edge.connections):  # type: ignore[attr-defined]
                break
            await asyncio.sleep(0.01)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    with run_edge([model], Settings(idle_seconds=3.0), app=stream) as running, running.connect() as connection:
        connection.sendall(write_request("/explain", RECORD))
        connection.shutdown(socket.SHUT_WR)
        begun = monotonic()
        assert split_answers(read_all(connection))[0].body == b"a"
        assert monotonic() - begun < 1.0


def test_that_a_wrong_answer_is_seen(judge: Judge) -> None:
    """The judge does not believe an answer that belongs to another record."""
    other = Asked("POST", b"/predict", ((b"content-type", b"application/json"),), write_record(tenure=b"40"))
    right = judge._ask(other)[1]
    judge._check_answer(Answer(200, [("x-request-id", "a")], right, is_whole=True), other)
    with pytest.raises(AssertionError):
        judge._check_answer(Answer(200, [("x-request-id", "a")], right, is_whole=True), read_requests(GOOD[0])[0])
