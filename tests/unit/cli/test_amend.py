from __future__ import annotations

import json
from pathlib import Path

import pytest

import augury
from augury.contract.fields import Bounds, CategoryField, IntegerField
from tests.unit.cli.conftest import Run


def test_a_policy_and_the_threshold_make_another_artifact(run: Run, artifact: Path, tmp_path: Path) -> None:
    """What is named changes, the rest and the old file stay, and both labels are told."""
    before = artifact.read_bytes()
    new = tmp_path / "new.augury.json"
    said = ["--unseen", "contract=refuse", "--bounds", "tenure=0:120", "--near", "tenure=refuse", "--threshold", "0.31"]
    shown = run("amend", artifact, "-o", new, *said)
    assert shown.exit_code == 0
    assert artifact.read_bytes() == before
    old, amended = augury.load(artifact), augury.load(new)
    assert amended.threshold == 0.31
    assert amended.digest != old.digest
    fields = {field.name: field for field in amended.contract.features}
    assert isinstance(fields["contract"], CategoryField)
    assert isinstance(fields["tenure"], IntegerField)
    assert fields["contract"].unseen == "refuse"
    assert (fields["tenure"].accepted, fields["tenure"].near) == (Bounds(0.0, 120.0), "refuse")
    assert f"{old.name}@{old.digest[7:19]} → {amended.name}@{amended.digest[7:19]}" in shown.stdout
    for line in ("unseen: contract refuse", "bounds: tenure 0.0 to 120.0", "threshold: 0.31"):
        assert line in shown.stdout


def test_an_artifact_may_be_amended_in_its_place(run: Run, artifact: Path) -> None:
    """-o may name the artifact itself."""
    answer = json.loads(run("amend", artifact, "-o", artifact, "--unknown-key", "refuse", "--json").stdout)
    assert augury.load(artifact).digest == answer["digest"] != answer["was"]
    assert augury.load(artifact).contract.unknown_key == "refuse"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ([], "nothing to change was named"),
        (["--unseen", "gender=note"], "the model has no rule"),
        (["--unseen", "gendr=note"], "'gender'"),
        (["--threshold", "2"], "2.0 is not in the range 0<=x<=1"),
        (["--threshold", "nan"], "nan is not in the range 0<=x<=1"),
        (["--name", "a b"], "'a b' is not 1 to 64 letters, digits, dots, hyphens and underscores"),
        (["--bounds", "tenure=9:1"], "crossed"),
        (["--unseen", "tenure=note"], "no policy 'unseen'"),
    ],
)
def test_what_cannot_be_honoured_changes_nothing(run: Run, artifact: Path, said: list[str], sentence: str) -> None:
    """A contradiction exits with 2 and one sentence, and the artifact stays as it is."""
    before = artifact.read_bytes()
    shown = run("amend", artifact, "-o", artifact, *said)
    assert shown.exit_code == 2
    assert sentence in shown.stderr
    assert shown.stderr.count("\n") == 1
    assert artifact.read_bytes() == before


@pytest.mark.parametrize(("output", "sentence"), [(".", "this is a directory"), ("no/x.json", "does not exist")])
def test_where_nothing_can_be_written_is_seen_first(run: Run, artifact: Path, output: str, sentence: str) -> None:
    """An output that is a folder, or in none, exits with 2."""
    shown = run("amend", artifact, "-o", output, "--threshold", "0.4")
    assert shown.exit_code == 2
    assert sentence in shown.stderr


def test_another_threshold_forgets_the_decisions(run: Run, artifact: Path, tmp_path: Path) -> None:
    """What was counted at the old threshold is left out, and what does not hang on it stays."""
    before = augury.load(artifact).document.model.evaluation
    assert before is not None
    new = tmp_path / "new.augury.json"
    assert run("amend", artifact, "-o", new, "--threshold", "0.31").exit_code == 0
    after = augury.load(new).document.model.evaluation
    assert after is not None
    assert (after.metrics.confusion, after.profit) == (None, None)
    assert [group.metrics.confusion for group in after.groups] == [None] * len(before.groups)
    assert (after.metrics.auc, after.calibration, after.deciles) == (
        before.metrics.auc,
        before.calibration,
        before.deciles,
    )


@pytest.mark.parametrize("said", [["--unseen", "contract=refuse"], ["--threshold", "0.5"], ["--name", "other"]])
def test_the_same_threshold_keeps_the_evaluation(run: Run, artifact: Path, tmp_path: Path, said: list[str]) -> None:
    """A policy, a name and the threshold that it has already leave the evaluation as it is."""
    new = tmp_path / "new.augury.json"
    assert run("amend", artifact, "-o", new, *said).exit_code == 0
    assert augury.load(new).document.model.evaluation == augury.load(artifact).document.model.evaluation
