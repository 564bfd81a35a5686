"""Real servers, each in a process of its own, on a port that the system chose."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from msgspec import Struct

# Long enough for a busy machine; a server that needs more does not start at all.
PATIENCE = 30.0
_SCRIPT = """
import json, sys
import msgspec
from augury.api import parse
from augury.errors import AuguryError
from augury.service.process.greeting import greet_machine
from augury.service.process.run import serve
from augury.service.settings import Settings
from augury.service.reload.shelf import Shelf

paths, settings = json.loads(sys.argv[1])
try:
    announce = lambda serving: print(greet_machine(serving), flush=True)
    sys.exit(serve(Shelf(paths, parse), msgspec.convert(settings, Settings), announce))
except AuguryError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


class Running(Struct):
    """A server that has said that it answers."""

    process: subprocess.Popen[str]
    greeting: dict[str, Any]
    log: Path

    @property
    def url(self) -> str:
        """Where it answers."""
        url: str = self.greeting["url"]
        return url

    @property
    def port(self) -> int:
        """The port that the system chose."""
        return int(self.url.rpartition(":")[2])

    def find_workers(self) -> list[int]:
        """The process ids of its workers; there are none besides itself when it is alone."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def stop(self, sig: int) -> tuple[int, float]:
        """Send a signal and await the end: the exit status, and the seconds that it took."""
        started = monotonic()
        self.process.send_signal(sig)
        return self.process.wait(PATIENCE), monotonic() - started

    def read_log(self) -> list[dict[str, Any]]:
        """The lines that it logged so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def make_command(paths: Sequence[Path], **settings: object) -> list[str]:
    """The command of a server of these artifacts."""
    arguments = json.dumps([[str(path) for path in paths], {"port": 0, **settings}])
    return [sys.executable, "-c", _SCRIPT, arguments]


@contextmanager
def run_server(folder: Path, paths: Sequence[Path], **settings: object) -> Iterator[Running]:
    """Start a server, await its greeting, and end it at last whatever happened."""
    log = folder / "log"
    with log.open("w") as stderr:
        process = subprocess.Popen(make_command(paths, **settings), stdout=subprocess.PIPE, stderr=stderr, text=True)
    try:
        yield Running(process, json.loads(_read_line(process) or "{}"), log)
    finally:
        workers = _find_children(process.pid)
        process.kill()
        process.wait(PATIENCE)
        for pid in workers:
            await_end(pid)
        if process.stdout is not None:
            process.stdout.close()


def await_end(pid: int) -> None:
    """Await that a process is gone, or has only its parent left to learn of it."""
    until = monotonic() + PATIENCE
    while monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        sleep(0.02)
    os.kill(pid, 9)
    raise AssertionError(f"process {pid} did not end")


def _find_children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _read_line(process: subprocess.Popen[str]) -> str:
    """Read the first line of a process's output, or nothing when it ends or does not speak in time."""
    lines: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: lines.append(process.stdout.readline()), daemon=True)  # type: ignore[union-attr]
    reader.start()
    reader.join(PATIENCE)
    return lines[0] if lines else ""
