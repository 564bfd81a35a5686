import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# A package index is the reader's own choice, and a path of one machine helps nobody on another.
REGISTRY = re.compile(r"(?:pypi|pythonhosted|npmjs|debian|rubygems|crates)\.(?:org|com|io)\b", re.IGNORECASE)
MACHINE = re.compile(r"(?:^|[\s\"'=(:])/(?:work|root|opt|home|Users)/\w", re.MULTILINE)


def _committed() -> Iterator[tuple[str, str]]:
    """The name and text of every committed text file."""
    git = shutil.which("git")
    assert git is not None, "git is needed to list the committed files"
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and b"\0" not in (raw := path.read_bytes()):
            yield name, raw.decode("utf-8", "replace")


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE], ids=["registry", "machine"])
def test_no_committed_file_names_a_place_of_ours(pattern: re.Pattern[str]) -> None:
    """No committed file names a package registry's host or a path of one machine."""
    found = [f"{name}: {match.group().strip()}" for name, text in _committed() for match in pattern.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [(REGISTRY, "index-url = https://" + "pypi." + "org/simple"), (MACHINE, 'open("/' + 'home/ann/table.csv")')],
    ids=["registry", "machine"],
)
def test_the_patterns_find_what_they_look_for(pattern: re.Pattern[str], text: str) -> None:
    """The patterns match an index's address and a home folder's path."""
    assert pattern.search(text)
