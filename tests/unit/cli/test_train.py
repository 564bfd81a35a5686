from __future__ import annotations

import csv
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import augury
from tests.unit.cli.conftest import Run
from tests.unit.training.tables import make_customers

WRITTEN = ["-o", "left.augury.json", "--report", "left.html", "--pickle", "left.bin"]
RECIPE = "[classifier]\nC = 0.5\n"


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    """The made-up customers in a file, beside a recipe that is quickly fitted."""
    rows = make_customers()
    path = tmp_path / "customers.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (tmp_path / "quick.toml").write_text(RECIPE)
    return path


def test_a_table_becomes_an_artifact(run: Run, customers: Path) -> None:
    """What was fitted, how well it does, the contract and what was noticed are printed; the file is the model."""
    shown = run("train", customers, "--target", "Churn", "--id", "customerID", "--by", "Plan")
    assert (shown.exit_code, shown.stderr) == (0, "")
    model = augury.load("churn.augury.json")
    assert shown.stdout.startswith(f"churn@{model.digest[7:19]} from ")
    assert "fitted on 320 rows with C = " in shown.stdout
    assert "80 held out" in shown.stdout
    for part in ("AUC", "log loss", "contract: 5 features", "noticed\n", "otherwise: --positive No"):
        assert part in shown.stdout
    assert shown.stdout.endswith("written to churn.augury.json\n")
    assert run("verify", "churn.augury.json").exit_code == 0


def test_every_output_is_written_and_again_the_same(run: Run, customers: Path, tmp_path: Path) -> None:
    """Artifact, report and pickle stand beside each other, with nothing else; a second time they are the same bytes."""
    arguments = ["train", customers, "--target", "Churn", "--id", "customerID", "--recipe", "quick.toml", *WRITTEN]
    assert run(*arguments).exit_code == 0
    names = ["customers.csv", "left.augury.json", "left.bin", "left.html", "quick.toml"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    first = {name: Path(name).read_bytes() for name in names}
    assert run(*arguments).exit_code == 0
    assert {name: Path(name).read_bytes() for name in names} == first
    assert hasattr(pickle.loads(first["left.bin"]), "predict_proba")
    assert first["left.html"].startswith(b"<!doctype html>".upper()) or first["left.html"].startswith(b"<!")


def test_json_holds_everything(run: Run, customers: Path) -> None:
    """With --json digest, decision, evaluation, contract and notices are one object."""
    arguments = ["train", customers, "--target", "Churn", "--recipe", "quick.toml", "--recall", "0.8", "--json"]
    answer = json.loads(run(*arguments).stdout)
    assert answer["digest"] == augury.load(answer["path"]).digest
    assert answer["evaluation"]["held_out"]["rows"] == 80
    assert "0.8 of the positives" in answer["decision"]["chosen"]
    assert {"identifier", "positive"} <= {notice["code"] for notice in answer["notices"]}
    assert next(field["name"] for field in answer["contract"]["fields"]) == "Plan"


def test_a_drawn_table_is_trained_on(run: Run, customers: Path) -> None:
    """--rows draws while reading, and --seed says which."""
    arguments = ["train", customers, "--target", "Churn", "--recipe", "quick.toml", "--rows", "200", "--json"]
    first, again, other = (json.loads(run(*arguments, "--seed", seed).stdout) for seed in (1, 1, 2))
    assert first["fitted"] == 160
    assert first["digest"] == again["digest"] != other["digest"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--target", "Chrn"], "there is no column 'Chrn' (nearest is 'Churn')"),
        (["--target", "Churn", "-o", "customers.csv"], "it would take the place of what is read"),
        (["--target", "Churn", "--recipe", "quick.toml", "--report", "quick.toml"], "take the place of what is read"),
        (["--target", "Churn", "-o", "x", "--report", "x"], "-o names it too"),
        (["--target", "Churn", "-o", "absent/x"], "its folder does not exist"),
        (["--target", "Churn", "--pickle", "."], "this is a directory"),
        (["--target", "Churn", "--threshold", "0.5", "--recall", "0.5"], "each choose a threshold"),
        (["--target", "Churn", "--recipe", "labs"], "did you mean 'lab'?"),
        (["--target", "Churn", "--class-weight", "heavy"], "'heavy' is not one of"),
        ([], "Missing option '--target'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    run: Run, customers: Path, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    """The exit status is 2, and nothing is left behind."""
    before = sorted(tmp_path.iterdir())
    refused = run("train", customers, *arguments)
    assert refused.exit_code == 2
    assert sentence in refused.stderr
    assert sorted(tmp_path.iterdir()) == before


def test_a_failure_at_the_end_leaves_what_was_there(
    run: Run, customers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the last of several files cannot be written the others are not replaced either."""
    (tmp_path / "left.augury.json").write_text("old")
    real = os.fsync
    calls: list[int] = []

    def fail_at_third(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fail_at_third)
    refused = run("train", customers, "--target", "Churn", "--recipe", "quick.toml", *WRITTEN)
    assert refused.exit_code == 2
    assert "the file cannot be written: No space left on device" in refused.stderr
    assert (tmp_path / "left.augury.json").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["customers.csv", "left.augury.json", "quick.toml"]


@pytest.mark.parametrize("recipe", ["logistic", "lab"])
@pytest.mark.parametrize("wait", [0.3, 1.5, 2.5, 3.5])
def test_stopped_at_any_moment_nothing_is_left(customers: Path, tmp_path: Path, recipe: str, wait: float) -> None:
    """Ctrl-C while reading, fitting (in a child too) or evaluating leaves none of the files, or all of them."""
    before = sorted(path.name for path in tmp_path.iterdir())
    command = [sys.executable, "-c", "from augury.cli.main import main; main()", "train", str(customers)]
    command += ["--target", "Churn", "--recipe", recipe, *WRITTEN]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(wait)  # the moment is what is tried; any outcome below is right
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    left = sorted(path.name for path in tmp_path.iterdir())
    complete = sorted([*before, "left.augury.json", "left.bin", "left.html"])
    if process.returncode == 0:
        assert left == complete
    else:
        # The latter before the command line has begun, or after it has ended.
        assert process.returncode in (130, -signal.SIGINT)
        assert left in (before, complete)  # all of them where it came when they were written
        if process.returncode == 130:
            assert b"Traceback" not in said
