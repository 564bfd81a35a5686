from __future__ import annotations

import json
from pathlib import Path

from msgspec import structs

from augury.artifact.canonical import seal
from tests.unit.artifact.documents import make_document
from tests.unit.cli.conftest import Run


def test_each_check_has_a_line(run: Run, artifact: Path) -> None:
    """Every check that holds is ticked, with what was found."""
    shown = run("verify", artifact)
    assert shown.exit_code == 0
    *checks, verdict = shown.stdout.splitlines()
    names = ["format", "digest", "rendering", "contract", "model", "golden rows"]
    assert [line[2:13].strip() for line in checks] == names
    assert all(line.startswith("✓") for line in checks)
    assert checks[-1].endswith("2 of 2 agree bit for bit, on the scorer that answers")
    assert verdict.endswith(" is sound")


def test_json_holds_the_same_checks(run: Run, artifact: Path) -> None:
    """With --json the checks are members of one object."""
    answer = json.loads(run("verify", artifact, "--json").stdout)
    assert answer["digest"] == answer["checks"]["digest"]
    assert list(answer["checks"])[-1] == "golden rows"


def test_a_damaged_artifact_exits_with_3(run: Run, artifact: Path) -> None:
    """One changed byte is refused with one sentence and nothing ticked."""
    content = bytearray(artifact.read_bytes())
    content[len(content) // 2] ^= 1
    artifact.write_bytes(content)
    shown = run("verify", artifact)
    assert (shown.exit_code, shown.stdout) == (3, "")
    assert shown.stderr.count("\n") == 1


def test_a_golden_row_that_differs_exits_with_3(run: Run, tmp_path: Path) -> None:
    """A sealed artifact whose golden margin is wrong is refused by that row."""
    document = make_document()
    first, *rest = document.model.golden
    wrong = structs.replace(first, margin=first.margin + 1e-9)
    body = structs.replace(document.model, golden=(wrong, *rest))
    path = tmp_path / "wrong.augury.json"
    path.write_bytes(seal(structs.replace(document, model=body))[1])
    shown = run("verify", path)
    assert (shown.exit_code, shown.stdout) == (3, "")
    assert "golden row 1 of churn" in shown.stderr
