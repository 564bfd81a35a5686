"""What does each edge do with callers that are slow, huge or malformed, and what does it cost to be asked through it?

Ours, uvicorn's with httptools, gunicorn's ASGI worker with its C parser, and Granian, each with one worker, its own
limits, and the same small application. First the abuses, each at a server that was just started. Then the load: wrk
keeps 16 connections busy, and what counts is the processor's time for a request, of the server and its helpers. At last
the service itself: as it comes, without the lane, and its application behind uvicorn's own edge.

How this could mislead: the limits compared are those that each has without being told, and some can be set; the load
is small GET requests over loopback, so bodies, TLS and the network are left out; Granian reads HTTP on threads of its
own, whose time is counted, and whose answers with more processors come sooner than that tells; the application does
nothing, so the differences are larger than behind one that works. Behind uvicorn the application writes no log.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from statistics import median
from tempfile import NamedTemporaryFile

from edge_abuses import ABUSES, abuse
from edge_rivals import RIVALS, SERVICES, Edge, find_rivals, run_rival
from rounds import ROUNDS, print_header
from the_lab import CUSTOMER

_SECONDS = 3
_CONNECTIONS = 16
_PREDICT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [==[{body}]==]
"""
_PACKAGES = ("uvicorn", "httptools", "uvloop", "gunicorn", "gunicorn_h1c", "granian")


def report() -> None:
    """Print both tables."""
    rivals = find_rivals()
    print_header("How do edges compare?", _PACKAGES, is_timed=False)
    chosen = [name for name in ABUSES if len(sys.argv) < 2 or sys.argv[1] in name]
    print(f"| | {' | '.join(rivals)} |\n|---|{'---|' * len(rivals)}")
    for name in chosen:
        with ThreadPoolExecutor(len(rivals)) as pool:
            outcomes = pool.map(lambda rival, name=name: _abuse_once(rival, name), rivals)
        print(f"| {name} | {' | '.join(outcomes)} |", flush=True)
    if len(sys.argv) < 2 and shutil.which("wrk") and shutil.which("taskset"):
        _report_load({name: RIVALS[name] for name in rivals}, "")
        print("\nOne record to POST /predict:")
        _report_load(SERVICES, _PREDICT.format(body=json.dumps(CUSTOMER)))


def _abuse_once(rival: str, name: str) -> str:
    with run_rival(RIVALS[rival]) as edge:
        return abuse(edge, name)


def _report_load(rivals: Mapping[str, Callable[[int], Sequence[str]]], script: str) -> None:
    """Load each in turn, and print what a request costs beside what it costs the first."""
    costs: dict[str, list[float]] = {rival: [] for rival in rivals}
    rates: dict[str, list[float]] = {rival: [] for rival in rivals}
    with ExitStack() as stack, NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        edges = {rival: stack.enter_context(run_rival(make, "taskset", "-c", "1")) for rival, make in rivals.items()}
        for _ in range(ROUNDS):
            for rival, edge in edges.items():
                cost, rate = _load(edge, file.name, "/predict" if script else "/")
                costs[rival].append(cost)
                rates[rival].append(rate)
    first = next(iter(rivals))
    print(f"\n| | µs of processor a request | min – max | of {first}'s | requests a second |\n|---|---|---|---|---|")
    for rival, own in costs.items():
        ratio = median(mine / base for mine, base in zip(own, costs[first], strict=True))
        spread = f"{min(own):.1f} – {max(own):.1f}"
        print(f"| {rival} | {median(own):.1f} | {spread} | {ratio:.2f} | {median(rates[rival]):,.0f} |")


def _load(edge: Edge, script: str, path: str) -> tuple[float, float]:
    """Load an edge: µs of processor a request, and requests a second."""
    before = edge.read_processor()
    command = ["taskset", "-c", "0", "wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{_SECONDS}s", "-s", script]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{edge.port}{path}"], check=True, capture_output=True, text=True, timeout=60
    )
    found = re.search(r"(\d+) requests in ([\d.]+)s", done.stdout)
    # On a busy machine ours refuses what it cannot answer in time; that must not count as a fast answer.
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    if found is None or (refused and int(refused[1]) > int(found[1]) / 20):
        raise RuntimeError(done.stdout)
    count = int(found[1]) - (int(refused[1]) if refused else 0)
    return (edge.read_processor() - before) / count * 1e6, count / float(found[2])


if __name__ == "__main__":
    report()
