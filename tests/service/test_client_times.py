from __future__ import annotations

import asyncio
import datetime as dt
import socket
import time
from email.utils import format_datetime
from random import Random
from typing import Any

import pytest

import augury
from augury.client.reading import Answered
from augury.client.retry import Attempts
from augury.client.timeouts import Timeouts, cut_timeouts, find_timeouts
from augury.errors import ServiceFailureError, ServiceTimeoutError
from tests.service.driven import ANSWER, BOTH
from tests.service.scripted import run_script, write_answer
from tests.unit.artifact.documents import make_record

RECORD = dict(make_record())
BUSY = write_answer(503, b"busy")


def _say_nothing(connection: socket.socket) -> None:
    connection.settimeout(10)
    connection.recv(1)


def _begin_slowly(connection: socket.socket) -> None:
    """Send a head that does not end, a byte at a time: each of them in time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
    for _ in range(300):
        try:
            connection.sendall(b"x")
        except OSError:  # the client has had enough
            return
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (10.0, Timeouts(5.0, 10.0, 60.0)),
        (0.3, Timeouts(0.3, 0.3, 60.0)),
        (100, Timeouts(5.0, 100, 100)),
        (Timeouts(answer=2.0), Timeouts(5.0, 2.0, 60.0)),
    ],
)
def test_what_a_number_of_seconds_means(given: Any, meant: Timeouts) -> None:
    """A plain number is for an answer: a connection never takes longer, and all of it never less."""
    assert find_timeouts(given) == meant


def test_no_try_outlasts_what_is_left() -> None:
    """A try has no more time than is left of all, but never none, which to a socket means something else."""
    assert cut_timeouts(Timeouts(), 3.0) == Timeouts(3.0, 3.0, 3.0)
    assert cut_timeouts(Timeouts(), 100.0) == Timeouts(5.0, 10.0, 100.0)
    assert cut_timeouts(Timeouts(), 0.0).answer > 0


@BOTH
def test_all_tries_together_have_an_end(make: Any) -> None:
    """A service that is busy is not asked for longer than all of it may take, and its answer is told then."""
    begun = time.monotonic()
    busy = pytest.raises(ServiceFailureError, match="503")
    with run_script(BUSY) as server, make(server.url, retries=1_000, timeout=Timeouts(total=1.0)) as client, busy:
        client.predict(RECORD)
    assert 2 <= len(server.asked) <= 6
    assert time.monotonic() - begun < 3


@BOTH
def test_a_wait_that_would_be_too_long_is_not_begun(make: Any) -> None:
    """Where the service asks for more time than there is, its answer stands at once."""
    busy = write_answer(503, b"busy", retry_after="20")
    begun = time.monotonic()
    stands = pytest.raises(ServiceFailureError)
    with run_script(busy) as server, make(server.url, timeout=Timeouts(total=10)) as client, stands:
        client.predict(RECORD)
    assert len(server.asked) == 1
    assert time.monotonic() - begun < 5


@BOTH
def test_the_last_try_is_cut(make: Any) -> None:
    """A try that began in time ends when all of it has to."""
    begun = time.monotonic()
    cut = pytest.raises(ServiceTimeoutError)
    with run_script(BUSY, _say_nothing) as server, make(server.url, timeout=Timeouts(total=1.0)) as client, cut:
        client.predict(RECORD)
    assert len(server.asked) == 2
    assert time.monotonic() - begun < 5


def test_a_head_that_never_ends() -> None:
    """In an event loop the end of all is kept to the letter, whatever the server does."""

    async def ask(url: str) -> None:
        async with augury.AsyncClient(url, timeout=Timeouts(answer=0.5, total=0.5)) as client:
            await client.predict(RECORD)

    begun = time.monotonic()
    with run_script(_begin_slowly) as server, pytest.raises(ServiceTimeoutError):
        asyncio.run(ask(server.url))
    assert time.monotonic() - begun < 4


@BOTH
def test_retry_after_is_waited_for(make: Any) -> None:
    """A service that says when is not asked before."""
    with run_script(write_answer(503, b"busy", retry_after="1"), ANSWER) as server, make(server.url) as client:
        begun = time.monotonic()
        assert client.predict(RECORD).label
    assert time.monotonic() - begun >= 1.0
    assert len(server.asked) == 2


def test_a_date_is_held_to_the_clock() -> None:
    """A date in Retry-After is compared to the clock on the wall, and a wait to the time that is left."""
    said = format_datetime(dt.datetime.fromtimestamp(1_020, dt.UTC), usegmt=True)
    answered = Answered(503, {"retry-after": said}, b"", "http://here")
    assert (Attempts(1, Random(1), lambda: 1_000.0, 60.0).find_wait(answered) or 0) >= 20
    assert Attempts(1, Random(1), lambda: 1_000.0, 15.0).find_wait(answered) is None


def test_hundreds_at_once_take_turns() -> None:
    """Of hundreds of questions at once some twenty are under way, and not one of them is lost."""
    now = most = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await reader.readuntil(b"}")
        await asyncio.sleep(0.02)
        now -= 1
        writer.write(ANSWER)
        writer.close()
        await writer.wait_closed()

    async def ask() -> int:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server, augury.AsyncClient(url) as client:
            return len(await asyncio.gather(*[client.predict(RECORD) for _ in range(300)]))

    assert asyncio.run(ask()) == 300
    assert 10 < most <= 20


def test_a_turn_that_never_comes_has_an_end() -> None:
    """A question that waits for its turn is given up when all of it has to end."""

    async def ask(url: str) -> list[Any]:
        async with augury.AsyncClient(url, timeout=Timeouts(answer=0.5, total=0.5)) as client:
            return await asyncio.gather(*[client.predict(RECORD) for _ in range(60)], return_exceptions=True)

    with socket.create_server(("127.0.0.1", 0), backlog=128) as silent:
        begun = time.monotonic()
        outcomes = asyncio.run(ask(f"http://127.0.0.1:{silent.getsockname()[1]}"))
        assert time.monotonic() - begun < 8
    assert [type(outcome) for outcome in outcomes] == [ServiceTimeoutError] * 60
