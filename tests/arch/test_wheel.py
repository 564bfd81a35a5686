import os
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif("AUGURY_WHEEL" not in os.environ, reason="only `make test` and `make check` install the wheel")
def test_the_wheel_is_what_is_tested() -> None:
    """The tests import Augury from site-packages, never from the checkout's src."""
    spec = find_spec("augury")
    assert spec is not None
    [folder] = [Path(place).resolve() for place in spec.submodule_search_locations or ()]
    assert not folder.is_relative_to(ROOT / "src")
    assert folder.parent == Path(str(distribution("augury").locate_file(""))).resolve()
