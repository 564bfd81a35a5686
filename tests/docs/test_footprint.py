"""The page on what a service takes says what was measured, and what is measured is what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.markers import Marker

from augury.bundle.lock import read_lock
from tests.docs.pages import REPOSITORY

_PAGE = REPOSITORY / "docs" / "explanation" / "footprint.md"
_BENCHMARKS = REPOSITORY / "benchmarks"
_HEAD = """
from bench_environments import Footprint, Installed, OURS, Start, list_panels, write_promises, write_ratios, write_table

def measure(packages, megabytes, *seconds):
    return Footprint(Installed(packages, megabytes), [Start(each, 4 * megabytes, 5 * megabytes) for each in seconds])
"""


@pytest.fixture(scope="module")
def table() -> list[list[str]]:
    """The rows of the page's table, its head first."""
    page = _PAGE.read_text("utf-8")
    (section,) = re.findall(
        r"<!-- environments: written by benchmarks -->(.*)<!-- environments: end -->", page, re.DOTALL
    )
    lines = re.findall(r"^\|.*\|$", section, re.MULTILINE)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [rows[0], *rows[2:]]


def test_other_pages_quote_the_table(table: list[list[str]]) -> None:
    """The README and the lab's page tell our packages, size and memory, and the lab's size, as the table has them."""
    rows = {row[0]: dict(zip(table[0], row, strict=True)) for row in table[1:]}
    ours, lab = rows["augury serve"], rows["the lab: Flask, gunicorn"]
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    told = re.search(r"What answers is (\w+) packages of (\d+) MB and (\d+) MB of memory", readme)
    assert told is not None
    assert told.groups() == ({"12": "twelve"}[ours["packages"]], ours["MB installed"], ours["MB, largest process"])
    page = (REPOSITORY / "examples" / "lab-05" / "README.md").read_text("utf-8")
    told = re.search(r"four packages it is (\d+) MB; this one is (\d+) MB", page)
    assert told is not None
    assert told.groups() == (lab["MB installed"], ours["MB installed"])


def test_the_picture_shows_what_the_table_says(table: list[list[str]]) -> None:
    """Every name and every drawn figure of the table stands in the picture, and nothing else does."""
    names = [row[0] for row in table[1:]]
    drawn = [cell.partition(" (")[0] for row in table[1:] for cell in row[1:5]]
    picture = _PAGE.with_name("footprint.svg").read_text("utf-8")
    assert sorted(re.findall(r"<text[^>]*>([^<]+)</text>", picture)) == sorted([*table[0][1:5], *names, *drawn])


def test_the_page_compares_all_and_keeps_what_was_promised(table: list[list[str]]) -> None:
    """Seven ways to serve stand in the table, and ours stays within 15 packages, 30 MB, 0.6 s and 60 MB."""
    rivals = {"the lab: Flask, gunicorn", "BentoML", "MLflow", "MLServer", "LitServe", "vetiver"}
    assert {row[0] for row in table[1:]} == rivals | {"augury serve"}
    (ours,) = (row[1:5] for row in table if row[0] == "augury serve")
    assert table[0][1:5] == ["packages", "MB installed", "s to the first answer", "MB, largest process"]
    assert all(float(cell.split()[0]) <= most for cell, most in zip(ours, (15, 30, 0.6, 60), strict=True))


def test_the_page_counts_the_packages_that_a_bundle_locks_today(table: list[list[str]]) -> None:
    """Ours are as many as a bundle's lock has for the page's Python, and Augury."""
    told = re.search(r"Linux, Python (\d\.\d+)\.", _PAGE.read_text("utf-8"))
    assert told is not None
    there = {"python_version": told[1], "python_full_version": f"{told[1]}.0", "sys_platform": "linux"}
    needed = [each for each in read_lock() if not each.marker or Marker(each.marker).evaluate(there)]
    (ours,) = (row for row in table if row[0] == "augury serve")
    assert int(ours[1]) == len(needed) + 1


