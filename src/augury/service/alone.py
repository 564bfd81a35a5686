"""The one process that answers looks at its models' files itself."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Generator

from augury.service.meter import WatchMeter
from augury.service.models import Roster
from augury.service.shelf import Shelf
from augury.service.watch import LOOK_SECONDS


async def keep_models(shelf: Shelf, roster: Roster, meter: WatchMeter, *, watches: bool) -> None:
    """Answer with what the files say, for ever; without ``watches`` only SIGHUP has them read again."""
    with _hear_hangups() as hangups:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            again = bool(hangups)
            hangups.clear()
            # In a thread, so that requests are answered meanwhile.
            if (watches or again) and await asyncio.to_thread(shelf.look, again=again):
                roster.replace(shelf.models)
                meter.tell_state(1, shelf.models.reloads.applied, shelf.models.reloads.refused)


@contextlib.contextmanager
def _hear_hangups() -> Generator[list[int], None, None]:
    """Note each SIGHUP; there is none on Windows."""
    heard: list[int] = []
    if not hasattr(signal, "SIGHUP"):
        yield heard
        return
    before = signal.signal(signal.SIGHUP, lambda sig, _frame: heard.append(sig))
    try:
        yield heard
    finally:
        signal.signal(signal.SIGHUP, before)
