"""Ask a server at random moments at a given rate, however long its answers take, and tell their latencies as JSON.

A latency counts from the moment a request was due, so that a server which halts is charged for those that it kept
waiting. Arrivals are a Poisson process, as of many callers who do not know of each other. wrk asks only once it was
answered, and k6 cannot ask ten thousand times a second from one processor; this does one thing, and takes all of a
processor for it.

Run by :func:`load.keep_rate`, with one JSON object as its argument.
"""

from __future__ import annotations

import gc
import random
import re
import select
import socket
import sys
from collections import deque
from time import perf_counter, sleep
from typing import Any

import msgspec

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_SEED = 20


class Caller:
    """One connection: when its request was due, and whether it was answered rather than refused."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: socket.socket | None = None
        self._read = b""
        self.due = 0.0
        self.is_answered = False

    def ask(self, request: bytes, due: float, poll: select.epoll) -> int:
        """Send a request; tell by which number the poll knows the connection."""
        self.due = due
        if self._connection is None:
            self._connection = socket.create_connection(("127.0.0.1", self._port))
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connection.setblocking(False)
            poll.register(self._connection, select.EPOLLIN)
        if self._connection.send(request) != len(request):
            raise SystemExit("a request did not fit into the network")
        return self._connection.fileno()

    def read(self) -> bool:
        """Read what there is of the answer; tell whether it is whole."""
        assert self._connection is not None
        arrived = self._connection.recv(65_536)
        self._read += arrived
        if not arrived:  # whoever closes the connection ends the answer so
            self._connection.close()
            self._connection = None
        elif not _is_whole(self._read):
            return False
        self.is_answered = self._read.startswith(b"HTTP/1.1 200")
        closes = b"onnection: close" in self._read
        self._read = b""
        return not (closes and self._connection is not None) or self._hang_up()

    def _hang_up(self) -> bool:
        assert self._connection is not None
        self._connection.close()
        self._connection = None
        return True


def _is_whole(answer: bytes) -> bool:
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    length = _LENGTH.search(answer, 0, end)
    return len(answer) >= end + 4 + int(length[1]) if length else answer.endswith(b"0\r\n\r\n")


def offer(port: int, request: bytes, rate: float, seconds: float, connections: int) -> tuple[list[float], int]:
    """Offer requests; tell the latencies in seconds of the answered, without the first tenth, and count the refused."""
    draw = random.Random(_SEED).expovariate  # noqa: S311 - the same moments for everybody, not a secret
    poll, free = select.epoll(), deque(Caller(port) for _ in range(connections))
    busy: dict[int, Caller] = {}
    latencies: list[float] = []
    refused = 0
    begin = perf_counter() + 0.05
    due, end = begin, begin + seconds
    while due < end or busy:
        now = perf_counter()
        while due <= now and due < end and free:
            caller = free.popleft()
            busy[caller.ask(request, due, poll)] = caller
            due += draw(rate)
        for number, _ in poll.poll(0):
            caller = busy[number]
            if caller.read():
                del busy[number]
                free.append(caller)
                if not caller.is_answered:
                    refused += 1
                elif caller.due > begin + seconds / 10:
                    latencies.append(perf_counter() - caller.due)
        if not busy:
            sleep(0)
    return latencies, refused


def main(asked: dict[str, Any]) -> None:
    """Offer what is asked, and tell."""
    body = asked["body"].encode()
    fields = {"Host": "127.0.0.1", "Content-Type": "application/json", **asked["headers"], "Content-Length": len(body)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    request = f"POST {asked['path']} HTTP/1.1\r\n{lines}\r\n".encode() + body
    gc.disable()
    latencies, refused = offer(asked["port"], request, asked["rate"], asked["seconds"], asked["connections"])
    if not latencies:
        raise SystemExit(f"nothing was answered, and {refused} refused")
    latencies.sort()
    told = {name: latencies[int(len(latencies) * share)] * 1e3 for name, share in SHARES.items()}
    print(msgspec.json.encode({"rate": len(latencies) / asked["seconds"] / 0.9, "refused": refused, **told}).decode())


SHARES = {"p50": 0.5, "p99": 0.99, "p999": 0.999}

if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1]))
