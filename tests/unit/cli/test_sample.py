from __future__ import annotations

import json
from pathlib import Path

import augury
from tests.unit.cli.conftest import Run


def test_every_record_satisfies_the_contract(run: Run, artifact: Path) -> None:
    """Each line is one record that the model scores without a note; whole numbers are written whole."""
    model = augury.load(artifact)
    lines = run("sample", artifact, "-n", 200).stdout.splitlines()
    assert len(lines) == 200
    assert len(set(lines)) > 190
    assert all(model.predict_json(line.encode()).notes == () for line in lines)
    assert isinstance(json.loads(lines[0])["tenure"], int)


def test_the_same_seed_draws_the_same(run: Run, artifact: Path) -> None:
    """The seed decides, also across the batches in which records are written."""
    first = run("sample", artifact, "-n", 1500, "--seed", 3).stdout
    assert first == run("sample", artifact, "-n", 1500, "--seed", 3).stdout
    assert first.startswith(run("sample", artifact, "-n", 1001, "--seed", 3).stdout)
    assert first != run("sample", artifact, "-n", 1500, "--seed", 4).stdout


def test_it_says_that_the_records_are_made_up(run: Run, artifact: Path) -> None:
    """Standard error says that each field was drawn by itself."""
    assert "each field was drawn by itself from the profile" in run("sample", artifact).stderr


def test_json_is_one_array_of_the_same_records(run: Run, artifact: Path) -> None:
    """With --json the records are one array."""
    lines = run("sample", artifact, "-n", 1200).stdout.splitlines()
    assert json.loads(run("sample", artifact, "-n", 1200, "--json").stdout) == [json.loads(line) for line in lines]


def test_a_file_is_written_whole(run: Run, artifact: Path, tmp_path: Path) -> None:
    """-o writes what would have been printed, and leaves nothing else behind."""
    before = set(tmp_path.iterdir())
    shown = run("sample", artifact, "-n", 10, "-o", "out.jsonl")
    assert shown.stdout == ""
    assert tmp_path.joinpath("out.jsonl").read_text() == run("sample", artifact, "-n", 10).stdout
    assert set(tmp_path.iterdir()) - before == {tmp_path / "out.jsonl"}


def test_a_drawn_record_can_be_scored(run: Run, artifact: Path) -> None:
    """`augury sample MODEL | augury predict MODEL -` works."""
    drawn = run("sample", artifact)
    assert run("predict", artifact, "-", stdin=drawn.stdout_bytes).exit_code == 0
