"""The environments that are compared: what is installed in each, in which versions, and how our own is made."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

from msgspec import Struct

from serving import Server
from the_lab import REPOSITORY

# They come with every environment that `python -m venv` makes, and serve nobody.
_TOOLS = frozenset({"pip", "setuptools"})


class Installed(Struct, frozen=True):
    """How many packages are installed, and the MB of their files, without bytecode."""

    packages: int
    megabytes: float


def measure_environment(folder: Path) -> Installed:
    """Count what is installed in an environment and sum its files, without pip, setuptools and bytecode."""
    (site,) = folder.glob("lib/python*/site-packages")
    found = _find_distributions(site)
    tools = [found.pop(name) for name in _TOOLS if name in found]
    left_out = {Path(str(file.locate())).resolve() for tool in tools for file in tool.files or ()}
    files = (path for path in site.resolve().rglob("*") if path.is_file() and path.suffix != ".pyc")
    size = sum(path.lstat().st_size for path in files if path not in left_out)
    return Installed(len(found), size / 1e6)


def find_versions(server: Server) -> dict[str, str]:
    """Find the versions of a server's packages, in its own environment."""
    (site,) = server.folder.parent.glob("lib/python*/site-packages")
    found = _find_distributions(site)
    return {name: found[name].version for name in server.packages}


def _find_distributions(site: Path) -> dict[str, Distribution]:
    return {re.sub(r"[-_.]+", "-", each.name).lower(): each for each in distributions(path=[str(site)])}


def make_own(folder: Path) -> None:
    """Make a fresh environment with our wheel and what serving needs, in the versions of the lock, and nothing else."""
    lock, wheels = folder / "serving.txt", folder / "wheels"
    _run(sys.executable, "-m", "venv", str(folder))
    lock.write_text(leave_out_building((REPOSITORY / "requirements" / "base.txt").read_text("utf-8")), "utf-8")
    pip = (str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    _run(*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", str(lock))
    build = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    _run(*build, "--wheel-dir", str(wheels), str(REPOSITORY))
    _run(*pip, "--no-deps", "--no-index", *map(str, wheels.iterdir()))


def leave_out_building(lock: str) -> str:
    """Leave out of a lock what only building the wheel needs; uv says below each package which others want it."""
    packages = {part.partition("==")[0]: part for part in re.split(r"^(?=\w)", lock, flags=re.MULTILINE)[1:]}
    wanted_by = {name: set(re.findall(r"# +(?:via )?([\w.-]+)", part)) for name, part in packages.items()}
    kept = {"augury"}
    while more := {name for name, wanting in wanted_by.items() if wanting & kept} - kept:
        kept |= more
    return "".join(part for name, part in packages.items() if name in kept)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
