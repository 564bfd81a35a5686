"""Whether the Dockerfile builds an image that answers, and what is in it. There is no engine; see container.py."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep

import pytest

from augury.bundle.bundle import read_model
from augury.bundle.deployment import UID
from tests.bundle.container import Stage, as_nobody, build, open_place

PATIENCE = 60.0
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def image(bundle: Path) -> Iterator[Stage]:
    """The last stage, built step by step."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is absent")
    with open_place() as place:
        yield build(bundle, place)


def lint(dockerfile: Path) -> tuple[int, str]:
    """What hadolint says of a Dockerfile."""
    hadolint = shutil.which("hadolint", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if hadolint is None:
        pytest.skip("hadolint is absent")
    command = [hadolint, "--no-color", str(dockerfile)]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    return judged.returncode, judged.stdout


def test_the_linter_is_content(bundle: Path) -> None:
    """Hadolint finds nothing to say."""
    assert lint(bundle / "Dockerfile") == (0, "")


def test_the_image_answers(image: Stage, bundle: Path) -> None:
    """The entry point answers a golden row as its own user, with a root that cannot be written to, and stops."""
    model, _ = read_model(str(bundle / "churn.augury.json"))
    assert image.user == f"{UID}:{UID}"
    record = model.examples[0]
    assert answer_in(image, record)["churn_probability"] == model.predict_one(record).probability


def answer_in(image: Stage, record: Mapping[str, object]) -> dict[str, object]:
    """Start an image's entry point on a free port, nothing in it to be written to; ask it, and stop it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    told = ["--setenv", "AUGURY_SERVE_HOST", "127.0.0.1", "--setenv", "AUGURY_SERVE_PORT", str(port)]
    command = image.make_command(image.entrypoint, *told, "--remount-ro", "/")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, **as_nobody())
    try:
        answer = ask(port, json.dumps(record))
        os.kill(find_child(process.pid), signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    return answer


def find_child(pid: int) -> int:
    """The process that the sandbox runs, which is the child of its own first process."""
    for _ in range(2):
        pid = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    return pid


def ask(port: int, record: str) -> dict[str, object]:
    """Ask until there is an answer."""
    until = monotonic() + PATIENCE
    while monotonic() < until:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("POST", "/predict", record, {"Content-Type": "application/json"})
            return dict(json.loads(connection.getresponse().read()))
        except (OSError, HTTPException):
            sleep(0.05)
        finally:
            connection.close()
    raise AssertionError("no answer")


def test_only_what_the_service_needs_is_in_it(image: Stage) -> None:
    """There is no shell, no package manager, no pip, no compiler and nothing that runs as another; it is small."""
    files = [path for path in image.root.rglob("*") if path.is_file()]
    programs = {path.name for path in files if path.parent.name in {"bin", "sbin", "libexec"}}
    assert {name.rstrip("0123456789.") for name in programs} == {"python", "augury"}
    names = {part for path in files for part in path.relative_to(image.root).parts}
    assert not names & {"sh", "bash", "dash", "busybox", "apt", "dpkg", "perl", "pip", "ensurepip", "setuptools", "gcc"}
    assert not [path for path in files if path.stat().st_mode & 0o6000]
    assert sum(path.stat().st_size for path in files) < 120e6  # a third less where Python was built without symbols


def test_the_image_has_no_shell(image: Stage) -> None:
    """A shell cannot be started in it."""
    shell = image.make_command(["/bin/sh", "-c", "true"])
    tried = subprocess.run(shell, capture_output=True, text=True, check=False, **as_nobody())
    assert tried.returncode != 0
    assert "No such file" in tried.stderr
