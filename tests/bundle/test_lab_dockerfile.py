"""Whether the lab's own two commands work in examples/lab-05: its Dockerfile, from what a bundle has locked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from augury.bundle.bundle import read_model
from tests.bundle.container import build, open_place
from tests.bundle.test_dockerfile import answer_in, lint

LAB = Path(__file__).parents[2] / "examples" / "lab-05"
pytestmark = pytest.mark.timeout(600)


def test_the_linter_is_content() -> None:
    """Hadolint finds nothing to say of the example's Dockerfile."""
    assert lint(LAB / "Dockerfile") == (0, "")


def test_the_labs_commands(bundle: Path, tmp_path: Path) -> None:
    """What `docker build` does in the folder, once `deploy` is there, is an image that answers the lab's customer."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is absent")
    context = tmp_path / "context"
    shutil.copytree(LAB, context)
    shutil.copytree(bundle, context / "deploy")
    customer = json.loads((LAB / "customer.json").read_text("utf-8"))
    model, _ = read_model(str(bundle / "churn.augury.json"))
    with open_place() as place:
        answer = answer_in(build(context, place), customer)
    assert answer["churn_probability"] == model.predict_one(customer).probability
