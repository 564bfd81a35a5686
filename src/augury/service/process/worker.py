"""A worker: a process that is forked from the one that read the models, and tied to it by a channel."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterable
from typing import NoReturn

from msgspec import Struct

from augury.service.reload.post import Post

_LOGGER = logging.getLogger("augury.service")


class WorkerLink(Struct, frozen=True):
    """What ties a worker to its parent: the channel by which it is told of models, and its slot.

    The slot is its place among those that live: the lowest free number from 0. It is less than the number of workers,
    but for one at a time that begins before the one that it relieves has ended.
    """

    channel: socket.socket
    slot: int


def fork_worker(
    slot: int, work: Callable[[WorkerLink], int], others: Iterable[Post], signals: Iterable[int]
) -> tuple[int, socket.socket]:
    """Fork a worker, and tell its process id and the parent's end of its channel.

    Args:
        slot: the worker's place.
        work: what it does; it returns its exit status.
        others: the parent's ends of the channels of those that live.
        signals: those that the parent handles.

    Raises:
        OSError: there are too many processes or open files.
    """
    ours, theirs = socket.socketpair()
    # No signal may reach the child before it has handlers of its own, or it would be taken for the parent's.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        pid = os.fork()
        if pid == 0:
            _become_worker(WorkerLink(theirs, slot), work, [ours, *(post.channel for post in others)], signals)
    except OSError:
        ours.close()
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
        theirs.close()
    return pid, ours


def _become_worker(
    link: WorkerLink, work: Callable[[WorkerLink], int], parents: Iterable[socket.socket], signals: Iterable[int]
) -> NoReturn:
    """Do a worker's work in the child, and end it there."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        # A terminal sends these to all processes; the parent decides what they mean.
        for sig in (signal.SIGINT, signal.SIGHUP):
            signal.signal(sig, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
        # A worker learns that the parent has ended by the closing of its end, which only the parent may hold.
        for end in parents:
            end.close()
        status = work(link)
    except Exception:  # the parent sees only a status, so the log must say why
        _LOGGER.exception("worker failed")
    finally:
        os._exit(status)


def send_signal(pid: int, sig: int) -> None:
    """Send a signal to a worker, which may have ended by itself and not be reaped yet."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, sig)
