"""Whether the terminal that the service was started at has been closed."""

from __future__ import annotations

import os
import signal


class Terminal:
    """The terminal that this process was started at, if it was at one and is not to outlive it (``nohup``).

    A terminal that closes sends SIGHUP, as does who wants the models read again; only the one is gone by then.
    """

    def __init__(self) -> None:
        self._was_there = _is_there() and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN

    def is_gone(self) -> bool:
        """Say whether there was one, and is no more."""
        return self._was_there and not _is_there()


def _is_there() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
