"""What does a request cost, and how long does it take, at a rate that is kept whatever is answered?

Different customers, drawn by ``augury sample``, one in twenty with two faults; asked by k6 from the other processor.

How this could mislead: k6 itself takes a good part of a processor at 5,000 a second, and its own halts are in the
latencies of all alike; where requests were not sent in time, because a hundred were being answered, the server cannot
keep the rate, and its latencies are better than they would be; the lab takes every fault for a customer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import msgspec
from msgspec import Struct

import docs_page
import rounds
import side_by_side
from contenders import AUGURY, BARE, FASTAPI, LAB
from program import RIVALS
from serving import LOADED_FROM, Server, run

_SECONDS = int(os.environ.get("AUGURY_BENCH_SECONDS", "20"))
_K6 = RIVALS / "tools" / "bin" / "k6"
_RECORDS = 5000
_FAULTY_EACH = 20
_FAULTS = {"tenure": "41", "contract": "one_yaer"}
# The highest rate of each is about half of what it can do.
RATES = ((LAB, (100,)), (FASTAPI, (100, 1000)), (BARE, (100, 1000, 5000)), (AUGURY, (100, 1000, 5000)))
_HEAD = ("", "rate", "p50, ms", "p99, ms", "p99.9, ms", "processor, s a million", "not sent in time")


class Told(Struct, frozen=True):
    """What k6 tells, and the processor's seconds a million requests."""

    requests: int
    failed: int
    dropped: int
    p50: float
    p99: float
    p999: float
    processor: float = 0.0


def write_records(path: Path) -> None:
    """Draw records, and put faults into one in twenty."""
    import augury.api

    program = str(Path(sys.executable).with_name("augury"))
    command = [program, "sample", "--rows", str(_RECORDS), augury.api.find_bundled()]
    drawn = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    broken = (json.loads(line) | (_FAULTS if not place % _FAULTY_EACH else {}) for place, line in enumerate(drawn))
    path.write_text("\n".join(map(json.dumps, broken)), encoding="utf-8")


def measure(server: Server, rate: int, folder: Path) -> Told:
    """Ask a server that was just started, first for a second that does not count.

    Raises:
        SystemExit: some requests failed.
    """
    with run(server, folder) as running:
        url = f"http://127.0.0.1:{running.port}{server.path}"
        _ask(url, rate, 1, folder)
        before = running.find_processor_seconds()
        told = _ask(url, rate, _SECONDS, folder)
        used = running.find_processor_seconds() - before
    if told.failed:
        raise SystemExit(f"{server.name}, {rate} a second: {told.failed} failed")
    return msgspec.structs.replace(told, processor=used / told.requests * 1e6)


def _ask(url: str, rate: int, seconds: int, folder: Path) -> Told:
    asked = {"URL": url, "RATE": rate, "SECONDS": seconds, "RECORDS": folder / "records.ndjson"}
    options = [word for name, value in asked.items() for word in ("--env", f"{name}={value}")]
    script = Path(__file__).with_name("rates.js")
    command = ["taskset", "-c", LOADED_FROM, _K6, "run", "--quiet", "--no-usage-report"]
    done = subprocess.run(
        [*command, *options, script], capture_output=True, text=True, timeout=seconds + 60, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Told)


def measure_all() -> dict[tuple[str, int], list[Told]]:
    """Measure every server at each of its rates, once a round."""
    pairs = [(server, rate) for server, rates in RATES for rate in rates if server.is_there]
    figures: dict[tuple[str, int], list[Told]] = {(server.name, rate): [] for server, rate in pairs}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        side_by_side.prepare(folder)
        write_records(folder / "records.ndjson")
        for number in range(rounds.ROUNDS):
            for server, rate in pairs:
                side_by_side.tell(f"round {number + 1} of {rounds.ROUNDS}: {server.name}, {rate} a second")
                figures[server.name, rate].append(measure(server, rate, folder))
    side_by_side.tell("")
    return figures


def write_row(name: str, rate: int, told: list[Told]) -> list[str]:
    """Write the medians of one server at one rate."""
    columns = (lambda one: one.p50, lambda one: one.p99, lambda one: one.p999)
    latencies = [side_by_side.shorten(median(map(column, told))) for column in columns]
    late = median(one.dropped / (one.dropped + one.requests) for one in told)
    return [name, f"{rate:,}", *latencies, f"{median(one.processor for one in told):,.0f}", f"{late:.1%}"]


def report() -> None:
    """Print the table; with ``--docs`` write it into the page, too."""
    if not _K6.exists():
        raise SystemExit(f"absent: {_K6}")
    rounds.print_header(__doc__.splitlines()[0], ["augury"])
    versions = side_by_side.write_versions([server for server, _ in RATES])
    version = subprocess.run([_K6, "version"], check=True, capture_output=True, text=True)
    versions = f"{versions}, {' '.join(version.stdout.split()[:2])}"
    print(f"  versions  {versions}\n")
    table = side_by_side.write_table(_HEAD, [write_row(*key, told) for key, told in measure_all().items()])
    print(table)
    if docs_page.wants_page():
        docs_page.put_section(docs_page.SPEED, "rates", f"\n{table}\n\n{docs_page.describe_run(versions)}\n")


if __name__ == "__main__":
    report()
