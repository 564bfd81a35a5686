"""What servers of the tests' own have in common: a folder of their own, another user than root, and an end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from msgspec import Struct

_PATIENCE = 30.0


class Home(Struct, frozen=True):
    """Where a server lives, and as whom it runs: the arguments of ``subprocess`` for that."""

    folder: Path
    whom: dict[str, Any]


@contextmanager
def open_home(prefix: str, user: str) -> Iterator[Home]:
    """Make a folder that belongs to whom the server runs as, and remove it at last.

    Args:
        prefix: of the folder's name, which is short, because a socket's path must be.
        user: whom Debian makes for the server; root becomes that user, or nobody.
    """
    # Not a folder of pytest's: only root may enter those, and database servers refuse to be root.
    home = Home(Path(tempfile.mkdtemp(prefix=prefix)), _find_whom(user))
    try:
        if home.whom:
            shutil.chown(home.folder, home.whom["user"], home.whom["group"])
        yield home
    finally:
        shutil.rmtree(home.folder)


@contextmanager
def keep_running(
    command: Sequence[str | Path], home: Home, *, is_ready: Callable[[], bool], ending: signal.Signals
) -> Iterator[None]:
    """Run a server from when it is ready until it has obeyed the signal that ends it."""
    with (home.folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=home.folder, **home.whom)
    try:
        until = monotonic() + _PATIENCE
        while not is_ready():
            assert server.poll() is None, (home.folder / "log").read_text()
            assert monotonic() < until, f"{command[0]} does not answer"
            sleep(0.02)
        yield
    finally:
        server.send_signal(ending)
        server.wait(_PATIENCE)


def _find_whom(user: str) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get(user) or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
