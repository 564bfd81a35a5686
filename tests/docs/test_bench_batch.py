"""The benchmark of whole tables draws the customers that it says, and measures and tells what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from augury.api import load_bundled
from augury.batch.options import Options
from augury.batch.run import predict_table
from augury.contract.fields import CategoryField
from tests.docs.pages import REPOSITORY

_BENCHMARKS = REPOSITORY / "benchmarks"
_FIGURES = """
from bench_batch import *
from table_runs import Difference, Figures, Job, compare_files

def measure(rows, seconds, start, megabytes, told=None, is_whole=True):
    return [Figures(rows, each, start, megabytes, told, is_whole) for each in seconds]

jobs = [Job(AUGURY, 100), Job(COPY, 100), Job(SKLEARN, 10), Job(LAB, 10)]
figures = {
    jobs[0].name: measure(100, (5, 4, 10), 3, 120.4),
    jobs[1].name: measure(100, (2.5, 2, 5), 1, 80),
    jobs[2].name: measure(10, (4, 4, 6), 2, 300, is_whole=False),
    jobs[3].name: measure(10, (20, 20, 20), 2, 900, told=10, is_whole=False),
}
"""


def test_customers_are_the_same_every_time_and_in_every_size(tmp_path: Path) -> None:
    """A table drawn again has the same rows, and a smaller one is the beginning of a larger one."""
    small, again, large = (_draw(tmp_path / str(place), rows) for place, rows in enumerate((3000, 3000, 5000)))
    rows = duckdb.read_parquet(str(small)).fetchall()
    assert duckdb.read_parquet(str(again)).fetchall() == rows
    assert duckdb.read_parquet(str(large)).fetchall()[:3000] == rows
    assert len({row[0] for row in rows}) == 3000


def test_every_customer_is_accepted_and_spelt_as_in_the_training_table(tmp_path: Path) -> None:
    """None of the drawn rows is refused, no text of theirs is a level as the model has it, and the profile is kept."""
    table = _draw(tmp_path, 20_000)
    model = load_bundled()
    summary = predict_table(model, Options(source=str(table), output=tmp_path / "out.parquet", drift=True))
    assert (summary.rows, summary.refused) == (20_000, 0)
    assert summary.drift is not None
    assert max(each.distance.stability for each in summary.drift) < 0.01
    for field in model.contract.features:
        if isinstance(field, CategoryField) and field.is_text:
            found = duckdb.read_parquet(str(table)).project(f'"{(*field.spellings, field.name)[0]}"').distinct()
            assert {level for (level,) in found.fetchall()} == set(field.level_spellings)


def test_no_field_depends_on_another(tmp_path: Path) -> None:
    """Numbers and levels of one row are drawn each by itself."""
    texts = ("gender = 'Male'", "\"Partner\" = 'Yes'", "\"Contract\" = 'Two year'", '"SeniorCitizen" = 1')
    columns = [*(f"({text})::INTEGER" for text in texts), "tenure", '"MonthlyCharges"', '"TotalCharges"']
    pairs = [f"abs(corr({one}, {other}))" for one in columns for other in columns if one < other]
    (found,) = duckdb.read_parquet(str(_draw(tmp_path, 20_000))).aggregate(", ".join(pairs)).fetchall()
    assert max(found) < 0.04  # 5.6 standard errors, of 21 pairs


def test_refused_customers_are_where_they_are_said_to_be(tmp_path: Path) -> None:
    """One in a hundred is refused, in turns for an unknown level, for none, and for a number out of range."""
    table = _draw(tmp_path, 1000, refused=True)
    output, rejects = tmp_path / "out.parquet", tmp_path / "rejects.jsonl"
    summary = predict_table(load_bundled(), Options(source=str(table), output=output, rejects=rejects))
    assert summary.refused == int(_run("-c", "import customers; print(customers.count_refused(1000))")) == 10
    told = [json.loads(line) for line in rejects.read_text("utf-8").splitlines()]
    assert [(each["row"], each["field"], each["code"]) for each in told[:4]] == [
        (42, "contract", "level"),
        (142, "gender", "null"),
        (242, "monthlycharges", "range"),
        (342, "contract", "level"),
    ]


def test_memory_is_that_of_the_program_and_not_of_who_started_it() -> None:
    """Of a large process that has a small and a large program measured, each is told with what it held itself."""
    code = """
import subprocess, sys
held = bytearray(300_000_000)
for size in (1, 150_000_000):
    program = f"held = bytearray({size}); print('first'); print('last'); raise SystemExit(4)"
    subprocess.run((sys.executable, "-I", "-S", "peak.py", sys.executable, "-c", program), check=True)
"""
    small, large = map(json.loads, _run("-c", code).splitlines())
    assert small["peak"] < 100e6
    assert 150e6 < large["peak"] < 250e6
    assert (small["status"], small["told"]) == (4, "last")
    assert small["seconds"] > 0


@pytest.mark.parametrize(
    ("program", "what"),
    [
        ("raise SystemExit(1)", "ended with status 1"),
        ("import duckdb, sys; duckdb.sql('SELECT 1 AS n').write_parquet(sys.argv[1])", "wrote 1 rows where 1,000"),
    ],
)
def test_who_fails_or_leaves_rows_out_is_not_measured(tmp_path: Path, program: str, what: str) -> None:
    """A program that ends with another status, or writes too few rows, ends the benchmark with its name."""
    code = f"""
