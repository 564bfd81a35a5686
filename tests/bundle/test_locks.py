"""Whether what a bundle locks can be installed by those who read it, and only as it is locked."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec import Struct
from packaging.pylock import Pylock

from tests.bundle.conftest import make_bundle
from tests.bundle.indexes import serve_index

ROOT = Path(__file__).parents[2]
CUSTOMER = json.loads((ROOT / "examples" / "lab-05" / "customer.json").read_text("utf-8"))
# What says where packages come from, and what trusts it.
KEPT = ("PIP_", "SSL_", "REQUESTS_CA_BUNDLE", "http_proxy", "https_proxy", "no_proxy")
PATIENCE = 300.0
pytestmark = pytest.mark.timeout(600)


class Desk(Struct):
    """An empty folder with a bundle's files, and what commands in it see."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder."""
        return subprocess.run(
            command, cwd=self.folder, env=self.environment | more, capture_output=True, text=True, timeout=PATIENCE,
            check=False,
        )  # fmt: skip


Desks = Callable[[], Desk]


@pytest.fixture
def make_desk(bundle: Path, tmp_path: Path) -> Desks:
    """Make an empty folder with what an installer needs."""

    def make() -> Desk:
        folder = tmp_path / "empty"
        shutil.copytree(bundle, folder, ignore=shutil.ignore_patterns("Dockerfile", "README.md", "image_root.py"))
        kept = {name: value for name, value in os.environ.items() if name.startswith(KEPT)}
        own = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(tmp_path / "home"),
            "PIPENV_VENV_IN_PROJECT": "1",
            "PIPENV_IGNORE_VIRTUALENVS": "1",
        }
        return Desk(folder, kept | own)

    return make


def install(desk: Desk) -> subprocess.CompletedProcess[str]:
    """Run the README's command; the folder of wheels comes before what this machine may have set."""
    links = " ".join(filter(None, ["wheels", desk.environment.get("PIP_FIND_LINKS")]))
    return desk.run("pipenv", "install", "--deploy", PIP_FIND_LINKS=links)


