"""Where log lines go: gathered, and written by a thread of their own, so that no answer waits for who reads them."""

from __future__ import annotations

import logging
import os
import select
import stat
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from weakref import WeakSet

# Lines gather for a tenth of a second: nobody reads faster, and a system call would cost more than the line.
_GATHER_SECONDS = 0.1
# 8 MiB are half a minute of lines at 1,000 requests a second; what comes while so much waits is dropped, and counted.
_MOST_BYTES = 8 * 1024 * 1024
# Several workers write to one pipe, and only a write of at most this many bytes stays in one piece (POSIX: PIPE_BUF).
_WHOLE_IN_A_PIPE = getattr(select, "PIPE_BUF", 4096)
# A file takes a write of any size whole.
_WHOLE_IN_A_FILE = 64 * 1024
# Where no thread writes, a line waits so long for its reader, if none waits for him already: a terminal takes a moment.
_READER_SECONDS = 0.1
# At the end the reader has this long to take what waits.
_END_SECONDS = 1.0


class LogSink:
    """Lines on their way to a file descriptor, in the order in which they come.

    While it runs, a thread writes what has gathered. Before and afterwards, and so in a process that only starts
    others, each line is written as it comes; where the reader sleeps it goes with a later one.

    ``count_dropped`` is told how many lines were just dropped, and may be set.

    Args:
        fd: where the lines go.
        tell_dropped: writes the line that says how many were dropped before it.
    """

    def __init__(self, fd: int, tell_dropped: Callable[[int], bytes]) -> None:
        self.dropped = 0
        self.count_dropped: Callable[[int], None] = _count_nowhere
        self._fd = fd
        self._tell_dropped = tell_dropped
        is_file = stat.S_ISREG(os.fstat(fd).st_mode)
        self._most_at_once = _WHOLE_IN_A_FILE if is_file else _WHOLE_IN_A_PIPE
        self._seconds = 0.0 if os.isatty(fd) else _GATHER_SECONDS
        self._begin_anew()
        _sinks.add(self)

    def _begin_anew(self) -> None:
        """Begin with nothing: also in a forked process, where the lines that wait are the parent's."""
        self._lines: deque[bytes] = deque()
        self._taken = self._written = 0  # bytes; what lies between them waits
        self._is_full = self._is_stopping = self._is_awake = False
        self._untold = 0
        self._writer: threading.Thread | None = None
        self._writing = threading.Lock()
        self._wake, self._hurry = threading.Event(), threading.Event()

    def write(self, line: bytes, *, at_once: bool = False) -> None:
        """Take a line, with its end; ``at_once`` does not let it gather with others.

        There is no lock: of two threads one may count its bytes in vain, but no line is lost to the other.
        """
        if self._is_full or self._taken - self._written > _MOST_BYTES:
            self._is_full = True
            self._lose(1)
        else:
            self._lines.append(line)
            self._taken += len(line)
        if self._writer is None:
            self._write_ready()
        elif not self._is_awake:
            self._is_awake = True
            self._wake.set()
        if at_once:
            self._hurry.set()

    @contextmanager
    def running(self) -> Generator[None, None, None]:
        """Let a thread write until the end, and then what waits, as far as the reader takes it in a second."""
        writer = threading.Thread(target=self._run, name="log", daemon=True)
        writer.start()
        self._writer = writer
        try:
            yield
        finally:
            self._is_stopping = True
            self._hurry.set()
            self._wake.set()
            writer.join(_END_SECONDS)
            self._writer = None
            self._is_stopping = False
            self._write_ready()

    def _run(self) -> None:
        while not self._is_stopping:
            self._wake.wait()
            self._hurry.wait(self._seconds)
            self._hurry.clear()
            self._wake.clear()
            self._is_awake = False  # before the lines are taken: one that comes later wakes this thread again
            with self._writing:
                while self._lines:
                    self._write_piece()

    def _write_ready(self) -> None:
        """Write as long as the reader takes it and nobody else writes."""
        if self._writing.acquire(blocking=False):
            try:
                while self._lines and _is_ready(self._fd, _READER_SECONDS if len(self._lines) == 1 else 0.0):
                    self._write_piece()
            finally:
                self._writing.release()

    def _write_piece(self) -> None:
        """Write as many lines as stay in one piece, and begin to take lines again once half of the room is free."""
        piece = [self._lines.popleft()]
        size = len(piece[0])
        while self._lines and size + len(self._lines[0]) <= self._most_at_once:
            piece.append(self._lines.popleft())
            size += len(piece[-1])
        is_written = _write_whole(self._fd, b"".join(piece))
        self._written = self._written + size if self._lines else self._taken
        if not is_written:
            self._lose(len(piece))
        if self._taken - self._written <= _MOST_BYTES // 2:
            self._is_full = False
            if self._untold and is_written:
                told = self._tell_dropped(self._untold)
                self._untold = 0
                self._lines.append(told)
                self._taken += len(told)

    def _lose(self, count: int) -> None:
        self.dropped += count
        self.count_dropped(count)
        self._untold += count


class SinkHandler(logging.Handler):
    """Hands what is logged by the standard library to a sink; what is an error does not gather."""

    def __init__(self, sink: LogSink) -> None:
        super().__init__()
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        """Hand over one record."""
        try:
            line = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
        except Exception:  # noqa: BLE001 - logging's own way: whoever logs does not fail for a line that cannot be made
            self.handleError(record)
            return
        self._sink.write(line, at_once=record.levelno >= logging.ERROR)


def _is_ready(fd: int, seconds: float) -> bool:
    """Tell whether, after so many seconds at most, a write of one piece returns at once; a file's always does."""
    if not hasattr(select, "poll"):  # Windows, where the service runs for development alone
        return True
    poll = select.poll()
    poll.register(fd, select.POLLOUT)
    return bool(poll.poll(seconds * 1000))


def _write_whole(fd: int, content: bytes) -> bool:
    """Write all of it; False when that cannot be done: the reader is gone, or the disk is full."""
    while content:
        try:
            content = content[os.write(fd, content) :]
        except BlockingIOError:  # whoever gave us the descriptor made it so
            select.select([], [fd], [])
        except OSError:
            return False
    return True


def _count_nowhere(_count: int) -> None:
    """Count nothing."""


_sinks: WeakSet[LogSink] = WeakSet()


def _begin_anew() -> None:
    for sink in _sinks:
        sink._begin_anew()  # noqa: SLF001 - the same module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
