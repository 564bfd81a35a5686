"""A typed client, generated from the service's own description, compiled strictly and run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.request import urlopen

import pytest

from augury.model import Model
from tests.clients.conftest import find_tool
from tests.clients.questions import CUSTOMER
from tests.docs.pages import DOCS, iter_steps
from tests.service.running import Running

SOURCES = Path(__file__).with_name("typescript")
# Where `make test-clients` installs what package-lock.json names.
INSTALLED = Path(__file__).parents[2] / "build" / "clients" / "node_modules"


def run_tool(folder: Path, *command: object) -> subprocess.CompletedProcess[str]:
    """Run a program of Node's in a folder."""
    node = find_tool("node")
    return subprocess.run([node, *command], cwd=folder, capture_output=True, text=True, check=False, timeout=100)


@pytest.fixture(scope="module")
def described(served: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the types of the service that is served."""
    if not INSTALLED.is_dir():
        pytest.skip("openapi-typescript is not installed: `make test-clients` does it, where npm is")
    folder = tmp_path_factory.mktemp("typed")
    for source in ("package.json", "tsconfig.json"):
        shutil.copy(SOURCES / source, folder)
    (folder / "node_modules").symlink_to(INSTALLED)
    with urlopen(f"{served.url}/openapi.json", timeout=60) as answer:
        (folder / "openapi.json").write_bytes(answer.read())
    generator = INSTALLED / "openapi-typescript" / "bin" / "cli.js"
    generated = run_tool(folder, generator, "openapi.json", "-o", "augury.d.ts")
    assert generated.returncode == 0, generated.stdout + generated.stderr
    return folder


def compile_(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    """Compile ``ask.ts`` as strictly as the compiler can."""
    (folder / "ask.ts").write_text(source, "utf-8")
    return run_tool(folder, INSTALLED / "typescript" / "bin" / "tsc")


def test_a_typed_client(served: Running, described: Path, bundled: Model) -> None:
    """What the types promise is what comes, and what they forbid does not compile."""
    compiled = compile_(described, (SOURCES / "ask.ts").read_text("utf-8"))
    assert compiled.returncode == 0, compiled.stdout
    asked = run_tool(described, "build/ask.js", served.url)
    assert asked.returncode == 0, asked.stderr
    said = bundled.predict_one(CUSTOMER)
    assert json.loads(asked.stdout) == {
        "probability": said.probability,
        "label": said.label,
        "contributions": len(CUSTOMER),
        "answers": [said.probability, "range"],
        "refused": [422, "/tenure"],
        "served": ["churn"],
        "ready": 200,
        "inputs": len(bundled.contract.fields),
    }


def test_the_pages_own_client(served: Running, described: Path, bundled: Model) -> None:
    """The client that the guide shows compiles and answers as the model does; values that it has not do not compile."""
    [shown] = [step.text for step in iter_steps(DOCS / "how-to" / "make-a-typed-client.md") if step.name == "ask.ts"]
    source = shown.replace("http://localhost:9696", served.url)
    compiled = compile_(described, source)
    assert compiled.returncode == 0, compiled.stdout
    said = bundled.predict_one(CUSTOMER)
    assert run_tool(described, "build/ask.js").stdout == f"{str(said.label).lower()} {said.probability}\n"
    wrong = source.replace('gender: "female"', 'gender: "woman"').replace("tenure: 1,", 'tenure: "12",')
    refused = compile_(described, wrong)
    assert len(re.findall("error TS2322", refused.stdout)) == 2, refused.stdout
