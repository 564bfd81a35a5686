"""The one process that answers looks at its models' files itself."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Generator
from types import FrameType

from augury.service.meter import WatchMeter
from augury.service.models import Roster
from augury.service.process.terminal import Terminal
from augury.service.reload.shelf import Shelf
from augury.service.reload.watch import LOOK_SECONDS


async def keep_models(shelf: Shelf, roster: Roster, meter: WatchMeter, hangups: list[int], *, watches: bool) -> None:
    """Answer with what the files say, for ever; without ``watches`` only a hangup has them read again."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        again = bool(hangups)
        hangups.clear()
        # In a thread, so that requests are answered meanwhile.
        if (watches or again) and await asyncio.to_thread(shelf.look, again=again):
            roster.replace(shelf.models)
            meter.tell_state(1, shelf.models.reloads.applied, shelf.models.reloads.refused)


@contextlib.contextmanager
def hear_hangups(stop: Callable[[], None]) -> Generator[list[int], None, None]:
    """Note each SIGHUP, of which there is none on Windows; the one of a terminal that closes stops the service."""
    heard: list[int] = []
    if not hasattr(signal, "SIGHUP"):
        yield heard
        return
    terminal = Terminal()

    def hear(sig: int, _frame: FrameType | None) -> None:
        if terminal.is_gone():
            stop()
        else:
            heard.append(sig)

    before = signal.signal(signal.SIGHUP, hear)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGHUP, before)
