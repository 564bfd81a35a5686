"""Measure servers in paired rounds, and compare what was measured with intervals.

In each round every server is started anew, measured and ended; the next round begins with another of them. A ratio is
taken within a round, where the machine was the same, and its interval is bootstrapped over the rounds.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Protocol, TypeVar

from msgspec import Struct

from environments import find_versions
from load import CONNECTIONS, Saturation, Steady, keep_rate, saturate, warm
from program import Program
from rival_models import fit_models
from rounds import ROUNDS
from serving import Running, Server, run

SECONDS = float(os.environ.get("AUGURY_BENCH_SECONDS", "4"))
# Of what a server can do: busy, and still without a queue that only grows.
BUSY = 0.8
_DRAWS = 10_000
_SEED = 4


class Figures(Struct, frozen=True):
    """What one server did in one round."""

    start: float
    megabytes: float
    saturation: Saturation
    steady: Steady | None


class Ratio(Struct, frozen=True):
    """The median ratio of paired rounds, and the interval in which it lies with 95 % confidence."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        """Write it with three digits."""
        return f"{shorten(self.median)} ({shorten(self.low)} – {shorten(self.high)})"


class Named(Protocol):
    """What takes part in rounds."""

    @property
    def name(self) -> str:
        """By which it is told apart."""


Rounds = dict[str, list[Figures]]
F = TypeVar("F")
N = TypeVar("N", bound=Named)
P = TypeVar("P", bound=Program)


def measure_rounds(
    servers: Sequence[Server], *, is_steady: bool = False, connections: int = CONNECTIONS, rounds: int = ROUNDS
) -> Rounds:
    """Measure every server once a round; those whose environment is missing are left out, and named."""
    there = find_present(servers)
    figures: Rounds = {server.name: [] for server in there}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        prepare(folder)
        for server in take_turns(there, rounds):
            with run(server, folder) as running:
                figures[server.name].append(_measure(running, folder, is_steady=is_steady, connections=connections))
    return figures


def find_present(programs: Sequence[P]) -> list[P]:
    """Find the programs whose environment is there, and name the others."""
    for program in programs:
        if not program.is_there:
            print(f"  absent: {program.name} ({program.folder})")
    return [program for program in programs if program.is_there]


def take_turns(rivals: Sequence[N], rounds: int = ROUNDS) -> Iterator[N]:
    """Go through the rivals once a round, beginning each time with another; tell who is on."""
    for number in range(rounds):
        for rival in [*rivals[number % len(rivals) :], *rivals[: number % len(rivals)]]:
            tell(f"round {number + 1} of {rounds}: {rival.name}")
            yield rival
    tell("")


def prepare(folder: Path) -> None:
    """Put into a folder what the servers need."""
    fit_models(folder)
    make = (
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    )
    names = ("-subj", "/CN=localhost", "-keyout", str(folder / "tls.key"), "-out", str(folder / "tls.crt"))
    subprocess.run([*make, *names], check=True, capture_output=True)


def _measure(running: Running, folder: Path, *, is_steady: bool, connections: int) -> Figures:
    warm(running, folder, connections=connections)
    megabytes = running.find_megabytes()
    saturation = saturate(running, folder, SECONDS, connections=connections)
    steady = keep_rate(running, saturation.rate * BUSY, SECONDS) if is_steady else None
    return Figures(running.seconds, megabytes, saturation, steady)


def compare(figures: Mapping[str, Sequence[F]], one: str, other: str, figure: Callable[[F], float]) -> Ratio:
    """Tell how many times the figure of one server is that of another."""
    ratios = [figure(a) / figure(b) for a, b in zip(figures[one], figures[other], strict=True)]
    draw = random.Random(_SEED)  # noqa: S311 - the same interval for the same figures
    medians = sorted(median(draw.choices(ratios, k=len(ratios))) for _ in range(_DRAWS))
    return Ratio(median(ratios), medians[int(_DRAWS * 0.025)], medians[int(_DRAWS * 0.975)])


def find_median(rounds: Sequence[F], figure: Callable[[F], float]) -> float:
    """Find the median of a figure over the rounds."""
    return median(figure(round_) for round_ in rounds)


def write_versions(servers: Sequence[Server]) -> str:
    """Write the versions of all that is compared and of what loads it, once each."""
    nginx = subprocess.run(("nginx", "-v"), check=True, capture_output=True, text=True).stderr  # noqa: S607 - as installed
    wrk = subprocess.run(("wrk", "-v"), check=False, capture_output=True, text=True).stdout.split(" [")[0]  # noqa: S607
    return f"{write_packages(servers)}, nginx {nginx.strip().rpartition('/')[2]}, {wrk}"


def write_packages(programs: Sequence[Program]) -> str:
    """Write the versions of the packages that are compared, once each."""
    there = [program for program in programs if program.is_there]
    found = {name: version for program in there for name, version in find_versions(program).items()}
    return ", ".join(f"{name} {version}" for name, version in sorted(found.items()))


def write_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table in Markdown, whose first column is text."""
    marks = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, marks, *rows))


def shorten(number: float) -> str:
    """Write a number with three digits, or all before its point."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def tell(text: str) -> None:
    """Tell whoever watches a terminal how far it is."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
