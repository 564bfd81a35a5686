"""A load that waits for nobody: requests are sent when their time has come, whatever became of those before them.

It runs in a process of its own, on the last processor, so that it neither waits for the server nor for the test.
"""

from __future__ import annotations

import os
import re
import selectors
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from time import perf_counter

import msgspec
from msgspec import Struct, field

# A head that an answer begins with; no body that is asked for here holds one.
_OPENING = b"HTTP/1.1 "
_STATUS = re.compile(rb"HTTP/1\.1 (\d\d\d) ")
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n")
_END = b"\r\n\r\n"
# Bursts that a connection may have ahead of it in this process; what comes while so many wait was not offered.
_MOST_WAITING = 8
# A burst that this process cannot send within so many seconds of when it was due was not offered either.
_LATEST = 0.05
# Between two looks at what came back, this many bursts are sent at most.
_MOST_AT_ONCE = 50
# At the end what was sent has this long to be answered.
_PATIENCE = 30.0


class Offer(Struct, frozen=True):
    """What is sent.

    Args:
        port: where to.
        requests: sent in turn.
        expected: what a right answer's body begins with.
        seconds: for how long; 0 sends each request once, at once.
        rate: requests a second; 0 keeps ``depth`` of them on their way on each connection, however long they take.
        connections: how many connections.
        depth: how many requests are sent at once on a connection.
        pid: the server's process, whose time on the processor is measured. Then this load never rests, whatever it
            offers: two processors are often the two halves of one, and what one half does slows down the other.
        niceness: how readily this load lets another have the processor.
    """

    port: int
    requests: Sequence[bytes]
    expected: bytes
    seconds: float
    rate: float = 0.0
    connections: int = 1
    depth: int = 1
    pid: int = 0
    niceness: int = 0


class Outcome(Struct):
    """What became of it: numbers of requests, and the seconds from when they were sent.

    ``unsent`` is what this process could not offer in time, so the seconds leave no wait of the server's out.
    """

    offered: int = 0
    answered: int = 0
    refused: int = 0
    forgone: int = 0  # sent behind one whose refusal ended the connection
    failed: int = 0
    unsent: int = 0
    answered_meanwhile: int = 0  # while the load went on
    bytes_meanwhile: int = 0  # of the requests that were answered so
    wrong: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    refusal_seconds: list[float] = field(default_factory=list)
    lasted: float = 0.0
    worked: float = 0.0  # the server, in seconds of a processor, while the load went on

    def find_quantile(self, share: float) -> float:
        """Find the seconds within which this share was answered."""
        ordered = sorted(self.seconds) or [float("inf")]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Burst(Struct):
    """Requests that were sent at once: when, how many are not answered yet, and the bytes of each."""

    sent: float | None
    left: int
    size: int


