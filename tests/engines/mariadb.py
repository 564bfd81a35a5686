"""A real MariaDB server, in a folder of its own and behind a socket in it."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket as socketlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engines.server import keep_running, open_home

_OPTIONS = (
    "--skip-networking",
    # Without tables of rights, which no test asks about, a server starts in 0.2 seconds and not in six.
    "--skip-grant-tables",
    # Nothing here outlives the test, so nothing need reach the disk.
    "--innodb-flush-method=nosync",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-log-file-size=4M",
)


def find_mariadbd() -> Path | None:
    """Find the server's program; Debian keeps it where only root looks."""
    found = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin:/usr/libexec")
    return Path(found) if found else None


@contextmanager
def run_mariadb(program: Path) -> Iterator[Path]:
    """Run a server, and end it at last; gives the socket. It lets anyone in as anybody."""
    with open_home("mdb-", "mysql") as home:
        socket, database = home.folder / "socket", home.folder / "db"
        database.mkdir()
        if home.whom:
            shutil.chown(database, home.whom["user"], home.whom["group"])
        places = [f"--datadir={database}", f"--socket={socket}", f"--pid-file={home.folder / 'pid'}"]
        # Servers side by side would take each other's temporary tables for their own.
        places.append(f"--tmpdir={home.folder}")
        start = [program, "--no-defaults", *places, *_OPTIONS]
        with keep_running(start, home, is_ready=lambda: _answers(socket), ending=signal.SIGTERM):
            yield socket


def _answers(socket: Path) -> bool:
    # The server's own greeting; the driver would leave its socket open where there is none.
    with contextlib.suppress(OSError), socketlib.socket(socketlib.AF_UNIX) as connection:
        connection.settimeout(1)
        connection.connect(str(socket))
        return bool(connection.recv(1))
    return False
