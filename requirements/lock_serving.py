"""Make the lock that bundles are made from, ``src/augury/bundle/pylock.serving.toml``: part of ``make lock``.

Takes the paths of what uv resolved: a ``pylock.toml`` with every wheel, and a ``requirements.txt`` that says in
comments which package needs which. Addresses are left out: which index has a wheel is whoever's who installs.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

from augury.bundle.lock import Package, Wheel
from augury.bundle.locks import write_pylock

_TARGET = Path(__file__).parents[1] / "src" / "augury" / "bundle" / "pylock.serving.toml"
_ABOUT = "What serving needs, for every platform: made by `make lock`, and the source of every lock in a bundle."


def read_needs(requirements: str) -> dict[str, tuple[str, ...]]:
    """Read which packages need which from uv's comments, ``# via`` and a name a line; by the one that needs."""
    needs: defaultdict[str, set[str]] = defaultdict(set)
    name = ""
    for line in requirements.splitlines():
        if found := re.match(r"([a-z0-9-]+)==", line):
            name = found[1]
        elif found := re.fullmatch(r"\s+#(?: via)? +([a-z0-9-]+)(?: \(.*\))?", line):
            needs[found[1]].add(name)
    return {needing: tuple(sorted(needed)) for needing, needed in needs.items()}


def main(resolved: Path, requirements: Path) -> None:
    """Write the lock."""
    needs = read_needs(requirements.read_text(encoding="utf-8"))
    packages = [
        Package(
            package["name"],
            package["version"],
            package.get("marker"),
            needs.get(package["name"], ()),
            tuple(
                Wheel(wheel["url"].rpartition("/")[2], wheel["size"], wheel["hashes"]["sha256"])
                for wheel in package["wheels"]
            ),
        )
        for package in tomllib.loads(resolved.read_text(encoding="utf-8"))["packages"]
    ]
    _TARGET.write_bytes(write_pylock(packages, about=_ABOUT))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
