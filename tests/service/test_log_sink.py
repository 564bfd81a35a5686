from __future__ import annotations

import json
import logging
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.context import SpawnContext
from multiprocessing.reduction import DupFd
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from augury.service.log.format import LineFormatter, tell_dropped, write_json
from augury.service.log.sink import LogSink, SinkHandler

SPAWN: SpawnContext = multiprocessing.get_context("spawn")
# Far more than waits for a thread on a busy machine, and far less than nobody would notice.
SOON = 20.0
MOST_BYTES = 8 * 1024 * 1024

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes as a service has them")


class Pipe:
    """A pipe of which a sink has one end, and a reader the other."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        self.sink = make_sink(self.writing)

    def read(self) -> bytes:
        """What there is to read, without waiting."""
        os.set_blocking(self.reading, False)
        pieces = []
        try:
            while piece := os.read(self.reading, 1 << 16):
                pieces.append(piece)
        except BlockingIOError:
            pass
        return b"".join(pieces)

    def read_until(self, is_enough: Callable[[bytes], bool]) -> bytes:
        """Read until there is enough."""
        until, content = monotonic() + SOON, b""
        while not is_enough(content):
            assert monotonic() < until, content[-200:]
            content += self.read()
            sleep(0.002)
        return content

    def close(self) -> None:
        """Close both ends."""
        for end in (self.reading, self.writing):
            os.close(end)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """A pipe that nobody reads of himself."""
    pipe = Pipe()
    yield pipe
    pipe.close()


def make_sink(fd: int) -> LogSink:
    """A sink that tells what was dropped as the service's does."""
    return LogSink(fd, partial(tell_dropped, write_json))


@contextmanager
def opened(path: Path | str) -> Iterator[LogSink]:
    """A sink into a file."""
    with open(path, "ab", buffering=0) as file:  # noqa: PTH123 - as a shell opens it
        yield make_sink(file.fileno())


def _take_seconds(act: Callable[[], object]) -> float:
    started = monotonic()
    act()
    return monotonic() - started


def test_lines_come_in_order(tmp_path: Path) -> None:
    """Before, while and after it runs, each line is written once and in order."""
    with opened(tmp_path / "log") as sink:
        sink.write(b"0\n")
        assert (tmp_path / "log").read_bytes() == b"0\n"
        with sink.running():
            for number in range(1, 5000):
                sink.write(b"%d\n" % number)
        assert len((tmp_path / "log").read_bytes().splitlines()) == 5000
        sink.write(b"5000\n")
    assert (tmp_path / "log").read_bytes().split() == [b"%d" % number for number in range(5001)]


