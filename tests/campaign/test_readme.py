from __future__ import annotations

import shutil
from pathlib import Path

from tests.campaign.scene import EXAMPLE
from tests.docs.reader import Reader


def test_the_readme_does_what_it_says(tmp_path: Path) -> None:
    """Every command of the example's README prints what it tells, run beside the example's own files."""
    ours = shutil.ignore_patterns("__pycache__", "*.db")
    shutil.copytree(EXAMPLE, tmp_path / "reader", ignore=ours)
    reader = Reader(tmp_path / "reader", tmp_path / "cache")
    try:
        assert reader.read(EXAMPLE / "README.md") == 4
    finally:
        reader.close()
