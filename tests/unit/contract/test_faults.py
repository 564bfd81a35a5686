import re
from pathlib import Path

import msgspec
import pytest

import augury
from augury.contract.faults import CODES, DOUBTFUL, MEANINGS, Fault, find_pointer, shorten

GOLDEN = Path(__file__).with_name("codes.txt")


def test_codes() -> None:
    """The list of codes is closed: a code that is added, renamed or given another meaning shows here first."""
    assert GOLDEN.read_text() == "".join(f"{code}: {MEANINGS[code]}\n" for code in CODES)


def test_every_code_has_a_meaning() -> None:
    """Every code has one meaning, and what casts doubt on a number is a code."""
    assert tuple(MEANINGS) == CODES
    assert set(CODES) >= DOUBTFUL


def test_codes_raised_are_codes_listed() -> None:
    """Every code is raised somewhere in the source, and none that is not listed."""
    source = Path(augury.__file__).parent
    pattern = re.compile(r'\b(?:Fault|Note)\(\s*"([a-z_]+)"')
    raised = {code for module in source.rglob("*.py") for code in pattern.findall(module.read_text())}
    assert raised == set(CODES)


@pytest.mark.parametrize(
    ("key", "pointer"),
    [("a", "/a"), ("a/b", "/a~1b"), ("~1", "/~01"), ("", "/"), ("é", "/é")],
)
def test_pointer(key: str, pointer: str) -> None:
    """A pointer escapes `~` before `/`, as RFC 6901 says."""
    assert find_pointer(key) == pointer


@pytest.mark.parametrize(("length", "shown"), [(64, 64), (65, 64), (10_000, 64)])
def test_shorten(length: int, shown: int) -> None:
    """A caller's text is quoted in at most 64 characters."""
    assert len(shorten("x" * length)) == shown + 2


def test_shorten_escapes() -> None:
    """What is quoted holds no control character and no half of a surrogate pair."""
    assert shorten("a\n\ud800") == r"'a\n\ud800'"


def test_a_fault_says_only_what_it_has() -> None:
    """As JSON a fault leaves out what it does not have."""
    assert msgspec.json.encode(Fault("absent", "/x", "x is missing", "x")) == (
        b'{"code":"absent","pointer":"/x","detail":"x is missing","field":"x"}'
    )
