"""Whether a bundle is the same wherever it is made, and whether a check sees what is wrong with one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from augury.bundle.lock import read_lock
from augury.bundle.parts import PARTS
from augury.bundle.sums import SUMS, write_sums
from tests.bundle.conftest import MODEL, make_bundle

pytestmark = pytest.mark.timeout(600)


def check(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the check in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "augury", "check-bundle", str(folder), *options],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def copy(bundle: Path, folder: Path) -> Path:
    """Copy a bundle, to change it."""
    return Path(shutil.copytree(bundle, folder / "deploy"))


def read_all(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_processes_make_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every part, made twice in processes with other hashes, times, places and user settings, is the same bytes."""
    first = make_bundle(tmp_path / "first", "--with", "all")
    moved = tmp_path / "elsewhere" / "churn.augury.json"
    moved.parent.mkdir()
    shutil.copyfile(MODEL, moved)
    monkeypatch.setenv("PYTHONHASHSEED", "4")
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    monkeypatch.setenv("LC_ALL", "C")
    previous = os.umask(0o077)
    try:
        second = make_bundle(tmp_path / "second", "--with", ",".join(reversed(PARTS)), model=moved)
    finally:
        os.umask(previous)
    assert read_all(first) == read_all(second)


def test_a_check_tells_sizes_and_times(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundle that is as it was written passes, with the figures for a machine.

    What the user has himself, which PYTHONPATH names here, is not taken for installed: the environment has everything.
    """
    monkeypatch.setenv("PYTHONPATH", str(Path(msgspec.__file__).parents[1]))
    checked = check(bundle, "--json")
    assert checked.returncode == 0, checked.stderr
    findings = json.loads(checked.stdout)
    assert findings["changed"] == {}
    assert findings["packages"] == len(read_lock()) + 1 <= 15
    assert findings["size"] <= 30e6
    assert findings["trial"]["rows"] == len(json.loads(MODEL.read_bytes())["model"]["golden"])
    assert findings["trial"]["start_seconds"] > 0.0


def test_a_check_of_every_part_passes(tmp_path: Path) -> None:
    """A bundle with everything passes too; that its README was made to measure is told, and is nobody's fault."""
    folder = make_bundle(tmp_path / "deploy", "--with", "all")
    with (folder / "README.md").open("a") as file:
        file.write("Ask the platform team before you deploy.\n")
    checked = check(folder)
    assert checked.returncode == 0, checked.stderr
    assert "golden rows" in checked.stdout
    assert "ready to be deployed" in checked.stdout
    assert checked.stderr == "README.md is changed since it was written\n"


def test_one_byte_of_the_model(bundle: Path, tmp_path: Path) -> None:
    """With one byte of the model changed the artifact is refused, with status 3."""
    changed = copy(bundle, tmp_path)
    path = changed / MODEL.name
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"margin": -', b'"margin":  ', 1))
    refused = check(changed)
    assert refused.returncode == 3
    assert "churn.augury.json" in refused.stderr


def test_another_model(bundle: Path, tmp_path: Path) -> None:
    """A sound model that is not the one that was bundled is refused: README and image speak of that one."""
    changed = copy(bundle, tmp_path)
    path = changed / MODEL.name
    amended = subprocess.run(
        [sys.executable, "-m", "augury", "amend", str(path), "--threshold", "0.4", "-o", str(path)], check=False
    )
    assert amended.returncode == 0
    refused = check(changed)
    assert refused.returncode == 2
    assert "churn.augury.json is changed since it was written" in refused.stderr


@pytest.mark.parametrize("name", ["requirements.txt", "Pipfile.lock", "wheels/pylock.toml"])
def test_a_changed_lock(bundle: Path, tmp_path: Path, name: str) -> None:
    """A lock that was changed, or is gone, is refused before anything is installed."""
    changed = copy(bundle, tmp_path)
    with (changed / name).open("a") as file:
        file.write("\n")
    refused = check(changed)
    assert refused.returncode == 2
    assert f"{name} is changed" in refused.stderr
    (changed / name).unlink()
    assert f"{name} is missing" in check(changed).stderr


def test_an_entry_point_that_does_not_serve(bundle: Path, tmp_path: Path) -> None:
    """A command that ends, and one for a shell, are told with what they said."""
    changed = copy(bundle, tmp_path)
    path = changed / "Dockerfile"
    text = path.read_text("utf-8")
    path.write_text(text.replace('"serve", "churn', '"verify", "another'), "utf-8")
    refused = check(changed)
    assert refused.returncode == 2
    assert "the service ended" in refused.stderr
    assert "another.augury.json" in refused.stderr
    path.write_text(text.replace('["augury", "serve", "churn.augury.json"]', "augury serve churn.augury.json"), "utf-8")
    assert "ENTRYPOINT is a command for a shell" in check(changed).stderr
    path.unlink()
    assert "the Dockerfile cannot be read: No such file or directory; bundle again" in check(changed).stderr


def test_a_wheel_that_is_not_the_locked_one(bundle: Path, tmp_path: Path) -> None:
    """With another hash in the lock pip refuses, though the list of files was changed with it."""
    changed = copy(bundle, tmp_path)
    wheel = next((changed / "wheels").glob("*.whl"))
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    path = changed / "requirements.txt"
    path.write_text(path.read_text("utf-8").replace(digest, "0" * 64), "utf-8")
    files = {name: content for name, content in read_all(changed).items() if name != SUMS}
    (changed / SUMS).write_bytes(write_sums(files)[SUMS])
    refused = check(changed)
    assert refused.returncode == 2
    assert "the lock cannot be installed" in refused.stderr
    assert digest in refused.stderr


def test_no_bundle(tmp_path: Path) -> None:
    """A folder without a bundle is told so."""
    refused = check(tmp_path)
    assert refused.returncode == 2
    assert "there is no bundle" in refused.stderr
