"""A fresh environment with what a bundle locks, and how large it is."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from msgspec import Struct

from augury.errors import BundleError

# An index may be far away.
_SECONDS = 600
# pip says much; what went wrong stands in its last lines.
_LINES_SHOWN = 3
# What an environment begins with, and no service needs.
_INSTALLERS = frozenset({"pip", "setuptools", "wheel"})


class Environment(Struct, frozen=True):
    """An environment: its folder of programs, how many packages are in it, and the bytes of their files."""

    programs: Path
    packages: int
    size: int


def make_environment(folder: Path, requirements: Path) -> Environment:
    """Make an environment and install what is locked, as the image does: hashes required, wheels alone.

    Raises:
        BundleError: the environment cannot be made, or pip refuses a package.
    """
    _run([sys.executable, "-m", "venv", str(folder)], "an environment cannot be made with python -m venv")
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    # Isolated: what PYTHONPATH names would be taken for installed.
    pip = [str(programs / "python"), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command = [*pip, "--no-deps", "--require-hashes", "-r", str(requirements)]
    _run(command, "the lock cannot be installed")
    found = subprocess.run(  # noqa: S603 - the interpreter that was just made
        [programs / "python", "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return Environment(programs, *measure_packages(Path(found.stdout.strip())))


def measure_packages(site_packages: Path) -> tuple[int, int]:
    """Count the packages in an environment and sum their files, in bytes, without installers and bytecode."""
    packages = [
        package for package in distributions(path=[str(site_packages)]) if package.name.lower() not in _INSTALLERS
    ]
    files = [Path(str(file.locate())) for package in packages for file in package.files or ()]
    return len(packages), sum(path.stat().st_size for path in files if path.suffix != ".pyc" and path.is_file())


def _run(command: list[str], what: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603 - ours
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BundleError(f"{what}: {type(error).__name__}", mend="see whether python and its venv work here") from None
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        shown = " | ".join(line.strip() for line in said[-_LINES_SHOWN:])
        raise BundleError(f"{what}: {shown}", mend="bundle again, or see whether the index has what is locked")
