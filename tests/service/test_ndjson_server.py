"""Streams of lines through real servers: their memory, their ends, and callers who do not behave."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from augury.model import Model
from tests.service.models import answer_at_once
from tests.service.running import PATIENCE, Running, run_server

HEAD = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def server(tmp_path: Path, model: Model) -> Iterator[Running]:
    """A server of the churn-like model."""
    path = tmp_path / "churn.augury.json"
    model.save(path)
    with run_server(tmp_path, [path]) as running:
        yield running


@contextlib.contextmanager
def _connect(server: Running) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        yield connection


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


def _read_until(connection: socket.socket, end: bytes) -> bytes:
    read = b""
    while not read.endswith(end):
        piece = connection.recv(65_536)
        assert piece, f"the connection ended after {len(read)} bytes"
        read += piece
    return read


def _count_lines(connection: socket.socket) -> tuple[int, bytes]:
    """Read an answer to its end: how many lines it has, and how it ends. The server's own framing has no bare LF."""
    count, tail, before = 0, b"", b""
    while not tail.endswith(b"0\r\n\r\n"):
        piece = connection.recv(262_144)
        if not piece:
            break
        joined = before + piece
        count += joined.count(b"}\n")
        before = joined[-1:] if joined[-1:] == b"}" else b""
        tail = (tail + piece)[-8:]
    return count, tail


def _read_rss(server: Running) -> int:
    """The resident memory of a server, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


def _stream(server: Running, line: bytes, count: int) -> int:
    """Send a line so many times, and read the answers meanwhile: how many came."""
    lines = _chunk(line * 500)

    def send() -> None:
        connection.sendall(CHUNKED)
        for _ in range(count // 500):
            connection.sendall(lines)
        connection.sendall(b"0\r\n\r\n")

    with _connect(server) as connection:
        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        answered, tail = _count_lines(connection)
        sender.join(PATIENCE)
    assert tail.endswith(b"0\r\n\r\n")
    return answered


def test_a_line_is_answered_while_the_next_is_awaited(server: Running, model: Model, body: bytes) -> None:
    """A caller who sends one line and waits gets its answer from a real server, and the answer then ends properly."""
    answer = answer_at_once(model, body) + b"\n"
    with _connect(server) as connection:
        connection.sendall(CHUNKED)
        for number in range(3):
            connection.sendall(_chunk(body + b"\n"))
            read = _read_until(connection, answer + b"\r\n")
            assert read.startswith(b"HTTP/1.1 200 OK\r\n") == (number == 0)
        connection.sendall(b"0\r\n\r\n")
        assert _read_until(connection, b"0\r\n\r\n") == b"0\r\n\r\n"


def test_lines_after_a_go_ahead(server: Running, model: Model, body: bytes) -> None:
    """A caller who awaits ``100 Continue`` before it sends its lines, as curl does, gets it."""
    with _connect(server) as connection:
        connection.sendall(CHUNKED[:-2] + b"Expect: 100-continue\r\n\r\n")
        assert _read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        connection.sendall(_chunk(body) + b"0\r\n\r\n")
        assert answer_at_once(model, body) in _read_until(connection, b"0\r\n\r\n")


def _check_memory(server: Running, body: bytes, count: int) -> None:
    refused = json.dumps({"tenure": "many"}).encode() + b"\n"
    assert _stream(server, body + b"\n", 5_000) == 5_000
    assert _stream(server, refused, 500) == 500
    before = _read_rss(server)
    assert _stream(server, body + b"\n", count) == count
    assert _stream(server, refused, count // 100) == count // 100
    assert _read_rss(server) - before < 8 * 1024 * 1024


def test_a_long_stream_takes_no_memory(server: Running, body: bytes) -> None:
    """Two hundred thousand lines pass through a server whose memory stays as it was."""
    _check_memory(server, body, 200_000)


@pytest.mark.soak
def test_a_very_long_stream_takes_no_memory(server: Running, body: bytes) -> None:
    """A million lines pass through a server whose memory stays as it was."""
    _check_memory(server, body, 1_000_000)


def test_a_caller_who_does_not_read_takes_no_memory(server: Running, body: bytes) -> None:
    """A caller who sends without reading is soon not read any more, and the service goes on for others."""
    assert _stream(server, body + b"\n", 5_000) == 5_000
    before, lines = _read_rss(server), _chunk(b"{}\n" * 1_000)  # ten million are answered with 20 GB
    with _connect(server) as connection:
        connection.sendall(CHUNKED)
        connection.settimeout(2)
        with pytest.raises(TimeoutError):
            connection.sendall(lines * 10_000)
        assert _stream(server, body + b"\n", 500) == 500
        assert _read_rss(server) - before < 16 * 1024 * 1024


def test_a_caller_who_goes_is_logged(server: Running, body: bytes) -> None:
    """A caller who goes away in the middle ends the work: the log has it, with the rows that were answered."""
    with _connect(server) as connection:
        connection.sendall(CHUNKED + _chunk(body + b"\n"))
        _read_until(connection, b"}\n\r\n")
    _await(lambda: server.log.read_text().count('"route":"/predict"') == 1)
    [line] = [line for line in server.read_log() if line["event"] == "request"]
    assert (line["status"], line["rows"]) == (499, 1)


def test_a_broken_stream_is_cut(server: Running, body: bytes) -> None:
    """Where the lines end in something that is no chunk, the answer has no end, so that its reader knows."""
    with _connect(server) as connection:
        connection.sendall(CHUNKED + _chunk(body + b"\n"))
        _read_until(connection, b"}\n\r\n")
        connection.sendall(b"this is no chunk\r\n")
        assert b"0\r\n\r\n" not in _read_rest(connection)


def _read_rest(connection: socket.socket) -> bytes:
    read = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65_536):
            read += piece
    return read


def _await(is_done: Callable[[], bool]) -> None:
    until = monotonic() + PATIENCE
    while not is_done():
        assert monotonic() < until
        sleep(0.02)