def test_an_environment_is_measured_without_pip_and_bytecode(tmp_path: Path) -> None:
    """Of one package, pip and bytecode, the package alone is counted, with all of its files."""
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    for name, size in (("small", 1_000_000), ("pip", 5_000_000)):
        (site / name / "__pycache__").mkdir(parents=True)
        (site / name / "__init__.py").write_bytes(b"#" * size)
        (site / name / "__pycache__" / "__init__.pyc").write_bytes(b"0" * 7_000_000)
        (site / f"{name}-1.0.dist-info").mkdir()
        metadata = site / f"{name}-1.0.dist-info" / "METADATA"
        metadata.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n" + "x" * 500_000)
        (metadata.parent / "RECORD").write_text(f"{name}/__init__.py,,\n{name}-1.0.dist-info/METADATA,,\n")
    (site / "pip-1.0.dist-info" / "RECORD").write_text("pip/__init__.py,,\npip-1.0.dist-info/METADATA,,\n")
    code = f"import environments, pathlib; print(environments.measure_environment(pathlib.Path({str(tmp_path)!r})))"
    told = re.fullmatch(r"Installed\(packages=(\d+), megabytes=([\d.]+)\)\s*", _run(code))
    assert told is not None
    assert int(told[1]) == 1
    assert float(told[2]) == pytest.approx(1.5, abs=0.001)


@pytest.mark.parametrize(
    ("server", "answer", "is_right"),
    [
        ("AUGURY", '{"churn_probability":0.05960568770951473,"churn":false}', True),
        ("AUGURY", '{"churn_probability":0.0619,"churn":false}', False),
        ("AUGURY", '{"detail":"not ready"}', False),
        ("AUGURY", "[]", False),
        ("MLFLOW", '{"predictions":[[0.94039431,0.05960569]]}', True),
        ("MLFLOW", '{"predictions":[[0.05960569,0.94039431]]}', False),
        ("MLFLOW", '{"predictions":[["yes","no"]]}', False),
        ("VETIVER", '{"predict":[false]}', True),
        ("VETIVER", '{"predict":[true]}', False),
    ],
)
def test_only_the_right_number_is_an_answer(server: str, answer: str, *, is_right: bool) -> None:
    """A server is not measured on a number that is another's, on one in another place, or on none."""
    code = f"import contenders, serving; serving.check_answer(contenders.{server}, {answer.encode()!r})"
    done = _start(code)
    assert (done.returncode == 0) == is_right
    assert is_right or "does not answer" in done.stderr


def test_the_table_has_medians_with_their_range_and_the_smallest_first() -> None:
    """Of three starts the middle one is told, the others behind it; a ratio is taken within a round."""
    code = """
found = {"other": measure(30, 200, 3, 4, 8), OURS: measure(10, 20, 0.3, 0.4, 0.8)}
print(write_table(found), *write_ratios(found), list_panels(found)["s to the first answer"], sep="\\n")
"""
    *rows, packages, _, _, _, panel = _run(_HEAD + code).splitlines()
    assert rows[2] == "| augury serve | 10 | 20 | 0.40 (0.30 – 0.80) | 80 | 100 | 1 |"
    assert rows[3] == "| other | 30 | 200 | 4.00 (3.00 – 8.00) | 800 | 1,000 | 10 (10 – 10) |"
    assert packages == "3 to 3 × our packages"
    assert panel == "{'augury serve': '0.40', 'other': '4.00'}"


def test_a_promise_that_is_not_kept_is_told() -> None:
    """Whoever takes more than was promised is said to, however it is rounded."""
    lines = _run(_HEAD + "print(*write_promises({OURS: measure(16, 20, 0.601)}), sep='\\n')").splitlines()
    assert [line.partition(":")[0] for line in lines] == ["NOT reached", "reached", "NOT reached", "NOT reached"]


def test_the_page_has_one_section_that_its_benchmark_writes() -> None:
    """What the benchmark writes has its place on the page, and no place is left that it does not write."""
    code = (_BENCHMARKS / "bench_environments.py").read_text("utf-8")
    written = re.findall(r'put_section\(docs_page\.FOOTPRINT, "(\w+)"', code)
    assert re.findall(r"<!-- (\w+): written by benchmarks -->", _PAGE.read_text("utf-8")) == written


def _run(code: str) -> str:
    done = _start(code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _start(code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(_BENCHMARKS)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
