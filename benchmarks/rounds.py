"""Run rivals in turn, each in a process of its own, and print what they measured beside each other.

A benchmark file is started once by a person and once for every rival and round by itself (``--rival NAME``); a rival
prints one JSON object of figures. Rounds go A B C A B C, so that a machine that slows down slows all of them.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import perf_counter_ns

ROUNDS = int(os.environ.get("AUGURY_BENCH_ROUNDS", "5"))


def print_header(question: str, packages: Sequence[str], *, is_timed: bool = True) -> None:
    """Print the question, the machine, the versions and the command, without which figures mean nothing."""
    print(f"\n{question}\n")
    print(f"  machine   {_find_processor()}, {os.cpu_count()} cores, {platform.system()}")
    print(f"  Python    {platform.python_version()}")
    print(f"  versions  {', '.join(f'{name} {_find_version(name)}' for name in packages)}")
    how = f", {ROUNDS} rounds, each rival in a process of its own" if is_timed else ""
    print(f"  command   python {Path(sys.argv[0]).name}{how}\n")


def run_rounds(rivals: Sequence[str], *, timeout: float = 300) -> dict[str, list[dict[str, float]]]:
    """Run every rival once a round, each within ``timeout`` seconds; answer with the figures of each."""
    figures: dict[str, list[dict[str, float]]] = {rival: [] for rival in rivals}
    for number in range(ROUNDS):
        for rival in rivals:
            _show_progress(f"round {number + 1} of {ROUNDS}: {rival}")
            command = [sys.executable, sys.argv[0], "--rival", rival]
            done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=timeout)
            figures[rival].append(json.loads(done.stdout.splitlines()[-1]))
    _show_progress("")
    return figures


def main(rivals: Mapping[str, Callable[[], dict[str, float]]], report: Callable[[], None]) -> None:
    """Be one rival when asked to, else run the report."""
    if len(sys.argv) == 3 and sys.argv[1] == "--rival":
        print(json.dumps(rivals[sys.argv[2]]()))
    else:
        report()


def time_call(call: Callable[[], object], *, seconds: float = 0.5) -> float:
    """Time a call in µs: the best of the batches that fit into ``seconds``, for others only ever slow one down."""
    call()
    batch = 1
    while (taken := _time_batch(call, batch)) < 10_000_000:  # 10 ms: far above the clock's own resolution
        batch = max(batch * 2, int(batch * 12_000_000 / max(taken, 1)))
    best, until = taken, perf_counter_ns() + int(seconds * 1e9)
    while perf_counter_ns() < until:
        best = min(best, _time_batch(call, batch))
    return best / batch / 1000


def _time_batch(call: Callable[[], object], batch: int) -> int:
    start = perf_counter_ns()
    for _ in range(batch):
        call()
    return perf_counter_ns() - start


def print_table(
    figures: Mapping[str, Sequence[Mapping[str, float]]], figure: str, *, against: str, unit: str, faster: bool = True
) -> None:
    """Print the median and the spread of one figure for every rival, and the median ratio, round by round."""
    width = max(map(len, figures))
    word = "times faster" if faster else "times smaller"
    print(f"  {'':{width}}  {'median':>9}  {'min – max':>19}  {word} than {against}")
    for rival, rounds in figures.items():
        values = [round_[figure] for round_ in rounds]
        ratios = [base[figure] / own for base, own in zip(figures[against], values, strict=True)]
        spread = f"{min(values):,.2f} – {max(values):,.2f}"
        print(f"  {rival:{width}}  {median(values):9,.2f}  {spread:>19}  {median(ratios):8,.2f}   {unit}")


def _show_progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _find_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _find_processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
