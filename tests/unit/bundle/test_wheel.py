"""Augury's own wheel, made again."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import augury
from augury.bundle import wheel as wheel_module
from augury.bundle.wheel import build_wheel
from augury.errors import UsageError


def test_the_wheel_holds_the_package_and_its_record() -> None:
    """Every file of the package is in it, none of the interpreter's caches, and the record lists all of them."""
    name, content = build_wheel()
    assert name == f"augury-{augury.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        assert wheel.testzip() is None
        names = wheel.namelist()
        record = wheel.read(f"augury-{augury.__version__}.dist-info/RECORD").decode()
        assert {info.date_time for info in wheel.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert sorted(line.split(",")[0] for line in record.splitlines()) == sorted(names)
    assert {"augury/api.py", "augury/models/churn.augury.json", "augury/bundle/pylock.serving.toml"} < set(names)
    assert not [each for each in names if each.endswith((".pyc", "direct_url.json", "INSTALLER"))]
    assert names[-1].endswith("RECORD")


def install(folder: Path) -> Path:
    """Install the wheel with pip into a folder; answer with that folder."""
    name, content = build_wheel()
    (folder / name).write_bytes(content)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(folder / "target"), str(folder / name)], check=True, timeout=100)
    return folder / "target"


def test_the_wheel_installs_and_makes_itself_again(tmp_path: Path) -> None:
    """Pip installs it, and what is installed makes the same wheel."""
    target = install(tmp_path)
    script = "import sys; from augury.bundle.wheel import build_wheel as b; sys.stdout.buffer.write(b()[1])"
    again = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(target)}, capture_output=True, check=True, timeout=100
    )
    assert again.stdout == build_wheel()[1]


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    """What was edited in site-packages is not what was installed, and is not handed on under its name."""
    target = install(tmp_path)
    with (target / "augury" / "law.py").open("a") as file:
        file.write("# mended by hand\n")
    tried = subprocess.run(
        [sys.executable, "-m", "augury", "bundle", str(target / "augury/models/churn.augury.json"), "-o", "deploy"],
        cwd=tmp_path, env={"PYTHONPATH": str(target)}, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert tried.returncode == 2
    assert "augury/law.py: the file is not as it was installed; install Augury again" in tried.stderr
    assert not (tmp_path / "deploy").exists()


def test_augury_that_was_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run from files alone there is nothing to make a wheel of, and a sentence says what to do."""
    monkeypatch.setattr(wheel_module, "_NAME", "augury-that-nobody-installed")
    with pytest.raises(UsageError, match="install it with pip first"):
        build_wheel()
