"""A real PostgreSQL server, in a folder of its own and behind a socket in it."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engines.server import keep_running, open_home


def find_programs() -> Path | None:
    """Find where PostgreSQL's programs are; Debian keeps them off the path, by version."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    return max((path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")), default=None)


@contextmanager
def run_postgresql(programs: Path) -> Iterator[Path]:
    """Run a server, and end it at last; gives the folder of its socket. Its superuser is ``tests``."""
    with open_home("pg-", "postgres") as home:
        database = home.folder / "db"
        # Nothing here outlives the test, so nothing need reach the disk.
        make = [programs / "initdb", "-D", database, "-U", "tests", "-A", "trust", "--no-sync", "-E", "UTF8"]
        subprocess.run([*make, "--no-locale"], check=True, capture_output=True, cwd=home.folder, **home.whom)
        start = [programs / "postgres", "-D", database, "-k", home.folder, "-c", "listen_addresses=", "-F"]
        ask = [programs / "pg_isready", "-q", "-h", home.folder]
        with keep_running(
            start,
            home,
            is_ready=lambda: subprocess.run(ask, check=False).returncode == 0,
            ending=signal.SIGINT,  # its own "fast" shutdown, which waits for no client
        ):
            yield home.folder
