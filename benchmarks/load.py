"""Load a server: as much as it takes with wrk, or at a rate that is kept whatever is answered."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
from msgspec import Struct

from program import HERE
from serving import LOADED_FROM, Running

CONNECTIONS = 64


class Saturation(Struct, frozen=True):
    """What a server does that is always asked more: latencies in ms, processor seconds per million requests."""

    rate: float
    p50: float
    p99: float
    processor: float


class Steady(Struct, frozen=True):
    """What a server does at a rate that it can keep: latencies in ms, from the moment a request was due."""

    rate: float
    p50: float
    p99: float
    p999: float
    refused: int


class _Told(Struct):
    requests: int
    seconds: float
    p50: float
    p99: float
    failed: int
    refused: int


def saturate(running: Running, folder: Path, seconds: float, *, connections: int = CONNECTIONS) -> Saturation:
    """Ask again as soon as an answer is there, on every connection.

    Raises:
        SystemExit: an answer was missing, or was not the one that is measured.
    """
    server = running.server
    before = running.find_processor_seconds()
    told = _load(running, folder, seconds, connections)
    used = running.find_processor_seconds() - before
    wrong = told.refused if server.status < 400 else told.requests - told.refused
    # Where each request has its own connection, one that ends between two of them is what was asked for.
    failed = 0 if server.headers.get("Connection") == "close" else told.failed
    if wrong or failed or not told.requests:
        raise SystemExit(f"{server.name}: of {told.requests} requests {wrong} answered otherwise, {failed} failed")
    return Saturation(told.requests / told.seconds, told.p50, told.p99, used / told.requests * 1e6)


def warm(running: Running, folder: Path, *, connections: int = CONNECTIONS) -> None:
    """Ask for a second, of which nothing is told: a slow server has answered none of so many by then."""
    _load(running, folder, 1, connections)


def _load(running: Running, folder: Path, seconds: float, connections: int) -> _Told:
    server, body = running.server, folder / "body.json"
    body.write_bytes(server.body)
    headers = {"Content-Type": "application/json", **server.headers}
    url = f"{server.scheme}://127.0.0.1:{running.port}{server.path}"
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{max(1, round(seconds))}s"]
    command += ["--timeout", "20s", "--latency", "--script", str(HERE / "load.lua"), url, "--", str(body)]
    done = _run([*command, *(f"{name}={value}" for name, value in headers.items())], seconds + 60)
    return msgspec.json.decode(done.splitlines()[-1], type=_Told)


def keep_rate(running: Running, rate: float, seconds: float) -> Steady:
    """Ask at a rate, at random moments; see :mod:`arrivals`."""
    asked = {
        "port": running.port,
        "path": running.server.path,
        "body": running.server.body.decode(),
        "headers": running.server.headers,
        "rate": rate,
        "seconds": seconds,
        "connections": CONNECTIONS,
    }
    return msgspec.json.decode(
        _run([sys.executable, str(HERE / "arrivals.py"), json.dumps(asked)], seconds + 60), type=Steady
    )


def _run(command: list[str], timeout: float) -> str:
    pinned = ["taskset", "-c", LOADED_FROM, *command]
    done = subprocess.run(pinned, capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(pinned)}\n{done.stdout}\n{done.stderr}")
    return done.stdout.strip()