from pathlib import Path
from table_contenders import Contender
from table_runs import Job, measure_jobs
bad = Contender(name="the bad one", command=("{{python}}", "-c", {program!r}, "{{output}}"))
folder = Path({str(tmp_path)!r})
measure_jobs([Job(bad, 2000)], folder, folder, 2000)
"""
    done = _start("-c", code)
    assert done.returncode == 1
    assert "the bad one" in done.stderr
    assert what in done.stderr


def test_a_copy_is_measured(tmp_path: Path) -> None:
    """DuckDB's copy of a table is told with its rows, its seconds with and without the start, and its memory."""
    code = f"""
from pathlib import Path
from table_contenders import COPY
from table_runs import Job, measure_jobs
folder = Path({str(tmp_path)!r})
((figures,),) = measure_jobs([Job(COPY, 2000)], folder / "tables", folder, 2000).values()
print(figures.rows, figures.seconds > 0.01, figures.start > 0.01, 20 < figures.megabytes < 400)
print(sorted(path.name for path in folder.iterdir()))
"""
    told = _run("-c", code, rounds=1).splitlines()
    assert told == ["2000 True True True", "['tables']"]


def test_answers_are_compared_by_customer(tmp_path: Path) -> None:
    """Whatever their order, decisions that differ are counted, and the largest difference of probabilities is found."""
    answers = {
        "ours": [("a", 0.2, False), ("b", 0.5, True), ("c", 0.9, True)],
        "theirs": [("c", 0.9, True), ("b", 0.4375, False), ("d", 1.0, True)],
    }
    for name, rows in answers.items():
        columns = 't("customerID", p, churn)'
        values = (
            f'SELECT "customerID", p::DOUBLE AS churn_probability, churn FROM (VALUES {str(rows)[1:-1]}) AS {columns}'
        )
        found = duckdb.sql(values)
        found.write_parquet(str(tmp_path / f"{name}.parquet"))
    code = f"folder = Path({str(tmp_path)!r}); print(compare_files(folder / 'ours.parquet', folder / 'theirs.parquet'))"
    assert _run("-c", _FIGURES + code).strip() == "Difference(rows=2, decisions=1, largest=0.0625)"


def test_a_start_counts_where_the_whole_table_was_scored() -> None:
    """Of the whole table the start is a part; of a smaller one it is left out, and so is all but what is told."""
    code = "print(*(round(figures[job.name][0].rate, 6) for job in jobs))"
    assert _run("-c", _FIGURES + code).split() == ["20.0", "40.0", "5.0", "1.0"]


def test_the_table_has_the_slowest_first_and_ratios_within_a_round() -> None:
    """Rates are told with their range, memory with its largest, and how many times ours is as fast, by rounds."""
    code = "print(write_rivals(figures, jobs, {SKLEARN.name: Difference(9, 1, 0.25), LAB.name: Difference(9, 0, 0.0)}))"
    _, _, *rows = _run("-c", _FIGURES + code).splitlines()
    assert rows == [
        "| the lab: predict(df) | 10 | 1 (1 – 1) | 1 | 2.00 | 900 | 20 (10 – 25) | 0 of 9 | 0 |",
        "| scikit-learn, a ColumnTransformer | 10 | 5 (2 – 5) | 5 | 2.00 | 300 | 4 (4 – 5) | 1 of 9 | 2e-01 |",
        "| augury predict | 100 | 20 (10 – 25) | 50 | 3.00 | 120 | 1 |  |  |",
        "| DuckDB, a copy | 100 | 40 (20 – 50) | 67 | 1.00 | 80 | 0.5 (0.5 – 0.5) |  |  |",
    ]


def test_what_is_not_reached_is_told() -> None:
    """Each promise is told with what was measured, and memory at the size that took the most."""
    code = """
scaled = [Job(AUGURY, 1000)]
figures[scaled[0].name] = measure(1000, (50,), 3, 1000.6)
print(*write_promises(figures, jobs, scaled), sep="\\n")
"""
    lines = _run("-c", _FIGURES + code).splitlines()
    assert [line.partition(":")[0] for line in lines] == [*["NOT reached"] * 3, "reached", "NOT reached"]
    assert lines[-1] == "NOT reached: at most 1,000 MB, at 100 and 1,000 rows: 1,001"


def test_scaling_has_a_row_for_each_size() -> None:
    """Who scored several sizes has rate, seconds and memory in the row of each."""
    code = """
larger = [Job(AUGURY, 1000), Job(COPY, 1000)]
figures |= {larger[0].name: measure(1000, (50,), 3, 130), larger[1].name: measure(1000, (10,), 1, 90)}
print(write_scaling(figures, [*larger, *jobs[:2]]))
"""
    _, _, *rows = _run("-c", _FIGURES + code).splitlines()
    assert rows == ["| 100 | 20 | 5.0 | 120 | 40 | 2.5 | 80 |", "| 1,000 | 20 | 50.0 | 130 | 100 | 10.0 | 90 |"]


def _draw(folder: Path, rows: int, *, refused: bool = False) -> Path:
    code = f"from pathlib import Path; print(draw_customers(Path({str(folder)!r}), {rows}, has_refused={refused}))"
    return Path(_run("-c", f"from customers import draw_customers; {code}").strip())


def _run(*arguments: str, rounds: int = 3) -> str:
    done = _start(*arguments, rounds=rounds)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _start(*arguments: str, rounds: int = 3) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(_BENCHMARKS), "AUGURY_BENCH_ROUNDS": str(rounds)}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, timeout=110, cwd=_BENCHMARKS
    )
