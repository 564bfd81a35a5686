from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from augury.api import find_bundled, load_bundled
from augury.model import Model
from augury.service.app import create_app
from augury.service.settings import Settings
from tests.clients.questions import CUSTOMER, find_expected, write_questions
from tests.service.asking import Answer
from tests.service.running import Running, run_server

# Some clients live in an environment of their own.
CLIENTS = Path(__file__).parents[2] / ".venv-clients" / "bin" / "python"


@pytest.fixture(scope="session")
def bundled() -> Model:
    """The churn model that comes with Augury."""
    return load_bundled()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of that model; whatever the clients did, none of it was a fault of the service."""
    with run_server(tmp_path_factory.mktemp("served"), [Path(find_bundled())]) as running:
        yield running
        log = running.read_log()
    assert [line for line in log if line.get("status") == 500 or line.get("level") == "error"] == []


@pytest.fixture(scope="session")
def expected(bundled: Model) -> dict[str, Answer]:
    """What the application answers to each question, held to the model itself."""
    answers = find_expected(create_app([bundled], settings=Settings()))
    said = bundled.predict_one(CUSTOMER)
    assert answers["record"].json() == {"churn": said.label, "churn_probability": said.probability}
    assert {answer.status for answer in answers.values()} == {200, 400, 404, 413, 415, 422}
    return answers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the questions."""
    write_questions(tmp_path)
    return tmp_path


def find_tool(name: str) -> str:
    """Find a program, or skip the test by its name."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def find_clients() -> Path:
    """Find the interpreter of the environment with Python's other clients, or skip the test by their name."""
    if not CLIENTS.exists():
        pytest.skip("KServe's client, httpx and aiohttp are not installed: `make test-clients` does it")
    return CLIENTS