class _Connection:
    def __init__(self, load: _Load) -> None:
        self.load = load
        self.awaited: deque[_Burst] = deque()
        self.waiting: deque[tuple[memoryview, _Burst]] = deque()
        self.begin()

    def begin(self) -> None:
        """Connect."""
        self.read = b""
        self.is_last = False
        self.events = 0
        self.socket = socket.socket()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        with suppress(BlockingIOError):
            self.socket.connect(("127.0.0.1", self.load.offer.port))
        self.watch()
        self.load.idle.append(self)

    def watch(self) -> None:
        """Hear of answers, and of room for what waits."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.waiting else 0)
        if self.events == 0:
            self.load.selector.register(self.socket, events, self)
        elif events != self.events:
            self.load.selector.modify(self.socket, events, self)
        self.events = events

    def send(self, burst: bytes) -> None:
        """Send requests."""
        outcome, depth = self.load.outcome, self.load.offer.depth
        outcome.offered += depth
        sent = _Burst(None, depth, len(burst) // depth)
        self.awaited.append(sent)
        self.waiting.append((memoryview(burst), sent))
        self.push()

    def push(self) -> None:
        """Send on, as far as it goes."""
        with suppress(OSError):  # not yet connected, or full, or gone: reading tells which
            while self.waiting:
                content, burst = self.waiting.popleft()
                try:
                    rest = content[self.socket.send(content) :]
                except OSError:
                    self.waiting.appendleft((content, burst))
                    raise
                if rest:
                    self.waiting.appendleft((rest, burst))
                    break
                burst.sent = perf_counter()
        self.watch()

    def pull(self) -> None:
        """Read what came."""
        try:
            piece = self.socket.recv(1024 * 1024)
        except BlockingIOError:
            return
        except OSError as error:
            self.lose(repr(error))
            return
        if not piece:
            self.lose("closed")
            return
        self.read += piece
        self.judge(perf_counter())
        if not self.awaited and not self.is_last:
            self.load.idle.append(self)

    def judge(self, now: float) -> None:
        """Judge all answers that are whole."""
        whole = max(0, self.read.rfind(_OPENING))
        head_end = self.read.find(_END, whole)
        length = _LENGTH.search(self.read, whole, head_end + 2) if head_end >= 0 else None
        if length and len(self.read) >= head_end + len(_END) + int(length[1]):
            whole = head_end + len(_END) + int(length[1])
        answers, self.read = self.read[:whole], self.read[whole:]
        outcome = self.load.outcome
        statuses = _STATUS.findall(answers)
        good, refused = statuses.count(b"200"), statuses.count(b"503")
        if answers.count(_END + self.load.offer.expected) != good or answers.count(b"\r\nretry-after: ") != refused:
            outcome.wrong.append(repr(answers[:1000]))
        outcome.answered += good
        outcome.refused += refused
        outcome.failed += len(statuses) - good - refused
        self.is_last = self.is_last or b"\r\nconnection: close\r\n" in answers
        for status in statuses:
            burst = self.awaited[0]
            seconds = now - (burst.sent or now)
            burst.left -= 1
            if not burst.left:
                self.awaited.popleft()
            if status == b"200":
                outcome.seconds.append(seconds)
                self.load.answered_bytes += burst.size
            else:
                outcome.refusal_seconds.append(seconds)

    def lose(self, why: str) -> None:
        """Begin anew on another connection, after counting what was lost with this one."""
        outcome, left = self.load.outcome, sum(burst.left for burst in self.awaited)
        if self.is_last:
            outcome.forgone += left
        elif left:
            outcome.failed += left
            outcome.wrong.append(f"{why} with {left} requests on their way")
        self.awaited.clear()
        self.waiting.clear()
        self.load.selector.unregister(self.socket)
        self.socket.close()
        self.begin()


class _Load:
    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        self.outcome = Outcome()
        self.selector = selectors.DefaultSelector()
        self.idle: deque[_Connection] = deque()
        self.connections = [_Connection(self) for _ in range(offer.connections)]
        self.bursts = [request * offer.depth for request in offer.requests]
        self.number = 0
        self.answered_bytes = 0

    def send_next(self, connection: _Connection) -> None:
        """Send what is next in turn."""
        connection.send(self.bursts[self.number % len(self.bursts)])
        self.number += 1

    def send_due(self, started: float) -> None:
        """Send what is due by now, on a connection where nothing is on its way if there is one."""
        between = self.offer.depth / self.offer.rate
        due = int((perf_counter() - started) / between) + 1
        # What this process could not send in time was not offered.
        if due - self.number > self.offer.rate * _LATEST / self.offer.depth:
            skipped = int(due - self.number - self.offer.rate * _LATEST / self.offer.depth)
            self.outcome.unsent += skipped * self.offer.depth
            self.number += skipped
        for _ in range(min(due - self.number, _MOST_AT_ONCE)):
            connection = self.idle.popleft() if self.idle else self.connections[self.number % len(self.connections)]
            if len(connection.waiting) > _MOST_WAITING:
                self.outcome.unsent += self.offer.depth
                self.number += 1
            else:
                self.send_next(connection)

    def watch(self, seconds: float) -> None:
        """Wait for something to happen, and see to it."""
        for key, events in self.selector.select(seconds):
            connection = key.data
            if events & selectors.EVENT_WRITE:
                connection.push()
            if events & selectors.EVENT_READ:
                connection.pull()

    def run(self) -> Outcome:
        """Offer the load."""
        started, worked = perf_counter(), _read_work(self.offer.pid)
        while perf_counter() < started + self.offer.seconds:
            if self.offer.rate:
                self.send_due(started)
            else:
                while self.idle:
                    self.send_next(self.idle.popleft())
            self.watch(0.0 if self.offer.pid else 0.0005)
        self.outcome.lasted = perf_counter() - started
        self.outcome.worked = _read_work(self.offer.pid) - worked
        self.outcome.answered_meanwhile, self.outcome.bytes_meanwhile = self.outcome.answered, self.answered_bytes
        while any(connection.awaited for connection in self.connections):
            if perf_counter() > started + self.offer.seconds + _PATIENCE:
                break
            self.watch(0.01)
        left = sum(burst.left for connection in self.connections for burst in connection.awaited)
        if left:
            self.outcome.failed += left
            self.outcome.wrong.append(f"{left} requests without an answer")
        return self.outcome


def _read_work(pid: int) -> float:
    """Read the seconds for which a process had a processor."""
    if not pid:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def offer_loads(*offers: Offer) -> list[Outcome]:
    """Offer loads at the same time, from a process each, and tell what became of them."""
    command = [sys.executable, "-m", "tests.service.loading"]
    with ExitStack() as stack:
        told = []
        for offer in offers:
            process = stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            stack.callback(process.kill)
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(msgspec.msgpack.encode(offer))
            process.stdin.close()
            told.append(process.stdout)
        return [msgspec.msgpack.decode(each.read(), type=Outcome) for each in told]


def _main() -> None:
    offer = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Offer)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.nice(offer.niceness)
    sys.stdout.buffer.write(msgspec.msgpack.encode(_Load(offer).run()))


if __name__ == "__main__":
    _main()
