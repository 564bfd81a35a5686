"""Several processes behind one socket: started together, replaced when one dies, stopped together."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import time
from collections.abc import Callable, Generator
from types import FrameType

from msgspec import Struct

_LOGGER = logging.getLogger("augury.service")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)
# A worker stops by itself within nine seconds of being told; half a second later it is ended.
_STOP_SECONDS = 9.5
# A worker that dies is replaced at once, but not more often than this: a fault at the start must not eat the machine.
_RESTART_SECONDS = 1.0
# Nothing is awaited that a signal or a pipe does not tell; this only bounds how late a lost one is noticed.
_TICK_SECONDS = 0.5


class WorkerLink(Struct, frozen=True):
    """What ties a worker to its parent: it writes to ``ready`` when it answers, and stops when ``parent`` ends.

    ``slot`` is its place among the workers, from 0 to their number less one; whoever replaces it takes its slot.
    """

    ready: int
    parent: int
    slot: int


class _Worker(Struct):
    slot: int
    ready: int
    started: float
    answers: bool = False


class Supervisor:
    """Run ``work`` in ``count`` processes.

    Args:
        count: how many.
        work: what a process does; it returns its exit status.
        on_ready: called once, when all of them answer.
        on_stop: called when they are about to be stopped.
    """

    def __init__(
        self, count: int, work: Callable[[WorkerLink], int], on_ready: Callable[[], None], on_stop: Callable[[], None]
    ) -> None:
        self._count = count
        self._work = work
        self._on_ready = on_ready
        self._on_stop = on_stop
        self._workers: dict[int, _Worker] = {}
        self._parent_end, self._life = os.pipe()
        self._announced = False
        self._pending: list[int] = []
        self._captured: int | None = None
        self._deadline: float | None = None
        self._status = 0
        self._restart_at = 0.0

    def run(self) -> int:
        """Supervise until told to stop; the exit status is 0, 130 after SIGINT, or 1 when no worker could start."""
        with self._handle_signals() as wakeup:
            while len(self._workers) < self._count:
                self._start()
            while self._workers or self._deadline is None:
                self._wait(wakeup)
                self._obey()
                self._reap()
                self._replace()
                if self._deadline is not None and time.monotonic() > self._deadline:
                    self._kill(signal.SIGKILL)
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

    def _obey(self) -> None:
        while self._pending:
            sig = self._pending.pop(0)
            if self._deadline is None:
                self._captured = sig
                self._stop()
            elif sig == signal.SIGINT:
                self._kill(signal.SIGKILL)

    def _stop(self) -> None:
        if self._deadline is None:
            self._deadline = time.monotonic() + _STOP_SECONDS
            self._on_stop()
            self._kill(signal.SIGTERM)

    def _kill(self, sig: int) -> None:
        for pid in self._workers:
            with contextlib.suppress(ProcessLookupError):  # it ended by itself and is not yet reaped
                os.kill(pid, sig)

    def _wait(self, wakeup: int) -> None:
        starting = {worker.ready: worker for worker in self._workers.values() if not worker.answers}
        readable, _, _ = select.select([wakeup, *starting], [], [], _TICK_SECONDS)
        for end in readable:
            if end == wakeup:
                os.read(wakeup, 512)
            else:
                starting[end].answers = os.read(end, 1) != b""
        if not self._announced and self._workers and all(worker.answers for worker in self._workers.values()):
            self._announced = True
            self._on_ready()

    def _reap(self) -> None:
        for pid, worker in list(self._workers.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._workers[pid]
                os.close(worker.ready)
                self._judge(pid, worker, os.waitstatus_to_exitcode(status))

    def _judge(self, pid: int, worker: _Worker, status: int) -> None:
        if self._deadline is not None:
            return
        _LOGGER.error("worker died", extra={"augury_members": {"pid": pid, "status": status}})
        if not self._announced:
            self._status = 1
            self._stop()
        self._restart_at = max(self._restart_at, worker.started + _RESTART_SECONDS)

    def _replace(self) -> None:
        is_due = self._deadline is None and time.monotonic() >= self._restart_at
        while is_due and len(self._workers) < self._count:
            self._start()

    def _start(self) -> None:
        slot = min(set(range(self._count)) - {worker.slot for worker in self._workers.values()})
        ready, told = os.pipe()
        # No signal may reach the child before it has handlers of its own, or it would be taken for the parent's.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            pid = os.fork()
            if pid == 0:
                self._become_worker(WorkerLink(told, self._parent_end, slot), ready)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.close(told)
        self._workers[pid] = _Worker(slot, ready, time.monotonic())

    def _become_worker(self, link: WorkerLink, ready: int) -> None:
        """Do a worker's work in the child, and end it there."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the parent stops us
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            for end in (self._life, ready, *(worker.ready for worker in self._workers.values())):
                os.close(end)
            status = self._work(link)
        except Exception:  # the parent sees only a status, so the log must say why
            _LOGGER.exception("worker failed")
        finally:
            os._exit(status)
