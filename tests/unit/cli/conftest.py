from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from augury.cli.main import main
from tests.unit.artifact.documents import make_artifact, make_record

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test works in a folder of its own, with no variable of the developer's."""
    monkeypatch.chdir(tmp_path)
    for name in ("AUGURY_TRACEBACK", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run() -> Run:
    """Run a command in this process; paths may be given as such."""

    def run_command(*arguments: object, stdin: bytes | None = None, **environment: str) -> Result:
        return CliRunner().invoke(main, list(map(str, arguments)), input=stdin, env=environment)

    return run_command


@pytest.fixture(scope="session")
def artifact_bytes() -> bytes:
    """An artifact with every kind of field and every node."""
    return make_artifact()


@pytest.fixture
def artifact(tmp_path: Path, artifact_bytes: bytes) -> Path:
    """That artifact in a file."""
    path = tmp_path / "churn.augury.json"
    path.write_bytes(artifact_bytes)
    return path


@pytest.fixture
def customer(tmp_path: Path) -> Path:
    """A record without a fault or a note, in a file."""
    path = tmp_path / "customer.json"
    path.write_text(json.dumps(make_record()))
    return path
