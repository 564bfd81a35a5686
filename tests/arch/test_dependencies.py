import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))

# The oldest releases in which none of the faults that SECURITY.md speaks of is left.
FLOORS = {"uvicorn": "0.51", "httptools": "0.8", "starlette": "1.3.1", "msgspec": "0.21.1"}

# Projects whose insides we touch, so that a release nobody has tried must not reach a user.
CEILINGS = ("uvicorn", "scikit-learn")


def _declared() -> dict[str, Requirement]:
    lines = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["train"]]
    return {requirement.name: requirement for requirement in map(Requirement, lines)}


@pytest.mark.parametrize(("name", "floor"), FLOORS.items())
def test_a_floor_holds_where_it_is_declared_and_where_it_is_installed(name: str, floor: str) -> None:
    """A release below the floor neither satisfies pyproject.toml nor is the one that the tests run with."""
    floors = [Version(bound.version) for bound in _declared()[name].specifier if bound.operator == ">="]
    assert floors
    assert min(floors) >= Version(floor)
    assert Version(version(name)) >= Version(floor)


@pytest.mark.parametrize("name", CEILINGS)
def test_a_ceiling_is_declared(name: str) -> None:
    """What we touch the inside of has a version ceiling."""
    assert "<" in {bound.operator for bound in _declared()[name].specifier}


def test_the_base_install_is_the_seven_that_serving_needs() -> None:
    """A new base dependency is a decision, not an accident."""
    names = {Requirement(line).name for line in PROJECT["dependencies"]}
    assert names == {"click", "httptools", "msgspec", "prometheus-client", "starlette", "uvicorn", "uvloop"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_requirement_in_a_lock_is_pinned_with_hashes(lock: Path) -> None:
    """A lock names exact versions with SHA-256 digests, and nothing else decides what is installed."""
    text = lock.read_text().replace("\\\n", " ")
    requirements = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert requirements
    loose = [line for line in requirements if not re.match(r"[a-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)]
    assert loose == []


def test_every_lock_installs_what_the_base_lock_installs() -> None:
    """What is served is what was tested: the base lock's versions are the test lock's."""
    pins = {lock.stem: set(re.findall(r"^[a-z0-9._-]+==[^ ]+", lock.read_text(), re.MULTILINE)) for lock in LOCKS}
    assert pins["base"]
    for name in ("test", "dev", "bench"):
        assert pins["base"] <= pins[name]
