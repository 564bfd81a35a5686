"""What bad callers do to an edge, and what it does then: the same bytes for each, with each one's own limits."""

from __future__ import annotations

import re
import select
import signal
import socket
import threading
from collections.abc import Callable
from time import monotonic, sleep

from edge_app import ANSWER, BUSY_SECONDS
from edge_rivals import Edge

# A connection that is open after this is called open.
WATCH_SECONDS = 45.0
_MIB = 1024 * 1024
_HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"
_H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
_IDLE = 2000
_WAITING = 50
_STATUS = re.compile(rb"HTTP/1\.[01] (\d\d\d)")
_TYPE = re.compile(rb"content-type: *([^\r;]+)", re.IGNORECASE)


def _post(path: bytes, length: int) -> bytes:
    return b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (path, length)


def _watch(connection: socket.socket, seconds: float = WATCH_SECONDS) -> tuple[bytes, float | None]:
    """Read until the other side closes; how long that took, None when it did not."""
    read, started = b"", monotonic()
    while (left := started + seconds - monotonic()) > 0:
        if not _has_come(connection, left):
            break
        try:
            piece = connection.recv(65_536)
        except ConnectionError:
            return read, monotonic() - started
        if not piece:
            return read, monotonic() - started
        read += piece
    return read, None


def _has_come(connection: socket.socket, seconds: float = 0.0) -> bool:
    """Tell whether something has come within so many seconds; unlike select, poll takes any descriptor."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _tell(read: bytes, closed: float | None, sent: str = "") -> str:
    """Tell what came back, and whether the connection was closed."""
    statuses = ", ".join(status.decode() for status in _STATUS.findall(read)) or "nothing"
    refused = any(status >= b"4" for status in _STATUS.findall(read))
    found = _TYPE.search(read)
    kind = f" {found[1].decode()}" if refused and found else ""
    if closed is None:
        return f"{statuses}{kind}{sent}, open"
    return f"{statuses}{kind}{sent}, closed" + (f" after {closed:.0f} s" if closed >= 0.8 else "")


def _send_much(edge: Edge, head: bytes, piece: bytes, size: int) -> str:
    """Send a head and so many bytes after it, as long as they are taken and not answered."""
    sent = 0
    with edge.connect() as connection:
        connection.sendall(head)
        try:
            while sent < size and not _has_come(connection):
                connection.sendall(piece)
                sent += len(piece)
        except (ConnectionError, TimeoutError):
            pass
        taken = f" after {sent / _MIB:.1f} MiB" if sent < size else f", all {sent // _MIB} MiB taken"
        return _tell(*_watch(connection, 6.0), taken)


def _ask(*pieces: bytes, seconds: float = 1.5) -> Callable[[Edge], str]:
    def ask(edge: Edge) -> str:
        with edge.connect() as connection:
            for piece in pieces:
                connection.sendall(piece)
                sleep(0.05)
            return _tell(*_watch(connection, seconds))

    return ask


def _ask_h2c(edge: Edge) -> str:
    request = b"POST /length HTTP/1.1\r\nHost: a\r\n" + _H2C + b"Content-Length: 5\r\n\r\nhello"
    with edge.connect() as connection:
        connection.sendall(request)
        read, closed = _watch(connection, 2.0)
        return _tell(read, closed, ", body read" if read.endswith(b"\r\n\r\n5") else ", body lost")


def _read_slowly(edge: Edge) -> str:
    """Ask for 64 MiB and read nothing of it."""
    sleep(3)  # the connection by which the start was seen is gone then
    before, sockets = edge.read_memory("VmRSS"), edge.count_sockets()
    with edge.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.sendall(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        sleep(3)
        grown, started = edge.read_memory("VmRSS") - before, monotonic()
        # The end of a connection stands behind what was not read of it, so it is looked for at the other side.
        while edge.count_sockets() > sockets and monotonic() < started + WATCH_SECONDS:
            sleep(0.2)
        end = "open" if edge.count_sockets() > sockets else f"closed after {monotonic() - started + 3:.0f} s"
        return f"holds {max(grown, 0):.0f} MB, {end}"


def _connect_idly(edge: Edge) -> str:
    """Open connections that say nothing, ask on one more, and watch the first."""
    before = edge.read_memory("VmRSS")
    idle = [edge.connect() for _ in range(_IDLE)]
    try:
        sleep(1)
        grown = (edge.read_memory("VmRSS") - before) * 1024 / _IDLE
        answered = _ask(_HEAD + b"Connection: close\r\n\r\n")(edge)
        _, closed = _watch(idle[0])
        end = "open" if closed is None else f"closed after {closed + 1:.0f} s"
        return f"{grown:.1f} KB each; one more: {answered}; the idle: {end}"
    finally:
        for connection in idle:
            connection.close()


def _end_while_they_wait(edge: Edge) -> str:
    """Send SIGTERM while connections wait at a busy loop, with a request and without one."""
    busy = edge.connect()
    busy.sendall(b"GET /busy HTTP/1.1\r\nHost: a\r\n\r\n")
    sleep(BUSY_SECONDS / 4)
    asking = [edge.connect() for _ in range(_WAITING)]
    silent = [edge.connect() for _ in range(_WAITING)]
    for connection in asking:
        connection.sendall(_HEAD + b"\r\n")
    edge.process.send_signal(signal.SIGTERM)
    sleep(BUSY_SECONDS + 0.3)
    for connection in silent:
        try:
            connection.sendall(_HEAD + b"\r\n")
        except ConnectionError:
            continue
    counts = [sum(ANSWER in _watch(connection, 8.0)[0] for connection in group) for group in (asking, silent)]
    for connection in (busy, *asking, *silent):
        connection.close()
    return f"answered {counts[0]} of {_WAITING} that had asked, {counts[1]} of {_WAITING} that asked 0.8 s later"


def _pipeline(edge: Edge) -> str:
    """Send a request whose answer is late, and two whose answers are not, at once."""
    with edge.connect() as connection:
        lines = b" HTTP/1.1\r\nHost: a\r\n\r\n"
        connection.sendall(b"GET /late" + lines + b"GET /" + lines + b"GET /nowhere" + lines)
        read, _ = _watch(connection, 2.0)
        statuses = b" ".join(_STATUS.findall(read)).decode()
        in_order = statuses == "200 200 404" and read.find(b'"late"') < read.find(ANSWER)
        return "in order" if in_order else f"{statuses or 'nothing'}"


ABUSES: dict[str, Callable[[Edge], str]] = {
    "a header of 64 MB": lambda edge: _send_much(edge, _HEAD + b"X: ", b"a" * 65_536, 64 * _MIB),
    "a request line of 64 MB": lambda edge: _send_much(edge, b"GET /", b"a" * 65_536, 64 * _MIB),
    "64 MB of header lines": lambda edge: _send_much(edge, _HEAD, b"X: a\r\n" * 10_000, 64 * _MIB),
    "150 MB to a path that refuses": lambda edge: _send_much(edge, _post(b"/x", 150 * _MIB), b"a" * 65_536, 150 * _MIB),
    "half a head, for ever": _ask(_HEAD, seconds=WATCH_SECONDS),
    "half a body, for ever": _ask(_post(b"/length", 10) + b"hello", seconds=WATCH_SECONDS),
    "no Host": _ask(b"GET / HTTP/1.1\r\n\r\n"),
    "two Hosts": _ask(_HEAD + b"Host: b\r\n\r\n"),
    "lines that end with LF": _ask(b"GET / HTTP/1.1\nHost: a\n\n"),
    "one line that ends with LF": _ask(_HEAD + b"X: a\nY: b\r\n\r\n"),
    "a length and chunks": _ask(
        b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "two lengths": _ask(b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
    "a folded line": _ask(_HEAD + b"X: a\r\n b\r\n\r\n"),
    "a space before the colon": _ask(_HEAD + b"X : a\r\n\r\n"),
    "HTTP/0.9": _ask(b"GET /\r\n\r\n"),
    "not HTTP at all": _ask(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    "an offer of h2c, with a body": _ask_h2c,
    "three requests at once": _pipeline,
    "a reader of nothing": _read_slowly,
    "2,000 idle connections": _connect_idly,
    "SIGTERM at a busy moment": _end_while_they_wait,
}


def abuse(edge: Edge, name: str) -> str:
    """Do one thing to an edge: what it did, and by how much its memory grew."""
    before = edge.read_memory("VmRSS")
    peak = [before]
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.01):
            peak.append(edge.read_memory("VmRSS"))

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        outcome = ABUSES[name](edge)
    finally:
        done.set()
        looking.join()
    grown = max(peak) - before
    return f"{outcome}, {grown:+.0f} MB" if grown >= 5 else outcome
