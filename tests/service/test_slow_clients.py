"""Callers that are slow on purpose: each is closed on time, and meanwhile everybody else is answered."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from statistics import median
from time import monotonic, sleep

import pytest

from augury.model import Model
from augury.service.settings import Settings
from tests.service.bad_inputs.caller import PING, hold_log, read_answer
from tests.service.bad_inputs.case import JSON_TYPE, LINES_TYPE, RECORD, write_chunked, write_request
from tests.service.edging import Answer, Running, parse_answers, read_all, run_edge

# Short enough for a test, long enough for a busy machine.
DEADLINE = 1.0
SHORT = Settings(head_seconds=DEADLINE, body_seconds=DEADLINE, idle_seconds=DEADLINE)
# The edge looks at its deadlines four times a second, and lingers for two seconds over what it has refused.
LATE = DEADLINE + 4.0
ASK = write_request("/predict", RECORD)
_CROWD = 500


@pytest.fixture
def running(model: Model) -> Iterator[Running]:
    """An edge with short deadlines, whose log must tell of no failure."""
    with hold_log(), run_edge([model], SHORT) as running:
        yield running
        with running.connect() as connection:
            connection.sendall(PING)
            assert read_answer(connection).body == b"PONG"


def measure_others(running: Running, seconds: float) -> list[float]:
    """Ask for a record over and over, and measure how long each answer takes."""
    took: list[float] = []
    until = monotonic() + seconds
    with running.connect() as connection:
        while monotonic() < until:
            begun = monotonic()
            connection.sendall(ASK)
            assert read_answer(connection).status == 200
            took.append(monotonic() - begun)
            sleep(0.005)
    return took


def drip(connection: socket.socket, sent: bytes, pause: float) -> None:
    """Send byte by byte until the other side has had enough."""
    for at in range(len(sent)):
        try:
            connection.sendall(sent[at : at + 1])
        except OSError:
            return
        sleep(pause)


SLOW: dict[str, tuple[bytes, bytes]] = {
    "a head": (b"GET /ping HTTP/1.1\r\n", b"X-Slow: y\r\n" * 20),
    "a head without a line end": (b"GET /ping?", b"a" * 200),
    "a body": (ASK[: -len(RECORD)], RECORD),
    "a body of an array": (write_request("/predict", b"[" + RECORD + b"]")[: -len(RECORD) - 2], b"[" + RECORD),
    "a body beside the lane": (write_request("/explain", RECORD, JSON_TYPE)[: -len(RECORD)], RECORD),
    "a body in chunks": (write_chunked("/predict", b"")[:-5], b"1\r\n{\r\n" * 40),
    "a line": (write_request("/predict", RECORD, LINES_TYPE)[: -len(RECORD)], RECORD),
    "tensors": (write_request("/v2/models/churn/infer", RECORD, JSON_TYPE)[: -len(RECORD)], RECORD),
}


def ask_slowly(running: Running, name: str, told: dict[str, tuple[list[Answer], float]]) -> None:
    """Send one of the slow requests, and note what came of it and when."""
    at_once, slowly = SLOW[name]
    with running.connect() as connection:
        connection.sendall(at_once)
        begun = monotonic()
        sender = threading.Thread(target=drip, args=(connection, slowly, 0.05))
        sender.start()
        answers = parse_answers(read_all(connection))
        told[name] = answers, monotonic() - begun
        sender.join()


def test_a_byte_now_and_then(running: Running) -> None:
    """What comes byte by byte is refused at its deadline, which no byte moves, and its connection is closed."""
    told: dict[str, tuple[list[Answer], float]] = {}
    callers = [threading.Thread(target=ask_slowly, args=(running, name, told)) for name in SLOW]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert set(told) == set(SLOW)
    for name, (answers, took) in told.items():
        # A reset may take the answer with it, for a byte came after the end.
        assert [answer.status for answer in answers] in ([408], []), name
        assert all(answer.json()["type"] == "urn:augury:problem:timeout" for answer in answers), name
        assert DEADLINE - 0.1 < took < LATE, name
    assert any(answers for answers, _ in told.values())


BEGINNINGS = (
    b"",
    b"P",
    ASK[:20],
    ASK[:-1],
    write_chunked("/predict", RECORD)[:-9],
    write_request("/explain", b"{}")[:-1],
)


def test_a_crowd_of_half_open_connections(running: Running) -> None:
    """Of 500 connections that end nowhere all are closed on time, and meanwhile others are answered within 50 ms."""
    with ExitStack() as stack:
        crowd = [stack.enter_context(running.connect()) for _ in range(_CROWD)]
        begun = monotonic()
        for at, connection in enumerate(crowd):
            connection.sendall(BEGINNINGS[at % len(BEGINNINGS)])
        took = measure_others(running, 2 * DEADLINE)
        statuses = {answer.status for connection in crowd for answer in parse_answers(read_all(connection))}
        assert monotonic() - begun < LATE + 2.0
    assert statuses == {408}
    assert median(took) < 0.05
    # Nobody waits for the crowd, even when all of it is refused in one moment; a busy machine may take its time.
    assert max(took) < 1.0


def test_readers_that_do_not_read(running: Running) -> None:
    """Callers that ask much and read nothing keep nobody from an answer, and are answered once they read."""
    # 4,000 refused records are answered with 8 MB, more than the network holds.
    ask = write_request("/predict", b"[" + b",".join([b"{}"] * 4000) + b"]")
    with ExitStack() as stack:
        readers = [stack.enter_context(running.connect()) for _ in range(2)]
        for reader in readers:
            reader.sendall(ask)
        for reader in readers:
            reader.recv(1, socket.MSG_PEEK)  # what there was to compute is done; now there is only to wait
        assert median(measure_others(running, 2.5)) < 0.05
        for reader in readers:
            read = bytearray()
            while not read.endswith(b"}]}]"):
                piece = reader.recv(1 << 20)
                assert piece, len(read)
                read += piece
            [answer] = parse_answers(bytes(read))
            assert (answer.status, answer.is_whole, len(answer.json())) == (200, True, 4000)


def read_slowly(running: Running, request: bytes, wait: float, pause: float) -> tuple[int, int]:
    """Ask, wait, and read with pauses: how many bytes of the body came, and how many were announced."""
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 100_000)
        reader.connect(("127.0.0.1", running.port))
        reader.sendall(request)
        head, _, body = reader.recv(65_536).partition(b"\r\n\r\n")
        size, came = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]), len(body)
        sleep(wait)
        with suppress(ConnectionResetError):
            while came < size and (piece := reader.recv(200_000)):
                came += len(piece)
                sleep(pause)
    return came, size


LONG = b"[" + b",".join([b"{}"] * 6000) + b"]"  # answered with 12 MB, more than the network holds


def test_the_last_answer_to_a_reader_that_pauses(running: Running) -> None:
    """The last answer of a connection comes whole, also to a caller that reads it some seconds later."""
    came, size = read_slowly(running, write_request("/predict", LONG, "Connection: close"), 3.0, 0.0)
    assert came == size


def test_a_reader_that_is_slow_but_steady(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that reads all the time is not gone, however long the whole takes."""
    monkeypatch.setattr("augury.service.edge.line._STALLED_SECONDS", 0.5)
    came, size = read_slowly(running, write_request("/predict", LONG), 0.0, 0.03)
    assert came == size


TOOL = shutil.which("slowhttptest")


@pytest.mark.skipif(TOOL is None, reason="slowhttptest is absent")
def test_slowhttptest(running: Running) -> None:
    """The tool that was made for this, three of its ways at once, finds the service available, and so do others."""
    assert TOOL is not None
    url = f"http://127.0.0.1:{running.port}"
    ways = (("-H", "-u", f"{url}/ping"), ("-B", "-u", f"{url}/predict"), ("-X", "-w", "1", "-y", "8", "-u", f"{url}/"))
    common = (*("-c", "200", "-r", "200", "-i", "1", "-l", "4", "-p", "2"),)
    with ExitStack() as stack:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        tools = [stack.enter_context(subprocess.Popen([TOOL, *way, *common], **pipes)) for way in ways]  # type: ignore[call-overload]
        try:
            took = measure_others(running, 3.0)
            told = [tool.communicate(timeout=30)[0].decode() for tool in tools]
        finally:
            for tool in tools:
                tool.kill()
    assert median(took) < 0.05
    for each in told:
        assert "YES" in each.rsplit("service available:", 1)[1][:20], each
