"""The lab's environment, made as a new user makes it: in a folder of its own, with nothing set but what pip needs."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from msgspec import Struct

from tests.docs.pages import REPOSITORY

# What says where packages come from, and what trusts it.
KEPT = ("PIP_", "PIPENV_PYPI_MIRROR", "SSL_", "REQUESTS_CA_BUNDLE", "http_proxy", "https_proxy", "no_proxy")
# What an installation of the checkout reads.
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "src")
PATIENCE = 60.0
VERDICT = "prediction: 0.060\nverdict: Not churn\n"


class Shop(Struct, frozen=True):
    """A folder in which `pipenv install` was run, and what commands run there see."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the environment."""
        return subprocess.run(
            ["pipenv", "run", *command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


@contextmanager
def running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run a command until the block ends."""
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()  # pipenv becomes the command that it runs, so that there is one process


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The example beside a fresh copy of the checkout, with its environment installed."""
    beside = shutil.which("pipenv", path=str(Path(sys.executable).parent))
    pipenv = beside or shutil.which("pipenv")
    if pipenv is None:
        pytest.skip("pipenv is absent")
    checkout = tmp_path_factory.mktemp("shop") / "checkout"
    folder = checkout / "examples" / "lab-05"
    ignored = shutil.ignore_patterns("__pycache__")
    for name in SOURCES:
        source, target = REPOSITORY / name, checkout / name
        checkout.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=ignored)
        else:
            shutil.copyfile(source, target)
    shutil.copytree(REPOSITORY / "examples" / "lab-05", folder, ignore=ignored)
    environment = {
        **{name: value for name, value in os.environ.items() if name.startswith(KEPT)},
        "PATH": os.pathsep.join([str(Path(pipenv).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
        "HOME": str(tmp_path_factory.mktemp("home")),
        "SHELL": "/bin/bash",
        "TERM": "dumb",
    }
    done = subprocess.run(
        ["pipenv", "install"], cwd=folder, env=environment, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Shop(folder, environment)


# Installing takes half a minute, and longer where packages come from afar.
pytestmark = pytest.mark.timeout(600)


def test_the_lock_has_versions_and_hashes(shop: Shop) -> None:
    """What is installed is locked, each package with its version and its hashes, but for the checkout itself."""
    locked = json.loads((shop.folder / "Pipfile.lock").read_text("utf-8"))["default"]
    assert {"flask", "httpx2", "msgspec", "requests", "starlette"} <= set(locked)
    assert all(each["version"].startswith("==") and each["hashes"] for name, each in locked.items() if name != "augury")


def test_only_what_production_needs(shop: Shop) -> None:
    """Neither scikit-learn, nor NumPy, nor pandas is installed."""
    code = "from importlib.util import find_spec as f; print([n for n in ('sklearn', 'numpy', 'pandas') if f(n)])"
    assert shop.run("python", "-c", code).stdout.strip() == "[]"


def test_the_script(shop: Shop) -> None:
    """The simple script prints the lab's verdict."""
    assert shop.run("python", "churn_serving_simple.py").stdout == VERDICT


def test_the_service(shop: Shop) -> None:
    """`pipenv run serve` serves, and the lab's client is answered."""
    environment = {**shop.environment, "AUGURY_SERVE_PORT": "0"}
    with running(["pipenv", "run", "serve"], shop.folder, environment) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with urlopen(f"{url}/ping", timeout=PATIENCE) as answer:
            assert answer.read() == b"PONG"
        assert ask_as_the_lab(shop, url.rpartition(":")[2]) == "no email to 8879-zkjof"


def test_the_flask_application(shop: Shop) -> None:
    """`pipenv run python churn_serving.py` serves, and the lab's client is answered."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    script = shop.folder / "churn_serving.py"
    script.write_text(script.read_text("utf-8").replace("9696", port), "utf-8")
    with running(["pipenv", "run", "python", script.name], shop.folder, shop.environment):
        await_ping(f"http://127.0.0.1:{port}/ping")
        assert ask_as_the_lab(shop, port) == "no email to 8879-zkjof"


def test_the_shell(shop: Shop) -> None:
    """`pipenv shell` opens a shell in which the script runs."""
    here, there = pty.openpty()
    process = subprocess.Popen(
        ["pipenv", "shell"], cwd=shop.folder, env=shop.environment, stdin=there, stdout=there, stderr=there,
        start_new_session=True,
    )  # fmt: skip
    os.close(there)
    read, until = b"", monotonic() + PATIENCE
    try:
        while b"verdict: Not churn" not in read and monotonic() < until:
            if select.select([here], [], [], 2.0)[0]:
                read += os.read(here, 4096)
            else:  # it waits; what was typed before the shell was there is lost
                os.write(here, b"python churn_serving_simple.py\n")
    finally:
        process.kill()
        process.wait(PATIENCE)
        os.close(here)
    assert b"prediction: 0.060" in read


def test_no_index_is_named() -> None:
    """The Pipfile leaves the package index to whoever installs."""
    pipfile = tomllib.loads((REPOSITORY / "examples" / "lab-05" / "Pipfile").read_text("utf-8"))
    assert set(pipfile) == {"packages", "scripts"}


def await_ping(url: str) -> None:
    """Ask until somebody answers."""
    until = monotonic() + PATIENCE
    while monotonic() < until:
        try:
            with urlopen(url, timeout=PATIENCE) as answer:
                assert answer.read() == b"PONG"
                return
        except URLError:
            sleep(0.1)
    raise AssertionError("nobody answers")


def ask_as_the_lab(shop: Shop, port: str) -> str:
    """Run the lab's client, and take its last line."""
    script = shop.folder / f"ask_{port}.py"
    script.write_text((shop.folder / "flask_test.py").read_text("utf-8").replace("9696", port), "utf-8")
    return shop.run("python", script.name).stdout.splitlines()[-1]
