import subprocess
import sys
from pathlib import Path

import pytest

import augury

LONGEST_FRONT_DOOR = 15  # names: more is a list to search, not a door


def test_the_front_door_is_short() -> None:
    """The package offers at most fifteen names."""
    assert 1 <= len(set(augury.__all__)) == len(augury.__all__) <= LONGEST_FRONT_DOOR


@pytest.mark.parametrize("name", augury.__all__)
def test_a_name_of_the_front_door_is_found(name: str) -> None:
    """Every name offered is there, and `dir` lists it."""
    assert getattr(augury, name) is not None
    assert name in dir(augury)


def test_the_front_door_is_lazy(tmp_path: Path) -> None:
    """`import augury` loads no module of the package: each name is found when it is first asked for."""
    script = "import augury, sys; print(sorted(name for name in sys.modules if name.startswith('augury.')))"
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, check=True, text=True)
    assert ran.stdout.strip() == "[]"


def test_a_name_that_is_not_offered_is_refused() -> None:
    """An unknown name is an AttributeError, as of any module."""
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = augury.no_such_name
