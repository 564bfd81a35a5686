"""A reader who does what a page says, in a folder of his own."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import Any

from tests.docs.pages import Step, is_printed, iter_steps

# Seconds after which a command hangs; the slowest trains a model, evaluates it and draws its report.
PATIENCE = 100.0
_PORT = "9696"


class Reader:
    """Does the steps of pages, one after the other, and compares what is printed with what the page tells."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self._namespace: dict[str, Any] = {"__name__": "page"}
        self._status = 0
        self._port = _PORT
        self._server: subprocess.Popen[bytes] | None = None
        self._environment = _make_environment(folder, cache)

    def read(self, page: Path) -> int:
        """Do everything that a page says, and count the steps."""
        steps = list(iter_steps(page))
        for step in steps:
            printed = self._do(step)
            assert is_printed(step.printed, printed), (
                f"{page.name}, line {step.line}:\n{step.text}\n"
                f"--- the page tells\n{step.printed}\n--- it prints\n{printed}"
            )
        return len(steps)

    def close(self) -> None:
        """End the server, if there is one."""
        if self._server is not None:
            self._server.send_signal(signal.SIGTERM)
            self._server.wait(PATIENCE)
            self._server = None

    def _do(self, step: Step) -> str:
        if step.kind == "file":
            (self.folder / step.name).write_text(self._place(step.text), "utf-8")
            return ""
        if step.kind == "code":
            return self._run_code(self._place(step.text))
        command = self._place(step.text)
        if command.startswith("augury serve"):
            return self._serve(command)
        return self._serve_flask(command) if "churn_serving.py" in command else self._run(command)

    def _place(self, text: str) -> str:
        """Put the free port in place of the one that the pages name."""
        return text.replace(_PORT, self._port)

    def _run(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", f"(exit {self._status}); {command}"],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
        )
        self._status = done.returncode
        return self._unplace(done.stdout.decode())

    def _run_code(self, code: str) -> str:
        output = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(output):
            exec(compile(code, "page", "exec"), self._namespace)
        return self._unplace(output.getvalue())

    def _unplace(self, text: str) -> str:
        return re.sub(rf"\b{self._port}\b", _PORT, text)

    def _serve(self, command: str) -> str:
        """Start the service on a port that it chooses, and read what it greets with."""
        self.close()
        greeting = self._start(command, "Ctrl-C", {"AUGURY_SERVE_PORT": "0", "COLUMNS": "120"}, subprocess.DEVNULL)
        found = re.search(r"page +http://[\w.]+:(\d+)/", greeting)
        assert found, f"{command}: no greeting, but {greeting!r}"
        self._move_files(self._port, found[1])
        self._port = found[1]
        return self._unplace(greeting)

    def _serve_flask(self, command: str) -> str:
        """Start Flask's own server on a port that was free just now: it has no way to choose one and say which."""
        self.close()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = str(listener.getsockname()[1])
        self._move_files(self._port, port)
        self._port = port
        return self._unplace(
            self._start(command, "CTRL+C", {"NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}, subprocess.STDOUT)
        )

    def _start(self, command: str, last: str, variables: dict[str, str], stderr: int) -> str:
        """Start a server on a terminal of its own, and read what it prints up to the line that holds ``last``."""
        here, there = pty.openpty()
        self._server = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self.folder,
            env={**self._environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=there,
            stderr=stderr,
        )
        os.close(there)
        greeting = _read_greeting(here, last.encode())
        os.close(here)
        return greeting

    def _move_files(self, old: str, new: str) -> None:
        for script in self.folder.rglob("*.py"):
            script.write_text(script.read_text("utf-8").replace(old, new), "utf-8")


def _read_greeting(terminal: int, last: bytes) -> str:
    """Read what a server prints until it says how it is stopped."""
    read = b""
    deadline = monotonic() + PATIENCE
    while last not in read or not read.endswith(b"\n"):
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - monotonic()))
        try:
            piece = os.read(terminal, 65_536) if ready else b""
        except OSError:  # the other side has closed: what Linux says at the end of a terminal
            piece = b""
        if not piece:
            break
        read += piece
    return read.decode().replace("\r\n", "\n")


def _make_environment(folder: Path, cache: Path) -> dict[str, str]:
    """Make the environment of commands: `augury` and `python` are the ones under test, the table is in the cache."""
    commands = folder.parent / f"{folder.name}-bin"
    commands.mkdir(exist_ok=True)
    for name, command in {"augury": "-m augury", "python": ""}.items():
        script = commands / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {command} "$@"\n')
        script.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUGURY_")}
    path = f"{commands}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "XDG_CACHE_HOME": str(cache), "PYTHONIOENCODING": "utf-8"}


def fill_cache(cache: Path, table: Path) -> None:
    """Put the public table where `augury dataset telco` keeps it, so that nothing is fetched."""
    (cache / "augury").mkdir(parents=True)
    shutil.copyfile(table, cache / "augury" / "telco-customer-churn.csv")
