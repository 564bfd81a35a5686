from __future__ import annotations

import itertools
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from augury.api import find_bundled
from augury.batch.ledger import Receipt
from augury.batch.parts import PartScorer
from augury.batch.source import Part
from augury.errors import TableError, UsageError
from tests.batch.conftest import Predict
from tests.batch.tables import SAID, WRITERS, Row
from tests.unit.cli.conftest import Run, run

__all__ = ["run"]  # a fixture of the command line's tests

PART_ROWS = 2000


class _StoppedError(Exception):
    """Stands for whatever ends a run."""


@pytest.fixture
def stopped(predict: Predict, customers: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table in CSV, of which two parts of four were scored before the run was stopped."""
    source = Path(WRITERS["csv"](_spoil(customers), tmp_path))
    _stop_after(2, monkeypatch)
    with pytest.raises(_StoppedError):
        predict(source, part_rows=PART_ROWS)
    monkeypatch.undo()
    return source


def _spoil(customers: list[Row]) -> list[Row]:
    return [{**row, "gender": "Mal"} if number % 500 == 7 else row for number, row in enumerate(customers)]


def _stop_after(parts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    score, counter = PartScorer.score, itertools.count()

    def score_some(self: PartScorer, part: Part) -> Receipt:
        if next(counter) == parts:
            raise _StoppedError
        return score(self, part)

    monkeypatch.setattr(PartScorer, "score", score_some)


def _read_outputs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name.startswith("out.")}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_stopped_run_is_gone_on_with(
    predict: Predict, customers: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """From every kind of source, what was stopped and gone on with equals what was never stopped, byte for byte."""
    (tmp_path / "there").mkdir()
    source, said = WRITERS[kind](_spoil(customers), tmp_path), SAID.get(kind, {})
    whole = predict(source, output=tmp_path / "there" / "out.csv", part_rows=PART_ROWS, **said)
    _stop_after(2, monkeypatch)
    with pytest.raises(_StoppedError):
        predict(source, part_rows=PART_ROWS, **said)
    monkeypatch.undo()
    done = len(list((tmp_path / "out.csv.augury-parts").glob("part-*.json")))
    assert done == 2
    summary = predict(source, part_rows=PART_ROWS, resume=True, **said)
    assert (summary.rows, summary.scored, summary.faults) == (whole.rows, whole.scored, whole.faults)
    assert _read_outputs(tmp_path) == _read_outputs(tmp_path / "there")


def test_what_a_stopped_run_left_is_told(predict: Predict, stopped: Path) -> None:
    """A run in whose way a stopped one lies says so, and how to go on or start anew."""
    with pytest.raises(UsageError, match=r"a run was stopped here; go on with --resume, or start anew with --force"):
        predict(stopped, part_rows=PART_ROWS)


def test_force_starts_anew(predict: Predict, stopped: Path) -> None:
    """With force, parts of the stopped run are dropped."""
    assert predict(stopped, part_rows=3000, force=True).rows == 7043


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"part_rows": 900}, "the stopped run was of another set of options"),
        ({"ids": ("tenure",), "part_rows": PART_ROWS}, "the stopped run was of another set of options"),
    ],
)
def test_only_the_same_run_is_gone_on_with(
    predict: Predict, stopped: Path, said: dict[str, object], sentence: str
) -> None:
    """Other options are refused in one sentence, for the parts would not go together."""
    with pytest.raises(UsageError, match=sentence):
        predict(stopped, resume=True, **said)


def test_a_changed_table_is_not_gone_on_with(predict: Predict, stopped: Path) -> None:
    """A table that was written again since is another one."""
    stopped.write_bytes(stopped.read_bytes() + b"\n")
    with pytest.raises(UsageError, match="the stopped run was of another table"):
        predict(stopped, resume=True, part_rows=PART_ROWS)


def test_a_part_that_was_cut_is_scored_again(predict: Predict, stopped: Path, tmp_path: Path) -> None:
    """A part whose file has another size than its receipt says is no finished part, and a temporary file is dropped."""
    folder = tmp_path / "out.csv.augury-parts"
    (folder / "part-00001.csv").write_bytes(b"x")
    (folder / "answers.tmp").write_bytes(b"x")
    assert predict(stopped, resume=True, part_rows=PART_ROWS).rows == 7043
    assert len((tmp_path / "out.csv").read_bytes().splitlines()) == 1 + 7043 - 15


def test_a_table_that_changes_meanwhile_is_told(
    predict: Predict, customers: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file to which rows are added while it is read gives no answers, for nobody knows which rows they are of."""
    source = Path(WRITERS["csv"](customers, tmp_path))
    score = PartScorer.score

    def score_and_touch(self: PartScorer, part: Part) -> Receipt:
        os.utime(source, ns=(1, 1))
        return score(self, part)

    monkeypatch.setattr(PartScorer, "score", score_and_touch)
    with pytest.raises(TableError, match="the table changed while it was read"):
        predict(source)
    assert not (tmp_path / "out.csv").exists()


def test_a_folder_of_parts_is_gone_on_with(
    run: Run, predict: Predict, customers: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command takes up what was left beside the folder, and a folder that is there is filled anew."""
    source = WRITERS["csv"](customers, tmp_path)
    _stop_after(2, monkeypatch)
    with pytest.raises(_StoppedError):
        predict(source, output=tmp_path / "scores", is_folder=True, part_rows=PART_ROWS)
    monkeypatch.undo()
    said = ("predict", find_bundled(), source, "-o", f"{tmp_path}/scores/", "--part-rows", PART_ROWS)
    for more in (("--resume",), ()):
        ran = run(*said, *more)
        assert (ran.exit_code, ran.stderr) == (0, "")
        assert len(list((tmp_path / "scores").glob("part-*.parquet"))) == 4


def _start(source: str, output: Path, *said: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "augury", "predict", find_bundled(), source, "-o", str(output), *said]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _wait_for_parts(folder: Path, parts: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None and len(list(folder.glob("part-*.json"))) < parts:
        time.sleep(0.005)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_kill_loses_no_row_and_writes_none_twice(customers: list[Row], tmp_path: Path, kind: str) -> None:
    """Killed three times, each a moment after a part was done, a run that is gone on with gives what it should."""
    source = WRITERS[kind](_spoil(customers), tmp_path)
    (tmp_path / "there").mkdir()
    said = ("--part-rows", "1000", "--threads", "1")
    whole = _start(source, tmp_path / "there" / "out.csv", *said)
    whole.communicate()
    assert whole.returncode == 4
    draw = random.Random(7)
    for parts in (1, 3, 5):
        process = _start(source, tmp_path / "out.csv", *said, "--resume")
        _wait_for_parts(tmp_path / "out.csv.augury-parts", parts, process)
        time.sleep(draw.random() * 0.05)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert not (tmp_path / "out.csv").exists()
    last = _start(source, tmp_path / "out.csv", *said, "--resume")
    last.communicate()
    assert last.returncode == 4
    assert _read_outputs(tmp_path) == _read_outputs(tmp_path / "there")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_says_how_to_go_on(customers: list[Row], tmp_path: Path, number: signal.Signals) -> None:
    """A signal ends a run with status 130; finished parts are kept, and nothing is half-written."""
    source = WRITERS["csv"](customers, tmp_path)
    process = _start(source, tmp_path / "out.csv", "--part-rows", "1000", "--threads", "1")
    _wait_for_parts(tmp_path / "out.csv.augury-parts", 2, process)
    process.send_signal(number)
    _, said = process.communicate()
    assert process.returncode == 130
    folder = tmp_path / "out.csv.augury-parts"
    assert said.decode() == f"augury: stopped; what is finished is kept in {folder}; go on with --resume\n"
    assert not (tmp_path / "out.csv").exists()
    names = {re.sub(r"\d{5}", "N", path.name) for path in folder.iterdir()}
    assert names <= {"manifest.json", "part-N.json", "part-N.csv", "answers.tmp", "rejects.tmp"}


def test_two_runs_over_one_output_are_kept_apart(
    predict: Predict, customers: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a run is at work a second one is refused, forced or not, and takes nothing from the first."""
    source = Path(WRITERS["csv"](customers, tmp_path))
    score, refusals = PartScorer.score, []

    def intrude(self: PartScorer, part: Part) -> Receipt:
        for said in ({}, {"resume": True}, {"force": True}):
            with pytest.raises(UsageError, match="another run is at work on this output"):
                predict(source, part_rows=PART_ROWS, **said)
            refusals.append(said)
        return score(self, part)

    monkeypatch.setattr(PartScorer, "score", intrude)
    assert predict(source, part_rows=PART_ROWS).scored == len(customers)
    assert len(refusals) == 3 * 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", source.name]
    monkeypatch.undo()
    _stop_after(1, monkeypatch)
    with pytest.raises(_StoppedError):
        predict(source, part_rows=PART_ROWS)
    monkeypatch.undo()
    with pytest.raises(UsageError, match="a run was stopped here"):
        predict(source, part_rows=PART_ROWS)
    assert predict(source, part_rows=PART_ROWS, resume=True).scored == len(customers)
