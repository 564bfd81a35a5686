"""The doors by which rows are scored: each is held to the law here, and what was found is kept where one asks for it.

With ``AUGURY_PARITY=FOLDER`` each comparison leaves a file in that folder, ``python -m tests.doors FOLDER FILE``
gathers them, and ``docs/generate_parity.py`` makes a table of that; ``make parity`` does all of it.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol
from uuid import uuid4

import msgspec
from msgspec import Struct

from augury.ir.link import sigmoid

# Each door as the table names it, in its order.
DOORS = {
    "record": "`predict_one`",
    "http": "HTTP",
    "pandas": "`predict`, pandas",
    "polars": "`predict`, Polars",
    "arrow": "`predict`, Arrow",
    "relation": "`predict`, DuckDB",
    "dicts": "`predict`, list of dicts",
    "frame of spark": "`predict`, Spark",
    "path": "`predict`, path of a CSV file",
    "csv": "`augury predict`, CSV",
    "jsonl": "`augury predict`, JSON lines",
    "parquet": "`augury predict`, Parquet",
    "feather": "`augury predict`, Arrow and Feather",
    "sqlite table": "`augury predict`, SQLite",
    "postgresql table": "`augury predict`, PostgreSQL",
    "postgresql inside": "`augury predict --into`, inside PostgreSQL",
    "duckdb": "SQL in DuckDB",
    "postgres": "SQL in PostgreSQL",
    "sqlite": "SQL in SQLite",
    "mariadb": "SQL in MariaDB",
    "spark": "SQL in Spark",
}
# A probability moves at most a quarter as far as its margin, and is rounded a few times.
_ROUNDINGS = 2.0**-48


class Lawful(Protocol):
    """What the law says of a row: its margin, None where it is refused, and how far off a sum in doubles may be."""

    @property
    def margin(self) -> float | None: ...  # noqa: D102 - said above
    @property
    def bound(self) -> float: ...  # noqa: D102 - likewise


class Answer(NamedTuple):
    """What a door answered to a row; not every door shows the margin."""

    probability: float | None
    label: bool | None
    margin: float | None = None


class Found(Struct):
    """What was compared at a door: rows, decisions that differ, the largest differences, and rows of the cases."""

    door: str
    rows: int = 0
    flips: int = 0
    margin: float | None = None
    bounds: float | None = None  # of margins, in units of the row's bound
    probability: float | None = None
    cases: int = 0


class Gathered(Struct, frozen=True):
    """What was found at all doors, and when."""

    measured: dt.date
    doors: list[Found]


def hold_door(door: str, threshold: float, law: Sequence[Lawful], answers: Iterable[Answer]) -> None:
    """Hold a door's answers to the law: the same rows refused, the same decisions, numbers within the bound."""
    found = Found(door, rows=len(law))
    for number, (each, answer) in enumerate(zip(law, answers, strict=True)):
        if each.margin is None or answer.probability is None:
            assert (each.margin, answer.probability) == (None, None), f"row {number}: {answer} instead of {each.margin}"
            continue
        expected = sigmoid(each.margin)
        off = abs(answer.probability - expected)
        assert off <= each.bound / 4 + expected * _ROUNDINGS, f"row {number}: {answer} instead of {expected!r}"
        found.flips += answer.label is not (expected >= threshold)
        found.probability = max(found.probability or 0.0, off)
        if answer.margin is not None:
            off = abs(answer.margin - each.margin)
            found.margin = max(found.margin or 0.0, off)
            found.bounds = max(found.bounds or 0.0, off / each.bound)
    assert found.flips == 0, f"{found.flips} decisions differ"
    assert found.bounds is None or found.bounds <= 1.0, f"margins differ by {found.bounds} bounds"
    _keep(found)


def keep_cases(door: str, cases: int) -> None:
    """Keep how many rows of the file of cases a door answered as they say."""
    _keep(Found(door, cases=cases))


def _keep(found: Found) -> None:
    assert found.door in DOORS, found.door
    if folder := os.environ.get("AUGURY_PARITY"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{uuid4().hex}.json").write_bytes(msgspec.json.encode(found))


def gather(folder: Path) -> list[Found]:
    """Gather what was found, door by door: sums of what was compared, and the largest differences."""
    kept = [msgspec.json.decode(path.read_bytes(), type=Found) for path in folder.glob("*.json")]
    return [_merge(door, [each for each in kept if each.door == door]) for door in DOORS]


def _merge(door: str, kept: Sequence[Found]) -> Found:
    assert any(each.rows for each in kept), f"nothing was compared at {door!r}"
    return Found(
        DOORS[door],
        sum(each.rows for each in kept),
        sum(each.flips for each in kept),
        *(_find_largest(name, kept) for name in ("margin", "bounds", "probability")),
        sum(each.cases for each in kept),
    )


def _find_largest(name: str, kept: Sequence[Found]) -> float | None:
    """Find the largest of a difference, to two digits: further ones are another machine's affair."""
    differences = [value for each in kept if (value := getattr(each, name)) is not None]
    return float(f"{max(differences):.1e}") if differences else None


if __name__ == "__main__":
    gathered = Gathered(dt.datetime.now(dt.UTC).date(), gather(Path(sys.argv[1])))
    Path(sys.argv[2]).write_bytes(msgspec.json.format(msgspec.json.encode(gathered)) + b"\n")
