import os
import subprocess
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


installed = pytest.mark.skipif(
    "AUGURY_WHEEL" not in os.environ, reason="only `make test` and `make check` install the wheel"
)


@installed
def test_the_wheel_is_what_is_tested() -> None:
    """The tests import Augury from site-packages, never from the checkout's src."""
    spec = find_spec("augury")
    assert spec is not None
    [folder] = [Path(place).resolve() for place in spec.submodule_search_locations or ()]
    assert not folder.is_relative_to(ROOT / "src")
    assert folder.parent == Path(str(distribution("augury").locate_file(""))).resolve()


@installed
def test_the_wheel_is_whole() -> None:
    """Every file of the package that is not ignored is in the wheel, and nothing else."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "src"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    expected = {str(Path(name).relative_to("src")) for name in listed if name and (ROOT / name).is_file()}
    files = {str(file) for file in distribution("augury").files or ()}
    assert {file for file in files if file.startswith("augury/") and "__pycache__" not in file} == expected