def test_no_line_of_several_threads_is_lost(tmp_path: Path) -> None:
    """Threads that log at once lose no line and tear none."""
    with opened(tmp_path / "log") as sink, sink.running():
        threads = [
            threading.Thread(target=lambda own=own: [sink.write(b"%d %d\n" % (own, n)) for n in range(3000)])  # type: ignore[misc]
            for own in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = (tmp_path / "log").read_bytes().splitlines()
    assert sorted(lines) == sorted(b"%d %d" % (own, n) for own in range(4) for n in range(3000))


def test_lines_gather(pipe: Pipe) -> None:
    """While it runs, a line waits for others, and soon comes without any."""
    with pipe.sink.running():
        pipe.sink.write(b"one\n")
        assert pipe.read() == b""
        pipe.sink.write(b"two\n")
        assert pipe.read_until(lambda content: len(content) >= 8) == b"one\ntwo\n"


def test_an_error_does_not_gather(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error is written at once, with what came before it."""
    monkeypatch.setattr(pipe.sink, "_seconds", 3600)
    handler = SinkHandler(pipe.sink)
    handler.setFormatter(LineFormatter(write_json))
    with pipe.sink.running():
        for level, event in ((logging.INFO, "asked"), (logging.ERROR, "failed")):
            handler.handle(logging.makeLogRecord({"levelno": level, "msg": event}))
        content = pipe.read_until(lambda content: b"failed" in content)
    assert [json.loads(line)["event"] for line in content.splitlines()] == ["asked", "failed"]


def test_nobody_waits_for_a_terminal() -> None:
    """On a terminal lines do not gather."""
    ours, theirs = os.openpty()
    try:
        assert make_sink(theirs)._seconds == 0
        sink = make_sink(theirs)
        with sink.running():
            sink.write(b"at once\n")
            assert os.read(ours, 100) == b"at once\r\n"
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize("is_running", [True, False])
def test_a_reader_that_sleeps_holds_nobody_up(pipe: Pipe, is_running: bool) -> None:
    """Into a full pipe one writes as fast as ever; what is over 8 MiB is dropped, counted and told later."""
    line, count = b'{"n":"%06d","x":"' + b"x" * 1000 + b'"}\n', 12_000
    written = range(count)
    if is_running:
        with pipe.sink.running():
            seconds = _take_seconds(lambda: [pipe.sink.write(line % number) for number in written])
            dropped = pipe.sink.dropped
            content = pipe.read_until(lambda content: content.count(b"\n") >= count - dropped + 1)
    else:
        seconds = _take_seconds(lambda: [pipe.sink.write(line % number) for number in written])
        dropped = pipe.sink.dropped
        content = b""
        until = monotonic() + SOON
        while content.count(b"\n") <= count - dropped and monotonic() < until:
            content += pipe.read()
            pipe.sink._write_ready()
    assert seconds < 5
    assert 0 < dropped == pipe.sink.dropped
    lines = [json.loads(each) for each in content.splitlines()]
    assert [int(each["n"]) for each in lines[:-1]] == list(range(count - dropped))
    assert abs((count - dropped) * len(line % 0) - MOST_BYTES) < 100_000
    assert (lines[-1]["event"], lines[-1]["level"], lines[-1]["count"]) == ("log lines dropped", "warning", dropped)


def test_lines_are_taken_again_once_there_is_room(pipe: Pipe) -> None:
    """After a drop the next lines come behind the one that tells of it."""
    with pipe.sink.running():
        while not pipe.sink.dropped:
            pipe.sink.write(b"x" * 1000 + b"\n")
        before = pipe.read_until(lambda content: b"dropped" in content and content.endswith(b"\n"))
        pipe.sink.write(b"again\n")
        after = pipe.read_until(lambda content: b"again" in content)
    assert b"log lines dropped" in (before + after).splitlines()[-2]
    assert pipe.sink.dropped == 1


def test_a_sleeping_reader_does_not_hold_up_the_end(pipe: Pipe) -> None:
    """The end waits a second for the reader and no longer."""

    def run() -> None:
        with pipe.sink.running():
            for _ in range(200):
                pipe.sink.write(b"x" * 1000 + b"\n")

    assert 0.5 < _take_seconds(run) < 10
    assert pipe.read_until(lambda content: len(content) >= 200 * 1001) == (b"x" * 1000 + b"\n") * 200


@pytest.mark.parametrize("is_running", [True, False])
def test_a_reader_that_is_gone(pipe: Pipe, is_running: bool) -> None:
    """Whoever logs does not learn that nobody reads; the lines count as dropped."""
    os.close(pipe.reading)
    if is_running:
        with pipe.sink.running():
            pipe.sink.write(b"a\n")
            pipe.sink.write(b"b\n")
    else:
        pipe.sink.write(b"a\n")
        pipe.sink.write(b"b\n")
    assert pipe.sink.dropped == 2
    pipe.reading = os.dup(pipe.writing)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk() -> None:
    """A full disk costs lines and nothing else."""
    with opened("/dev/full") as sink, sink.running():
        sink.write(b"a\n")
    assert sink.dropped == 1


def test_a_descriptor_that_does_not_wait(pipe: Pipe) -> None:
    """Where the descriptor was made not to block, nothing is lost: the thread waits in its place."""
    os.set_blocking(pipe.writing, False)
    with pipe.sink.running():
        for number in range(300):
            pipe.sink.write(b"%06d" % number + b"x" * 993 + b"\n")
        content = pipe.read_until(lambda content: len(content) >= 300_000)
    assert [int(line[:6]) for line in content.splitlines()] == list(range(300))
    assert pipe.sink.dropped == 0


def test_a_long_line_is_whole(pipe: Pipe) -> None:
    """A line longer than what a pipe takes at once comes whole."""
    with pipe.sink.running():
        pipe.sink.write(b"x" * 300_000 + b"\n")
        assert pipe.read_until(lambda content: content.endswith(b"\n")) == b"x" * 300_000 + b"\n"


def test_what_cannot_be_written_in_utf8(pipe: Pipe) -> None:
    """A lone surrogate in a message is escaped, and a record that cannot be made into a line harms nobody."""
    handler = SinkHandler(pipe.sink)
    handler.handle(logging.makeLogRecord({"msg": "a\ud800", "levelno": logging.INFO}))
    assert pipe.read() == b"a\\ud800\n"
    handler.handleError = lambda record: pipe.sink.write(record.msg.encode())  # type: ignore[method-assign]
    handler.handle(logging.makeLogRecord({"msg": "%d", "args": ("x",), "levelno": logging.INFO}))
    assert pipe.read() == b"%d"


def test_lines_of_several_processes_are_not_torn(pipe: Pipe) -> None:
    """Forked processes that log into one pipe tear no line, and none begins with those that waited in its parent."""
    writer = SPAWN.Process(target=_write_in_children, args=(DupFd(pipe.writing),))
    writer.start()
    content = pipe.read_until(lambda content: content.count(b"\n") >= 3 * 4000 + 1)
    writer.join(SOON)
    assert writer.exitcode == 0
    lines = [json.loads(line) for line in (content + pipe.read()).splitlines()]
    # The parent's own line stands there once, wherever among its children's it came to be written.
    others = [line for line in lines if line != {"own": "parent"}]
    assert len(lines) - len(others) == 1
    assert sorted((each["own"], each["n"]) for each in others) == [(own, n) for own in range(3) for n in range(4000)]


def _write_in_children(end: Any) -> None:
    """Let three forked children write much into one pipe, as workers do."""
    sink = make_sink(end.detach())
    with sink._writing:  # so that this line waits while the children are forked
        sink.write(b'{"own":"parent"}\n')
        for own in range(3):
            if os.fork() == 0:
                with sink.running():
                    for n in range(4000):
                        sink.write(b'{"own":%d,"n":%d,"x":"%b"}\n' % (own, n, b"x" * (n % 700)))
                os._exit(0)
    sink._write_ready()
    statuses = [os.wait()[1] for _ in range(3)]
    os._exit(any(statuses))