def test_pipenv_installs_and_serves(make_desk: Desks) -> None:
    """`pipenv install --deploy` in an empty folder, then `pipenv run serve`, and the lab's client is answered."""
    desk = make_desk()
    installed = install(desk)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    assert desk.run("pipenv", "verify").returncode == 0
    told = desk.environment | {"AUGURY_SERVE_PORT": "0"}
    with subprocess.Popen(
        ["pipenv", "run", "serve"], cwd=desk.folder, env=told, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            port = json.loads(process.stdout.readline())["url"].rpartition(":")[2]
            shutil.copyfile(ROOT / "examples" / "lab-05" / "customer.json", desk.folder / "customer.json")
            client = (ROOT / "examples" / "lab-05" / "flask_test.py").read_text("utf-8").replace("9696", port)
            (desk.folder / "ask.py").write_text(client, "utf-8")
            said = subprocess.run(
                [sys.executable, "ask.py"], cwd=desk.folder, capture_output=True, text=True, timeout=60, check=True
            ).stdout.splitlines()
        finally:
            process.kill()  # pipenv becomes the command that it runs, so that there is one process
    assert said[-1] == f"no email to {CUSTOMER['customerid']}"
    assert said[0].startswith("{'churn': False, 'churn_probability': 0.0596")


@pytest.mark.parametrize("package", ["augury", "starlette"])
def test_pipenv_refuses_a_changed_hash(make_desk: Desks, package: str) -> None:
    """With other hashes in the lock nothing is installed of that name, ours included."""
    desk = make_desk()
    path = desk.folder / "Pipfile.lock"
    lock = json.loads(path.read_text("utf-8"))
    lock["default"][package]["hashes"] = ["sha256:" + hashlib.sha256(b"another").hexdigest()]
    path.write_text(json.dumps(lock), "utf-8")
    refused = install(desk)
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stdout + refused.stderr
    assert not list(desk.folder.glob(f".venv/lib/python*/site-packages/{package}"))


def test_pipenv_refuses_a_changed_pipfile(make_desk: Desks) -> None:
    """The lock knows its Pipfile: another one is refused by --deploy."""
    desk = make_desk()
    path = desk.folder / "Pipfile"
    path.write_text(path.read_text("utf-8").replace("[packages]\n", '[packages]\nrequests = "*"\n'), "utf-8")
    refused = install(desk)
    assert refused.returncode != 0
    assert "Aborting deploy" in refused.stderr


def test_a_stranger_cannot_take_our_place(make_desk: Desks, tmp_path: Path) -> None:
    """A package of our name and version on an index is not installed, though the folder of wheels is not named."""
    desk = make_desk()
    stranger = tmp_path / "strangers" / next((desk.folder / "wheels").glob("*.whl")).name
    stranger.parent.mkdir()
    stranger.write_bytes(next((desk.folder / "wheels").glob("*.whl")).read_bytes() + b" ")
    # The line of our own package alone, without the folder of wheels.
    own = re.search(
        r"^augury==.*?(?=^\S)", (desk.folder / "requirements.txt").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert own is not None
    (desk.folder / "own.txt").write_text(own[0], "utf-8")
    with serve_index(stranger.parent) as index:
        told = ["--no-deps", "--target", "strange", "--index-url", index.url, "--require-hashes", "-r", "own.txt"]
        refused = desk.run(sys.executable, "-m", "pip", "install", *told)
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr
    assert index.paths, "the stranger's index was not asked"


def test_the_lock_of_pep_751_is_valid_and_installs_without_an_index(make_desk: Desks) -> None:
    """Another library validates pylock.toml, and uv installs from it once the wheels are there."""
    desk = make_desk()
    with (desk.folder / "wheels" / "pylock.toml").open("rb") as file:
        lock = Pylock.from_dict(tomllib.load(file))
    assert {"augury", "msgspec", "uvloop"} <= {package.name for package in lock.packages}
    assert "scikit-learn" not in {package.name for package in lock.packages}
    fetched = desk.run("pip", "download", "--quiet", "--require-hashes", "-r", "requirements.txt", "-d", "wheels")
    assert fetched.returncode == 0, fetched.stderr
    assert desk.run(sys.executable, "-m", "venv", "environment").returncode == 0
    installed = desk.run(
        "uv", "pip", "install", "--no-index", "--python", "environment/bin/python", "-r", "wheels/pylock.toml"
    )
    assert installed.returncode == 0, installed.stderr
    assert desk.run("environment/bin/augury", "verify", "churn.augury.json").returncode == 0


def test_all_locks_lock_the_same(bundle: Path) -> None:
    """requirements.txt, Pipfile.lock and pylock.toml have the same versions, markers and hashes."""
    pipfile = json.loads((bundle / "Pipfile.lock").read_text("utf-8"))["default"]
    pylock = tomllib.loads((bundle / "wheels" / "pylock.toml").read_text("utf-8"))["packages"]
    assert {
        name: (entry["version"], entry.get("markers"), sorted(entry["hashes"])) for name, entry in pipfile.items()
    } == {
        package["name"]: (
            f"=={package['version']}",
            package.get("marker"),
            sorted(f"sha256:{wheel['hashes']['sha256']}" for wheel in package["wheels"]),
        )
        for package in pylock
    }
    assert dict(_iter_requirements(bundle)) == {name: sorted(entry["hashes"]) for name, entry in pipfile.items()}


def _iter_requirements(bundle: Path) -> Iterator[tuple[str, list[str]]]:
    text = (bundle / "requirements.txt").read_text("utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if found := re.match(r"([a-z0-9-]+)==", line):
            yield found[1], sorted(re.findall(r"--hash=(\S+)", line))


def test_the_shipped_lock_is_what_we_test_with() -> None:
    """The lock that bundles are made from has the versions of requirements/base.txt, whose packages are tested."""
    shipped = tomllib.loads((ROOT / "src" / "augury" / "bundle" / "pylock.serving.toml").read_text("utf-8"))["packages"]
    tested = dict(
        re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements" / "base.txt").read_text("utf-8"), re.MULTILINE)
    )
    assert {each["name"]: each["version"] for each in shipped}.items() <= tested.items()


def test_pipenv_asks_private_indexes_with_variables(tmp_path: Path, make_desk: Desks) -> None:
    """A password in an address is not in the bundle, and pipenv installs with it from variables, from every index."""
    desk = make_desk()
    wheels, rest = tmp_path / "mirror", tmp_path / "rest"
    fetched = desk.run("pip", "download", "--quiet", "--require-hashes", "-r", "requirements.txt", "-d", str(wheels))
    assert fetched.returncode == 0, fetched.stderr
    rest.mkdir()
    starlette = next(wheels.glob("starlette-*.whl"))
    starlette.rename(rest / starlette.name)
    secret = "p@ss:w%rd"
    with serve_index(wheels, user="ann", password=secret) as main, serve_index(rest) as other:
        shutil.rmtree(desk.folder)
        first = main.url.replace("://", "://ann:p%40ss%3Aw%25rd@")
        make_bundle(desk.folder, "--index-url", first, "--index-url", other.url)
        written = b"".join(path.read_bytes() for path in desk.folder.rglob("*") if path.is_file())
        assert not [each for each in (b"p%40ss", b"ann:") if each in written]
        secrets = {"INDEX_USERNAME": "ann", "INDEX_PASSWORD": secret}
        installed = desk.run(
            "pipenv", "install", "--deploy", PIP_FIND_LINKS="wheels", PIP_CONFIG_FILE=os.devnull, **secrets
        )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    assert "/msgspec/" in main.paths
    assert "/starlette/" in other.paths
