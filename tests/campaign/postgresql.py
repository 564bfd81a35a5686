"""A real PostgreSQL server, in a folder of its own and behind a socket in it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

_PATIENCE = 30.0


def find_programs() -> Path | None:
    """Find where PostgreSQL's programs are; Debian keeps them off the path, by version."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    return max((path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")), default=None)


@contextmanager
def run_postgresql(programs: Path) -> Iterator[str]:
    """Run a server, and end it at last; gives its address without a database's name."""
    as_whom = _find_user()
    # Not a folder of pytest's: only root may enter those, and PostgreSQL refuses to be root.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if as_whom:
            shutil.chown(folder, as_whom["user"], as_whom["group"])
        # Nothing here outlives the test, so nothing need reach the disk.
        make: list[str | Path] = [
            programs / "initdb",
            "-D",
            folder / "db",
            "-U",
            "tests",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
        ]
        subprocess.run([*make, "--no-locale"], check=True, capture_output=True, cwd=folder, **as_whom)
        start: list[str | Path] = [
            programs / "postgres",
            "-D",
            folder / "db",
            "-k",
            folder,
            "-c",
            "listen_addresses=",
            "-F",
        ]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(start, stdout=log, stderr=log, cwd=folder, **as_whom)
        try:
            _await(programs, folder, server)
            yield f"postgresql+psycopg://tests@/{{}}?host={quote(str(folder))}"
        finally:
            server.send_signal(signal.SIGINT)  # its own "fast" shutdown, which waits for no client
            server.wait(_PATIENCE)
    finally:
        shutil.rmtree(folder)


def _find_user() -> dict[str, Any]:
    """Whom the server runs as: root becomes the user whom Debian makes for it, or nobody."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _await(programs: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    until = monotonic() + _PATIENCE
    while subprocess.run([programs / "pg_isready", "-q", "-h", folder], check=False).returncode:
        assert server.poll() is None, (folder / "log").read_text()
        assert monotonic() < until, "PostgreSQL does not answer"
        sleep(0.05)
