from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import augury

MODEL = Path(augury.__file__).with_name("models") / "churn.augury.json"


def make_bundle(folder: Path, *options: str, model: Path = MODEL) -> Path:
    """Make a bundle by the command, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "augury", "bundle", str(model), "-o", str(folder), *options],
        env=dict(os.environ), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of the churn model, as it is made without options; nobody changes it."""
    return make_bundle(tmp_path_factory.mktemp("bundle") / "deploy")
