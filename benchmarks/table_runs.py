"""Run a way to score a table once in a process of its own, and see what it takes and whether it answers right."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
import msgspec
from msgspec import Struct

from customers import count_refused, draw_customers
from program import HERE
from rival_models import fit_raw_models
from side_by_side import take_turns
from table_contenders import AUGURY, SKLEARN, Contender

# A table of so few rows is there to see what a start takes, one of more to compare answers.
_START_ROWS, _SAMPLE_ROWS = 1_000, 100_000
_TIMEOUT = 7200.0
# Exit status 4 of `augury predict` says that rows were refused.
_REFUSED = 4


class Job(Struct, frozen=True):
    """A way to score a table, and how many rows it is given."""

    contender: Contender
    rows: int

    @property
    def name(self) -> str:
        """By which it is told apart."""
        return f"{self.contender.name}, {self.rows:,} rows"


class Figures(Struct, frozen=True):
    """What one run took.

    Args:
        rows: that it was given.
        seconds: of the whole process; ``start`` of them it takes for a table of a thousand rows, too.
        megabytes: that were resident at most; each is one process.
        told: the seconds that it told of itself, where only they are to count.
        is_whole: whether the start counts.
    """

    rows: int
    seconds: float
    start: float
    megabytes: float
    told: float | None
    is_whole: bool

    @property
    def rate(self) -> float:
        """Rows a second, of what counts."""
        return self.rows / self.seconds if self.is_whole and self.told is None else self.rate_without_start

    @property
    def rate_without_start(self) -> float:
        """Rows a second, as a table without end would have them."""
        return self.rows / (self.told or max(self.seconds - self.start, 1e-9))


class Difference(Struct, frozen=True):
    """Of so many answers, how many decisions differ from ours, and by how much a probability differs at most."""

    rows: int
    decisions: int
    largest: float


class _Peak(Struct):
    """What peak.py tells."""

    seconds: float
    peak: int
    status: int
    told: str


class _Told(Struct):
    """What a rival tells of itself."""

    seconds: float


JobRounds = dict[str, list[Figures]]


def prepare(folder: Path) -> None:
    """Fit the rivals' models into a folder, and convert them."""
    fit_raw_models(folder)
    python = str(SKLEARN.folder / "python")
    subprocess.run((python, str(HERE / "rivals" / "table_convert.py"), str(folder)), check=True, capture_output=True)


def measure_jobs(jobs: Sequence[Job], tables: Path, folder: Path, asked: int) -> JobRounds:
    """Run every job once a round; with fewer rows than were asked for, its start does not count."""
    for job in jobs:
        _find_table(job.contender, tables, job.rows)
        _find_table(job.contender, tables, _START_ROWS)
    figures: JobRounds = {job.name: [] for job in jobs}
    for job in take_turns(jobs):
        start = _run(job.contender, tables, folder, _START_ROWS).seconds
        peak = _run(job.contender, tables, folder, job.rows)
        told = msgspec.json.decode(peak.told, type=_Told).seconds if job.contender.tells_seconds else None
        is_whole = job.contender.most is None or job.contender.most >= asked
        figures[job.name].append(Figures(job.rows, peak.seconds, start, peak.peak / 1e6, told, is_whole))
    return figures


def compare_answers(contenders: Sequence[Contender], tables: Path, folder: Path) -> dict[str, Difference]:
    """Compare the answers of each with ours, on a sample of the same customers."""
    ours = folder / "ours"
    _run(AUGURY, tables, folder, _SAMPLE_ROWS, kept=ours)
    return {each.name: _compare(each, tables, folder, ours) for each in contenders if each.has_answers}


def _compare(contender: Contender, tables: Path, folder: Path, ours: Path) -> Difference:
    theirs = folder / "theirs"
    _run(contender, tables, folder, _SAMPLE_ROWS, kept=theirs)
    try:
        return compare_files(ours, theirs)
    finally:
        _remove(theirs)


def compare_files(ours: Path, theirs: Path) -> Difference:
    """Compare the answers to the customers that both have answers to."""
    with duckdb.connect() as connection:
        for name, path in (("ours", ours), ("theirs", theirs)):
            connection.read_parquet(_list_files(path)).create_view(name)
        (found,) = connection.sql(
            "SELECT count(*), count(*) FILTER (ours.churn IS DISTINCT FROM theirs.churn),"
            ' max(abs(ours.churn_probability - theirs.churn_probability)) FROM ours JOIN theirs USING ("customerID")'
        ).fetchall()
    return Difference(*found)


def _run(contender: Contender, tables: Path, folder: Path, rows: int, kept: Path | None = None) -> _Peak:
    """Run it, check how many rows it wrote, and remove them unless they are to be kept somewhere."""
    output = folder / contender.output.rstrip("/")
    table = _find_table(contender, tables, rows)
    places = contender.list_places(folder) | {"table": table, "output": f"{folder}/{contender.output}"}
    command = [word.format_map(places) for word in contender.command]
    peak = _measure(command)
    if peak.status != (_REFUSED if contender.has_refused else 0):
        raise SystemExit(f"{contender.name} ended with status {peak.status}: {' '.join(command)}")
    written, expected = _count(output), rows - count_refused(rows) * contender.has_refused
    if written != expected:
        raise SystemExit(f"{contender.name} wrote {written:,} rows where {expected:,} were due")
    if kept is not None:
        _remove(kept)
        output.rename(kept)
    _remove(output)
    return peak


def _measure(command: Sequence[str]) -> _Peak:
    # The lab's fit pins the kernels of the algebra to old ones; whoever scores has those of the machine.
    variables = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    measuring = (sys.executable, "-I", "-S", str(HERE / "peak.py"), *command)
    done = subprocess.run(measuring, check=True, stdout=subprocess.PIPE, env=variables, timeout=_TIMEOUT)
    return msgspec.json.decode(done.stdout, type=_Peak)


def _find_table(contender: Contender, tables: Path, rows: int) -> Path:
    return draw_customers(tables, rows, has_refused=contender.has_refused)


def _count(output: Path) -> int:
    with duckdb.connect() as connection:
        (counted,) = connection.read_parquet(_list_files(output)).aggregate("count(*)").fetchall()[0]
    return int(counted)


def _list_files(output: Path) -> list[str]:
    return sorted(map(str, output.glob("*.parquet"))) if output.is_dir() else [str(output)]


def _remove(output: Path) -> None:
    if output.is_dir():
        shutil.rmtree(output)
    else:
        output.unlink(missing_ok=True)
