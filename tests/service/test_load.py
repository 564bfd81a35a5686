from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from time import sleep

import msgspec
import pytest

from augury.model import Model
from augury.service.edge.load import Load, find_cost
from augury.service.settings import Settings
from tests.service.edging import read_answers, run_edge
from tests.unit.artifact.documents import make_record

BODY = msgspec.json.encode(make_record())
POST = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)


class _Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def _in_a_loop(tell: Callable[[], list[bool]]) -> list[bool]:
    async def run() -> list[bool]:
        return tell()

    return asyncio.run(run())


def test_a_turn_that_worked_too_long() -> None:
    """What comes after 50 ms of work in one turn is late, and so is all that comes after it in that turn."""
    clock = _Clock()
    load = Load(clock)

    def tell() -> list[bool]:
        told = []
        for seconds in (0.0, 0.049, 0.051, 0.052):
            clock.seconds = seconds
            told.append(load.is_late(seconds))
        return told

    assert _in_a_loop(tell) == [False, False, True, True]


def test_a_starved_process_is_not_late() -> None:
    """A turn that lasts for seconds because another process has the processor is not too much to do."""
    load = Load(_Clock())
    assert _in_a_loop(lambda: [load.is_late(now) for now in (0.0, 1.0, 5.0)]) == [False] * 3


def test_each_connection_has_its_share() -> None:
    """After a turn that was too long no connection is answered more often in the next than its share of that one."""
    clock = _Clock()
    load = Load(clock)

    async def run() -> list[bool]:
        for taken in range(30):  # one connection brings 30 requests, two others would bring one each
            load.is_late(0.0, taken)
        clock.seconds = 1.0
        assert [load.is_late(1.0), load.is_late(1.0)] == [True, True]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return [load.is_late(2.0, taken) for taken in range(40)] + [load.is_late(2.0)]

    told = asyncio.run(run())
    assert told == [False] * 11 + [True] * 29 + [False]


def test_few_are_never_too_many() -> None:
    """Four requests are worked at together, however large they are; the fifth must fit."""
    load = Load(_Clock())
    for _ in range(4):
        assert not load.is_full(find_cost(None))
        load.begin(3_000_000)
    assert load.is_full(find_cost(0))
    load.end(3_000_000)
    assert not load.is_full(find_cost(0))


def test_the_pace_is_learnt_from_overload() -> None:
    """A worker that turns out to be slow admits less, and one that turns out to be fast again more."""
    clock = _Clock()
    load = Load(clock)

    def admit() -> int:
        count = 0
        while not load.is_full(100_000):
            load.begin(100_000)
            count += 1
        return count

    def answer(count: int, seconds: float) -> None:
        for _ in range(count):
            load.end(100_000)
        clock.seconds += seconds
        load.measure()

    first = admit()
    assert first == 32
    answer(first, 3.2)  # a million bytes a second
    for _ in range(30):
        count = admit()
        answer(count, count / 10)
    slow = admit()
    assert slow == 4
    answer(slow, 0.001)
    for _ in range(30):
        count = admit()
        answer(count, count / 400)
    assert admit() == first


def test_refused_arrays_cost_little(model: Model) -> None:
    """A full service refuses an array from its head, keeps the connection, and says so in the log once for many."""
    with run_edge([model], Settings()) as running:
        running.edge.load._active, running.edge.load._cost = 4, 10**9
        array = b"[" + b",".join([BODY] * 1000) + b"]"
        head = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(array)
        with running.connect() as connection:
            connection.sendall(head + array[:1])
            [refused] = read_answers(connection, 1)
            assert (refused.status, refused.header("retry-after"), refused.header("connection")) == (503, "1", None)
            assert refused.json()["instance"] == f"urn:augury:request:{refused.header('x-request-id')}"
            connection.sendall(array[1:] + POST + head + array + POST)
            assert [answer.status for answer in read_answers(connection, 3)] == [200, 503, 200]
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
            assert read_answers(connection, 1)[0].json() == {"status": "alive"}


@pytest.mark.parametrize("path", ["/explain", "/v2/models/churn/infer"])
def test_refusals_are_like_others(model: Model, path: str) -> None:
    """A refusal for overload says what any refusal says on its path, under the id that the caller gave."""
    with run_edge([model], Settings()) as running:
        running.edge.load._active, running.edge.load._cost = 4, 10**9
        sent = POST.replace(b"/predict", path.encode())
        with running.connect() as connection:
            connection.sendall(sent + sent.replace(b"Host: a", b"Host: a\r\nX-Request-Id: mine"))
            mine, own = read_answers(connection, 2)
        members = json.loads(mine.body)
        assert (members["type"], own.header("x-request-id")) == ("urn:augury:problem:overloaded", "mine")
        assert ("error" in members) == path.startswith("/v2")
        names = [[name for name, _ in answer.headers] for answer in (mine, own)]
        assert names[0] == names[1]
        assert members.keys() == json.loads(own.body).keys()


def test_whoever_does_not_read_is_not_answered_for_ever(model: Model) -> None:
    """A caller that sends and sends without reading its answers is not read from until it has."""
    with run_edge([model], Settings()) as running, running.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        sent = idle = 0
        while idle < 20 and sent < 20_000_000:
            try:
                sent += connection.send((POST * 100)[sent % len(POST) :])
                idle = 0
            except BlockingIOError:
                idle += 1
                sleep(0.02)
        assert sent < 20_000_000
        connection.setblocking(True)
        connection.settimeout(20)
        assert read_answers(connection, 1)[0].status == 200
