"""How many rows a second are scored from Parquet into Parquet, in how much memory, beside other ways to do it?

Each way scores the same customers with the same weights, in a process of its own, and writes identifier, probability
and label; only Augury checks every cell against a contract. What stands for the least that it could take is DuckDB,
which copies the identifier and one number. `--rows` says how many customers (10 million otherwise), `--largest` adds a
table of that many to see how the rate keeps (100 million need 8 GB of disk), `--docs` writes the page.

How this could mislead: the customers are drawn from the bundled model's profile, each field by itself, with few levels
in a field, and files of real ones may pack worse; the table is in the page cache, so that no disk is waited for. Who
works in Python gets a million rows at most, because the rest would take as long again and again; his start does not
count then, and of the lab's way nothing counts but its function, both of which flatter them. And what is scored is a
linear model: one that computes more shrinks every ratio.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import docs_page
import rounds
import side_by_side
from side_by_side import Ratio, compare, find_median, shorten
from table_contenders import AUGURY, AUGURY_FILE, CONTENDERS, COPY, LAB, SCALED, SKLEARN, Contender
from table_runs import Difference, Figures, Job, JobRounds, compare_answers, measure_jobs, prepare
from the_lab import REPOSITORY

TABLES = REPOSITORY / "build" / "bench-batch"
ROWS = 10_000_000
# What is promised of ten million rows: so many a second, so many times the rate of each, and at any size so many MB.
PROMISED_RATE, PROMISED_MEGABYTES = 4e6, 1000.0
PROMISED = {SKLEARN.name: 25.0, LAB.name: 100.0, COPY.name: 0.25}
_HEAD = (
    "",
    "rows",
    "rows a second",
    "without the start",
    "start, s",
    "MB",
    "we are × as fast",
    "other decisions than ours",
    "probability differs by",
)

Differences = Mapping[str, Difference]


def list_jobs(contenders: Sequence[Contender], rows: int) -> list[Job]:
    """List who scores how many rows, where so many are asked for."""
    return [Job(each, min(rows, each.most or rows)) for each in contenders]


def list_scaled(contenders: Sequence[Contender], sizes: Sequence[int]) -> list[Job]:
    """List who scores tables of other sizes."""
    return [Job(each, rows) for rows in sizes for each in SCALED if each in contenders]


def write_rivals(figures: JobRounds, jobs: Sequence[Job], differences: Differences) -> str:
    """Write a row for each way, the slowest first."""
    ordered = sorted(jobs, key=lambda job: _find_rate(figures, job))
    ours = next(job for job in jobs if job.contender == AUGURY)
    rows = []
    for job in ordered:
        own, different = figures[job.name], differences.get(job.contender.name)
        rates = sorted(each.rate for each in own)
        rows.append(
            [
                job.contender.name,
                f"{job.rows:,}",
                f"{median(rates):,.0f} ({rates[0]:,.0f} – {rates[-1]:,.0f})",
                f"{find_median(own, lambda each: each.rate_without_start):,.0f}",
                f"{find_median(own, lambda each: each.start):.2f}",
                f"{max(each.megabytes for each in own):,.0f}",
                "1" if job == ours else str(_compare(figures, ours, job)),
                *(write_difference(different) if different else ("", "")),
            ]
        )
    return side_by_side.write_table(_HEAD, rows)


def write_difference(different: Difference) -> tuple[str, str]:
    """Write how many decisions of the sample differ from ours, and how far a probability does at most."""
    return f"{different.decisions:,} of {different.rows:,}", f"{different.largest:.0e}" if different.largest else "0"


def write_scaling(figures: JobRounds, jobs: Sequence[Job]) -> str:
    """Write a row for each size, with the rate and the memory of each who scored it."""
    contenders = [each for each in SCALED if any(job.contender == each for job in jobs)]
    head = ["rows", *(title for each in contenders for title in (f"{each.name}, rows a second", "s", "MB"))]
    rows = []
    for size in sorted({job.rows for job in jobs}):
        own = [figures[Job(each, size).name] for each in contenders]
        cells = [cell for each in own for cell in _write_size(each)]
        rows.append([f"{size:,}", *cells])
    return side_by_side.write_table(head, rows)


def _write_size(own: Sequence[Figures]) -> list[str]:
    seconds, rate = (find_median(own, find) for find in (lambda each: each.seconds, lambda each: each.rate))
    return [f"{rate:,.0f}", f"{seconds:,.1f}", f"{max(each.megabytes for each in own):,.0f}"]


def write_promises(figures: JobRounds, jobs: Sequence[Job], scaled: Sequence[Job]) -> list[str]:
    """Write what was promised, and whether it was reached; the memory is the largest of any round and any size."""
    by_name = {job.contender.name: job for job in jobs}
    ours = by_name[AUGURY.name]
    rate = _find_rate(figures, ours)
    lines = [_write_promise(rate >= PROMISED_RATE, f"at least {PROMISED_RATE:,.0f} rows a second: {rate:,.0f}")]
    for name, times in PROMISED.items():
        if name in by_name:
            ratio = _compare(figures, ours, by_name[name])
            lines.append(_write_promise(ratio.median >= times, f"at least {times:g} × {name}: {ratio}"))
    held = [job for job in (*jobs, *scaled) if job.contender in (AUGURY, AUGURY_FILE)]
    peak = max(each.megabytes for job in held for each in figures[job.name])
    sizes = " and ".join(f"{size:,}" for size in sorted({job.rows for job in held}))
    told = f"at most {PROMISED_MEGABYTES:,.0f} MB, at {sizes} rows: {peak:,.0f}"
    return [*lines, _write_promise(peak <= PROMISED_MEGABYTES, told)]


def _write_promise(is_kept: bool, told: str) -> str:
    return f"{'reached' if is_kept else 'NOT reached'}: {told}"


def list_rates(figures: JobRounds, jobs: Sequence[Job]) -> dict[str, tuple[float, float, float]]:
    """List the median, the lowest and the highest rate of each, the slowest first, as they are drawn."""
    found = {}
    for job in sorted(jobs, key=lambda each: _find_rate(figures, each)):
        rates = [each.rate for each in figures[job.name]]
        found[job.contender.name] = (median(rates), min(rates), max(rates))
    return found


def write_notes(contenders: Sequence[Contender]) -> str:
    """Write what a reader must know to judge each."""
    return "\n".join(f"* {each.name}: {each.note}." for each in contenders)


def _find_rate(figures: JobRounds, job: Job) -> float:
    return find_median(figures[job.name], lambda each: each.rate)


def _compare(figures: JobRounds, ours: Job, other: Job) -> Ratio:
    return compare(figures, ours.name, other.name, lambda each: each.rate)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS, help="of the comparison")
    parser.add_argument("--largest", type=int, help="a further table of so many rows")
    parser.add_argument("--docs", action="store_true", help="write the page")
    return parser.parse_args()


def report() -> None:
    """Print tables and verdicts; with ``--docs`` write them into the page, too."""
    asked = _read_arguments()
    if asked.docs and not docs_page.BATCH.exists():  # which would else be noticed half an hour later
        raise SystemExit(f"{docs_page.BATCH}: there is no such page")
    rounds.print_header(__doc__.splitlines()[0], ["augury", "duckdb"])
    there = side_by_side.find_present(CONTENDERS)
    versions = side_by_side.write_packages(there)
    sizes = [asked.rows // 10, *([asked.largest] if asked.largest else [])]
    jobs, scaled = list_jobs(there, asked.rows), list_scaled(there, sizes)
    TABLES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=TABLES) as name:
        folder = Path(name)
        prepare(folder)
        differences = compare_answers([each for each in there if each != AUGURY], TABLES, folder)
        figures = measure_jobs([*jobs, *scaled], TABLES, folder, asked.rows)
    rivals = write_rivals(figures, jobs, differences)
    promises = "\n".join(f"* {each}" for each in write_promises(figures, jobs, scaled))
    told = "\n\n".join((rivals, "What was promised:", promises, write_notes(there)))
    shared = [job for job in jobs if job.contender in SCALED]
    scaling = write_scaling(figures, [*scaled, *shared])
    print(f"  versions  {versions}\n\n{told}\n\n{scaling}")
    if asked.docs:
        docs_page.put_section(docs_page.BATCH, "rivals", f"\n{told}\n\n{docs_page.describe_run(versions)}\n")
        docs_page.put_section(docs_page.BATCH, "scaling", f"\n{scaling}\n")
        title = f"From Parquet into Parquet, {shorten(asked.rows)} customers"
        docs_page.draw_rates(
            docs_page.BATCH, "speed-of-batch", list_rates(figures, jobs), AUGURY.name, title, unit="rows"
        )


if __name__ == "__main__":
    report()
