"""Several processes behind one socket: started, told of new models, replaced when one dies, stopped together."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Generator
from types import FrameType

from msgspec import Struct

from augury.service.meter import NoMeter, WatchMeter
from augury.service.process.server import RELIEVED
from augury.service.process.terminal import Terminal
from augury.service.process.worker import WorkerLink, fork_worker, send_signal
from augury.service.reload.edition import write_edition
from augury.service.reload.post import Post
from augury.service.reload.shelf import Shelf
from augury.service.reload.watch import LOOK_SECONDS

_LOGGER = logging.getLogger("augury.service")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
# A worker stops by itself within nine seconds of being told; half a second later it is ended.
_STOP_SECONDS = 9.5
# A worker that dies is replaced at once, but not more often than this: a fault at the start must not eat the machine.
_RESTART_SECONDS = 1.0
# The largest model there may be takes two seconds. Who after so long has not begun to answer, or to answer with what
# it was sent, never will, and is ended so that another takes its place.
_TAKE_SECONDS = 30.0


class _Worker(Struct):
    slot: int
    started: float
    post: Post
    leaves_by: float | None = None


class Task(Struct, frozen=True):
    """What a supervisor sees to.

    Args:
        count: how many processes there are to be.
        work: what one does; it returns its exit status.
        shelf: the models that they answer with, filled.
        watches: whether to look at the files again without being asked to.
        on_ready: called once, when all of them answer.
        on_stop: called when they are about to be stopped.
        meter: counts them, and what became of changed files.
    """

    count: int
    work: Callable[[WorkerLink], int]
    shelf: Shelf
    watches: bool
    on_ready: Callable[[], None]
    on_stop: Callable[[], None]
    meter: WatchMeter = NoMeter()


class Supervisor:
    """Run workers, until SIGTERM or SIGINT stops them; SIGHUP replaces them one by one."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._terminal = Terminal()
        self._workers: dict[int, _Worker] = {}
        self._to_relieve: list[int] = []
        self._announced = False
        self._pending: list[int] = []
        self._captured: int | None = None
        self._deadline: float | None = None
        self._status = 0
        self._restart_at = 0.0
        self._look_at = time.monotonic() + LOOK_SECONDS

    def run(self) -> int:
        """Supervise until told to stop; the exit status is 0, 130 after SIGINT, or 1 when no worker could start."""
        with self._handle_signals() as wakeup:
            while self._workers or self._deadline is None:
                self._replace()
                self._deliver()
                self._wait(wakeup)
                self._obey()
                self._reap()
                self._look()
                self._relieve()
                self._end_the_late()
                self._tell()
        return 128 + signal.SIGINT if self._captured == signal.SIGINT else self._status

    @contextlib.contextmanager
    def _handle_signals(self) -> Generator[int, None, None]:
        """Let signals wake ``select`` through a pipe."""
        wakeup, told = os.pipe()
        os.set_blocking(told, False)
        os.set_blocking(wakeup, False)
        signal.set_wakeup_fd(told, warn_on_full_buffer=False)
        before = {sig: signal.signal(sig, self._handle) for sig in _SIGNALS}
        try:
            yield wakeup
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)
            signal.set_wakeup_fd(-1)
            for end in (wakeup, told):
                os.close(end)

    def _handle(self, sig: int, _frame: FrameType | None) -> None:
        """Keep a signal for the loop, which it wakes; of SIGCHLD the waking is all that is wanted."""
        if sig != signal.SIGCHLD:
            self._pending.append(sig)

    def _wait(self, wakeup: int) -> None:
        """Wait for a signal, for a worker to say something or to take more, or for the time of the next look."""
        posts = {worker.post.channel: worker.post for worker in self._workers.values() if not worker.post.is_closed}
        sending = [channel for channel, post in posts.items() if post.is_sending]
        told: list[int | socket.socket] = [wakeup, *posts]
        readable, writable, _ = select.select(told, sending, [], LOOK_SECONDS)
        for end in readable:
            if isinstance(end, int):
                os.read(end, 512)
            else:
                posts[end].hear()
        for channel in writable:
            posts[channel].push()
        if not self._announced and self._workers and all(worker.post.has_begun for worker in self._workers.values()):
            self._announced = True
            self._task.on_ready()

    def _obey(self) -> None:
        while self._pending:
            sig = self._pending.pop(0)
            if self._deadline is None and sig == signal.SIGHUP and not self._terminal.is_gone():
                self._task.shelf.look(again=True)
                self._to_relieve = list(self._find_staying())
            elif self._deadline is None:
                self._captured = sig
                self._stop()
            elif sig == signal.SIGINT:
                self._kill(signal.SIGKILL)

    def _stop(self) -> None:
        if self._deadline is None:
            self._deadline = time.monotonic() + _STOP_SECONDS
            self._task.on_stop()
            self._kill(signal.SIGTERM)

    def _kill(self, sig: int) -> None:
        for pid in self._workers:
            send_signal(pid, sig)

    def _reap(self) -> None:
        for pid, worker in list(self._workers.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._workers[pid]
                worker.post.close()
                self._judge(pid, worker, os.waitstatus_to_exitcode(status))

    def _judge(self, pid: int, worker: _Worker, status: int) -> None:
        if self._deadline is not None or worker.leaves_by is not None:
            return
        _LOGGER.error("worker died", extra={"augury_members": {"pid": pid, "status": status}})
        self._task.meter.count_death()
        self._delay(worker.started + _RESTART_SECONDS)

    def _delay(self, until: float) -> None:
        """Start no worker before then; when not even the first ones begin, give up."""
        if not self._announced:
            self._status = 1
            self._stop()
        self._restart_at = max(self._restart_at, until)

    def _look(self) -> None:
        now = time.monotonic()
        if self._task.watches and self._deadline is None and now >= self._look_at:
            self._task.shelf.look()
            self._look_at = now + LOOK_SECONDS

    def _find_staying(self) -> dict[int, _Worker]:
        return {pid: worker for pid, worker in self._workers.items() if worker.leaves_by is None}

    def _relieve(self) -> None:
        """Let a worker go once the one that takes its place answers."""
        staying = self._find_staying()
        self._to_relieve = [pid for pid in self._to_relieve if pid in staying]
        is_relieved = len(staying) > self._task.count and all(worker.post.has_begun for worker in staying.values())
        if self._to_relieve and is_relieved and self._deadline is None:
            pid = self._to_relieve.pop(0)
            self._workers[pid].leaves_by = time.monotonic() + _STOP_SECONDS
            send_signal(pid, RELIEVED)

    def _replace(self) -> None:
        """Start those that are missing, and one more while a worker is to be relieved and none is just leaving."""
        staying = len(self._find_staying())
        wanted = self._task.count + (1 if self._to_relieve and staying == len(self._workers) else 0)
        for _ in range(wanted - staying):
            if self._deadline is None and time.monotonic() >= self._restart_at:
                self._start()

    def _deliver(self) -> None:
        """Send the models of now to each worker that answers with others, once it has taken what it was sent before."""
        shelf = self._task.shelf
        for worker in self._find_staying().values():
            post = worker.post
            if post.sent != shelf.number and not post.is_awaited and not post.is_closed:
                post.send(shelf.number, write_edition(shelf, post.known), frozenset(shelf.find_contents()))

    def _end_the_late(self) -> None:
        now = time.monotonic()
        for pid, worker in self._workers.items():
            is_late = worker.post.is_awaited and now > worker.post.sent_at + _TAKE_SECONDS
            if is_late or any(until is not None and now > until for until in (worker.leaves_by, self._deadline)):
                send_signal(pid, signal.SIGKILL)

    def _tell(self) -> None:
        """Tell the meter how things are."""
        answering = sum(worker.post.has_begun for worker in self._find_staying().values())
        reloads = self._task.shelf.models.reloads
        self._task.meter.tell_state(answering, reloads.applied, reloads.refused)

    def _start(self) -> None:
        shelf = self._task.shelf
        slot = min(set(range(len(self._workers) + 1)) - {worker.slot for worker in self._workers.values()})
        posts = [worker.post for worker in self._workers.values()]
        try:
            pid, channel = fork_worker(slot, self._task.work, posts, _SIGNALS)
        except OSError as error:  # too many files or processes, for now
            _LOGGER.error("worker cannot be started", extra={"augury_members": {"reason": error.strerror}})
            self._delay(time.monotonic() + _RESTART_SECONDS)
            return
        post = Post(channel, shelf.number, frozenset(shelf.find_contents()))
        self._workers[pid] = _Worker(slot, time.monotonic(), post)
