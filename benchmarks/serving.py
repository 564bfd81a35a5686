"""Start a server in a process of its own, on a processor of its own; tell what it takes: time, memory, processor."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any

import msgspec
import psutil
from msgspec import Struct

from program import HERE, Program
from the_lab import CUSTOMER

SERVED_ON, LOADED_FROM = "0", "1"  # the processors of the server and of the load
BODY = json.dumps(CUSTOMER).encode()
CHURN = 0.0596057  # of that customer, by the lab's model
_CLOSE = 1e-4
_PATIENCE = 120.0  # seconds until a server that does not answer is given up


class Server(Program, frozen=True, kw_only=True):
    """A server, and how it is asked.

    Args:
        command: its words, as :class:`Program` has them; besides, ``{port}`` is where it must listen, ``{config}`` is
            the filled-in configuration, ``{upstream}`` the port of the server behind it.
        config: the file in ``rivals/`` to fill in.
        variables: of its process.
        path: what is asked.
        body: what is sent.
        headers: that are sent beside the content type.
        scheme: ``http`` or ``https``.
        status: what is answered when all is well.
        number: what the number in its answer must be, and ``found_at`` the way to it.
        preparation: the words of a command that makes what it is started from.
        behind: the server that it asks.
    """

    config: str | None = None
    variables: Mapping[str, str] = {}
    path: str = "/predict"
    body: bytes = BODY
    headers: Mapping[str, str] = {}
    scheme: str = "http"
    status: int = 200
    number: float = CHURN
    found_at: tuple[str | int, ...] = ("churn_probability",)
    preparation: tuple[str, ...] = ()
    behind: Server | None = None


class Running(Struct, frozen=True):
    """A server that gave ``answer`` after ``seconds``; ``processes`` are its first and that of the server behind it."""

    server: Server
    processes: tuple[psutil.Process, ...]
    port: int
    seconds: float
    answer: bytes

    def find_processor_seconds(self) -> float:
        """Sum what the server and its children have used of the processor."""
        times = [process.cpu_times() for process in self._find_all()]
        return float(sum(time.user + time.system for time in times))

    def find_megabytes(self) -> float:
        """Sum the memory of the server and its children; a page that is shared counts once, in parts."""
        return float(sum(process.memory_full_info().pss for process in self._find_all())) / 1e6

    def find_largest(self) -> float:
        """Find the resident memory of the largest of its processes, which is one that answers."""
        return float(max(process.memory_info().rss for process in self._find_all())) / 1e6

    def _find_all(self) -> list[psutil.Process]:
        return [each for first in self.processes for each in (first, *first.children(recursive=True))]


@contextmanager
def run(server: Server, folder: Path, *, processors: str = SERVED_ON) -> Iterator[Running]:
    """Run a server until the end of the block; ``folder`` has the fitted models and takes its log."""
    with ExitStack() as stack:
        upstream = stack.enter_context(run(server.behind, folder)) if server.behind else None
        port = _find_port()
        command = _write_command(server, folder, port, upstream.port if upstream else 0)
        begun = perf_counter()
        process = stack.enter_context(_start(["taskset", "-c", processors, *command], server, folder))
        answer = _wait(server, port, process, folder)
        seconds = perf_counter() - begun
        processes = (psutil.Process(process.pid), *(upstream.processes if upstream else ()))
        yield Running(server, processes, port, seconds, answer)


def prepare(server: Server, folder: Path) -> None:
    """Make what a server is started from, which is no part of its start; ``folder`` has the fitted models."""
    if server.preparation:
        command = [word.format_map(server.list_places(folder)) for word in server.preparation]
        subprocess.run(command, check=True, capture_output=True, env=_list_variables(server, folder))


def check_answer(server: Server, answer: bytes) -> None:
    """Check that an answer has the right number.

    Raises:
        SystemExit: it has another, or none.
    """
    found: Any = msgspec.json.decode(answer)
    try:
        for step in server.found_at:
            found = found[step]
        is_right = abs(found - server.number) < _CLOSE
    except (LookupError, TypeError):
        is_right = False
    if not is_right:
        raise SystemExit(f"{server.name} does not answer {server.number}: {answer[:300].decode(errors='replace')}")


def ask(server: Server, port: int, *, timeout: float = 10) -> tuple[int, bytes]:
    """Ask a server once."""
    if server.scheme == "https":  # its own port says nothing to whoever does not speak TLS
        with socket.create_connection(("127.0.0.1", port), timeout):
            return server.status, b""
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("POST", server.path, server.body, {"Content-Type": "application/json", **server.headers})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _write_command(server: Server, folder: Path, port: int, upstream: int) -> list[str]:
    known: dict[str, object] = {"port": port, "upstream": upstream, **server.list_places(folder)}
    if server.config:
        filled = (HERE / "rivals" / server.config).read_text(encoding="utf-8")
        for name, value in known.items():
            filled = filled.replace(f"@{name}@", str(value))
        known["config"] = folder / f"{port}-{server.config}"
        Path(str(known["config"])).write_text(filled, encoding="utf-8")
    return [word.format_map(known) for word in server.command]


def _list_variables(server: Server, folder: Path) -> dict[str, str]:
    # One thread for the algebra: more than one has nothing to run on here, and would wait for each other. The programs
    # of its environment are found first, as in an environment that is activated.
    path = f"{server.folder}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "BENCH_FOLDER": str(folder)}
    places = {"source": _find_source(), "here": HERE / "rivals", "folder": folder}
    return {**variables, "PATH": path, **{name: each.format(**places) for name, each in server.variables.items()}}


@contextmanager
def _start(command: list[str], server: Server, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    variables = _list_variables(server, folder)
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=variables, cwd=folder, start_new_session=True)
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a server; who does not go by himself goes with his children, whose session is this one's alone."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait(server: Server, port: int, process: subprocess.Popen[bytes], folder: Path) -> bytes:
    until, last = monotonic() + _PATIENCE, ""
    while monotonic() < until and process.poll() is None:
        try:
            status, answer = ask(server, port)
        except (OSError, HTTPException):
            sleep(0.005)
            continue
        if status == server.status:
            return answer
        last = f"{status}: {answer[:300].decode(errors='replace')}"
        sleep(0.05)
    log = (folder / "server.log").read_text(errors="replace")[-2000:]
    raise SystemExit(f"{server.name} does not answer\n{last}\n{log}")


def _find_source() -> Path:
    """Find the folder that holds the package of the benchmark's own environment."""
    import augury

    return Path(augury.__file__).resolve().parents[1]


def _find_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
