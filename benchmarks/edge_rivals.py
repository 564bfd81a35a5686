"""The edges that are compared: how each is started, what it uses of memory and processor, and how it is ended."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

HERE = Path(__file__).resolve().parent
_PATIENCE = 30.0
_TICKS = os.sysconf("SC_CLK_TCK")
_APP = "edge_app:app"
OURS = "augury"


def _start_ours(port: int) -> Sequence[str]:
    return [sys.executable, str(HERE / "edge_rivals.py"), str(port)]


def _start_uvicorn(port: int) -> Sequence[str]:
    quiet = ("--no-access-log", "--log-level", "critical", "--no-server-header")
    return [*_module("uvicorn"), "--port", str(port), "--http", "httptools", "--loop", "uvloop", *quiet, _APP]


def _start_gunicorn(port: int) -> Sequence[str]:
    worker = ("--worker-class", "asgi", "--asgi-loop", "uvloop", "--http-parser", "fast", "--workers", "1")
    return [*_module("gunicorn"), "--bind", f"127.0.0.1:{port}", "--log-level", "critical", *worker, _APP]


def _start_granian(port: int) -> Sequence[str]:
    how = ("--interface", "asgi", "--loop", "uvloop", "--workers", "1", "--no-ws", "--no-log")
    return [*_module("granian"), "--host", "127.0.0.1", "--port", str(port), *how, _APP]


def _start_service(port: int) -> Sequence[str]:
    return [sys.executable, "-m", "augury", "serve", "--port", str(port)]


def _start_without_lane(port: int) -> Sequence[str]:
    return [*_start_service(port), "--no-fast-lane"]


def _start_application(port: int) -> Sequence[str]:
    return [*_start_uvicorn(port)[:-1], "edge_service:app"]


def _module(name: str) -> Sequence[str]:
    return sys.executable, "-m", name


# Each with its own limits and deadlines, as it comes: those are what is compared.
RIVALS: dict[str, Callable[[int], Sequence[str]]] = {
    OURS: _start_ours,
    "uvicorn": _start_uvicorn,
    "gunicorn": _start_gunicorn,
    "granian": _start_granian,
}
# Ways to serve the same records with the same application.
SERVICES: dict[str, Callable[[int], Sequence[str]]] = {
    "augury serve": _start_service,
    "without the lane": _start_without_lane,
    "uvicorn": _start_application,
}


def find_rivals() -> list[str]:
    """Find those that are installed."""
    return [name for name in RIVALS if find_spec(name)]


class Edge:
    """A server that answers, in processes of its own."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port

    def connect(self) -> socket.socket:
        """Connect to it."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def find_pids(self) -> list[int]:
        """Find its processes: the one that was started, and those below it."""
        found, waiting = [], [self.process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            with contextlib.suppress(OSError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    waiting += map(int, (task / "children").read_text().split())
        return found

    def read_memory(self, line: str) -> float:
        """Read the resident memory in MB: ``VmRSS`` now, ``VmHWM`` at most until now."""
        return sum(_read_status(pid, line) for pid in self.find_pids()) / 1024

    def count_sockets(self) -> int:
        """Count the sockets that it holds open."""
        return sum(map(_count_sockets, self.find_pids()))

    def read_processor(self) -> float:
        """Read the seconds of processor that it has used."""
        return sum(map(_read_ticks, self.find_pids())) / _TICKS


def _read_status(pid: int, line: str) -> int:
    with contextlib.suppress(OSError):
        for found in Path(f"/proc/{pid}/status").read_text().splitlines():
            if found.startswith(f"{line}:"):
                return int(found.split()[1])
    return 0


def _count_sockets(pid: int) -> int:
    count = 0
    with contextlib.suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                count += str(descriptor.readlink()).startswith("socket:")
    return count


def _read_ticks(pid: int) -> int:
    with contextlib.suppress(OSError):
        user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return int(user) + int(system)
    return 0


@contextlib.contextmanager
def run_rival(make_command: Callable[[int], Sequence[str]], *before: str) -> Iterator[Edge]:
    """Run one until the end of the block; ``before`` goes before its command, to pin it to a processor."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [*before, *make_command(port)]
    process = subprocess.Popen(command, cwd=HERE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    edge = Edge(process, port)
    try:
        _await_answer(edge)
        yield edge
    finally:
        pids = edge.find_pids()
        for pid in reversed(pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        process.wait(_PATIENCE)


def _await_answer(edge: Edge) -> None:
    until = monotonic() + _PATIENCE
    while monotonic() < until:
        with contextlib.suppress(OSError), edge.connect() as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            if connection.recv(65_536).startswith(b"HTTP/1.1 200"):
                return
        sleep(0.05)
    raise RuntimeError("a server did not start")


def _serve_ours(port: int) -> None:
    """Serve with our edge, and the small application in the place of the service's."""
    from augury.api import load_bundled
    from augury.service.drain import Drain
    from augury.service.models import Roster, gather_models
    from augury.service.process.server import GracefulServer
    from augury.service.service import Service
    from augury.service.settings import Settings
    from edge_app import app

    service = Service(Roster(gather_models([load_bundled()])), Settings(), Drain())
    server = GracefulServer(service, lambda: None)
    server._edge.app = app  # type: ignore[assignment]  # noqa: SLF001 - nobody else gives it another application
    server.run([socket.create_server(("127.0.0.1", port), backlog=2048)])


if __name__ == "__main__":
    _serve_ours(int(sys.argv[1]))
