"""The lock that comes with Augury: what serving needs, each package with its version and the hashes of its wheels.

It is ``pylock.serving.toml`` (PEP 751), made with each release by ``make lock``: a bundle resolves nothing on the day
it is made. Source distributions are not in it, so that installing neither compiles nor runs anything.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from msgspec import Struct

# The oldest Python that the lock was resolved for.
REQUIRES_PYTHON = ">=3.11"
# Where a bundle keeps the wheels that come with it, and where all others may be put.
WHEELS = "wheels"
_LOCK = Path(__file__).with_name("pylock.serving.toml")


class Wheel(Struct, frozen=True):
    """A wheel by its file's name, with its size in bytes and its SHA-256 in hexadecimal digits."""

    file: str
    size: int
    sha256: str


class Package(Struct, frozen=True):
    """A package of the lock: ``marker`` says where it is needed (PEP 508), ``dependencies`` which others it needs."""

    name: str
    version: str
    marker: str | None
    dependencies: tuple[str, ...]
    wheels: tuple[Wheel, ...]


def read_lock(path: Path = _LOCK) -> tuple[Package, ...]:
    """Read the packages of the lock that comes with Augury, by name; Augury itself is not among them."""
    with path.open("rb") as file:
        content = tomllib.load(file)
    return tuple(
        Package(
            package["name"],
            package["version"],
            package.get("marker"),
            tuple(each["name"] for each in package.get("dependencies", ())),
            tuple(Wheel(each["path"], each["size"], each["hashes"]["sha256"]) for each in package["wheels"]),
        )
        for package in content["packages"]
    )
