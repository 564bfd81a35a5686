"""Whether GitHub takes the workflow, and what it lets it do."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from augury.bundle.parts import PARTS
from tests.unit.bundle.deployments import NAMES, make_deployment, write_part
from tests.unit.bundle.judges import judge, lay_out

FILE = ".github/workflows/image.yaml"


def write_workflow(name: str = "churn") -> str:
    """The workflow for a model of this name."""
    return write_part("workflow", make_deployment(name))[FILE]


def read_workflow(name: str = "churn") -> dict[str, Any]:
    """The same, read."""
    workflow: dict[str, Any] = yaml.safe_load(write_workflow(name))
    return workflow


def test_it_is_valid(tmp_path: Path) -> None:
    """The workflow satisfies GitHub's schema, and each job has an end, under any name of a model."""
    lay_out(tmp_path, {f"{at}.yaml": write_workflow(name) for at, name in enumerate(NAMES)})
    for schema in ("vendor.github-workflows", "custom.github-workflows-require-timeout"):
        status, said = judge("check-jsonschema", "--builtin-schema", schema, *tmp_path.iterdir())
        assert status == 0, said


def test_nothing_in_it_can_be_turned_against_its_owner(tmp_path: Path) -> None:
    """An auditor of workflows finds nothing, however small; one that is not pinned it finds."""
    text = write_workflow()
    lay_out(tmp_path, {"good.yaml": text, "bad.yaml": re.sub(r"checkout@\w+", "checkout@v7", text)})
    audit = ("--offline", "--no-config", "--persona=pedantic", "--quiet")
    status, said = judge("zizmor", *audit, tmp_path / "good.yaml")
    assert status == 0, said
    status, said = judge("zizmor", *audit, tmp_path / "bad.yaml")
    assert status != 0
    assert "unpinned-uses" in said


def test_every_action_is_pinned_by_its_commit() -> None:
    """A tag can be moved, so it is only a comment."""
    lines = re.findall(r"uses: .*", write_workflow())
    assert len(lines) >= 8
    assert all(re.fullmatch(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line) for line in lines)


def test_nothing_of_githubs_is_pasted_into_a_shell() -> None:
    """What somebody else may write, such as a branch's name, reaches a shell as a variable's value alone."""
    steps = [step for job in read_workflow()["jobs"].values() for step in job["steps"]]
    commands = [step["run"] for step in steps if "run" in step]
    assert len(commands) >= 3
    assert not any("${{" in command for command in commands)


def test_only_what_reaches_the_main_branch_is_pushed() -> None:
    """Logging in, pushing and signing come after the scan, and not for a request to merge."""
    jobs = read_workflow()["jobs"]
    assert jobs["image"]["needs"] == "check"
    steps = jobs["image"]["steps"]
    scanned = next(at for at, step in enumerate(steps) if "trivy" in step.get("uses", ""))
    assert steps[scanned]["with"]["exit-code"] == "1"
    for at, step in enumerate(steps):
        asked = step.get("with", {})
        is_outward = "login" in step.get("uses", "") or asked.get("push") or "push-to-registry" in asked
        assert (step.get("if") == "env.PUSHES == 'true'") is bool(is_outward)
        assert at > scanned or not is_outward


@pytest.mark.parametrize("name", NAMES)
def test_texts_stay_texts(name: str) -> None:
    """Versions that look like numbers are texts, and the image is named as the bundle names it."""
    jobs = read_workflow(name)["jobs"]
    versions = [
        step["with"]["python-version"] for step in jobs["check"]["steps"] if "setup-python" in step.get("uses", "")
    ]
    assert versions == ["3.13"]
    assert jobs["image"]["env"]["TAG"] == make_deployment(name).image


def test_it_names_no_registry() -> None:
    """Whose registry it is pushed to is the repository's own setting; without one nothing is pushed, nor fails."""
    job = read_workflow()["jobs"]["image"]
    assert "vars.REGISTRY != ''" in job["env"]["PUSHES"]
    name = next(step["run"] for step in job["steps"] if step.get("id") == "name")
    for registry, image in {"": "ann/churn", "registry.example": "registry.example/ann/churn"}.items():
        told = {
            "REGISTRY": registry,
            "TAG": "churn:1",
            "GITHUB_REPOSITORY_OWNER": "Ann",
            "GITHUB_OUTPUT": "/dev/stdout",
        }
        said = subprocess.run(["bash", "-c", name], env=told, capture_output=True, text=True, check=True).stdout
        assert said == f"image={image}:1\nrepository={image}\n"


def test_what_it_signs_is_in_the_bundle() -> None:
    """The bill of materials that is attested is the one that comes with the workflow."""
    signed = re.findall(r"sbom-path: (\S+)", write_workflow())
    written = [path for part in PARTS["workflow"].needs for path in write_part(part, make_deployment())]
    assert len(signed) == 1
    assert set(signed) <= set(written)
