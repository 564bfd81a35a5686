"""The environments that are compared: what is installed in each, in which versions, and how our own is made."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from msgspec import Struct

from program import Program


class Installed(Struct, frozen=True):
    """How many packages are installed, and the MB of their files, without bytecode and installers."""

    packages: int
    megabytes: float


def measure_environment(folder: Path) -> Installed:
    """Measure what is installed in an environment, as ``augury check-bundle`` does."""
    from augury.bundle.environment import measure_packages

    packages, size = measure_packages(_find_site(folder))
    return Installed(packages, size / 1e6)


def find_versions(server: Program) -> dict[str, str]:
    """Find the versions of a program's packages, in its own environment."""
    if not server.packages:
        return {}
    site = _find_site(server.folder.parent)
    found = {re.sub(r"[-_.]+", "-", each.name).lower(): each.version for each in distributions(path=[str(site)])}
    return {name: found[name] for name in server.packages}


def make_own(folder: Path) -> Path:
    """Make a fresh environment of what ``augury bundle`` locks for the model that comes with Augury, and find it."""
    from augury.api import find_bundled
    from augury.bundle.environment import make_environment

    bundle, environment = folder / "deploy", folder / "environment"
    program = Path(sys.executable).with_name("augury")
    subprocess.run((program, "bundle", find_bundled(), "--output", bundle), check=True, stdout=subprocess.DEVNULL)
    make_environment(environment, bundle / "requirements.txt")
    return environment


def _find_site(folder: Path) -> Path:
    (site,) = folder.glob("lib/python*/site-packages")
    return site
