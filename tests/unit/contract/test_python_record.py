import datetime
import math
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from types import MappingProxyType

import pytest

from augury.contract.faults import Fault
from augury.contract.python_record import make_plain, read_members
from augury.contract.values import Foreign, Unreadable
from tests.contract.cases import Hostile


class Plan(str, Enum):  # noqa: UP042 - people write it so, and its str() is not its text
    """A text by another name."""

    GOLD = "gold"


class Size(IntEnum):
    """An integer by another name."""

    ONE = 1


class Loud(str):
    """A text that raises when it is asked for itself."""

    __slots__ = ()

    def __str__(self) -> str:
        """Raise."""
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("x", "x"),
        (Plan.GOLD, "gold"),
        (Loud("x"), "x"),
        (Size.ONE, 1),
        (True, True),
        (None, None),
        (1.5, 1.5),
        (math.nan, None),
        (2**64 - 1, 2**64 - 1),
        (10**30, 1e30),
        (10**400, math.inf),
        (-(10**400), -math.inf),
        (Decimal("0.1"), 0.1),
        (Decimal("NaN"), None),
        (Decimal("-1e400"), -math.inf),
        (Fraction(1, 3), 1 / 3),
        (Fraction(10**400), math.inf),
        ([math.nan], []),
        ((1,), []),
        ({1}, []),
        ({"a": 1}, {}),
    ],
)
def test_plain(value: object, plain: object) -> None:
    """A scalar becomes the plain one that it means, exactly of its type; a container keeps only that it is one."""
    made = make_plain(value)
    assert made == plain
    assert type(made) is type(plain)


@pytest.mark.parametrize("value", [datetime.date(2026, 1, 31), b"x", 1j, object(), len])
def test_foreign(value: object) -> None:
    """What no field takes keeps the name of its type alone."""
    made = make_plain(value)
    assert isinstance(made, Foreign)
    assert made.name == type(value).__name__


@pytest.mark.parametrize("make", [Hostile, lambda: Decimal("sNaN")], ids=["hostile", "signalling"])
def test_unreadable(make: Callable[[], object]) -> None:
    """What raises when it is asked what it is becomes something that does not."""
    assert isinstance(make_plain(make()), Unreadable)


@pytest.mark.parametrize("record", [{"a": 1}, OrderedDict(a=1), MappingProxyType({"a": 1})])
def test_any_mapping_is_a_record(record: Mapping[str, object]) -> None:
    """A record may be any mapping."""
    assert read_members(record) == [("a", 1)]


class Broken(Mapping[str, object]):
    """A mapping whose members cannot be read."""

    def __getitem__(self, key: str) -> object:
        """Raise."""
        raise OSError(key)

    def __iter__(self) -> Iterator[str]:
        """Yield a key without a value."""
        yield "a"

    def __len__(self) -> int:
        """Say one."""
        return 1


@pytest.mark.parametrize("make", [type(None), int, str, list, Hostile, Broken, bytes])
def test_what_is_no_record(make: Callable[[], object]) -> None:
    """What is no mapping, or cannot be read as one, is one fault."""
    fault = read_members(make())
    assert isinstance(fault, Fault)
    assert (fault.code, fault.pointer) == ("not_an_object", "")


@pytest.mark.parametrize("record", [{"\ud800": 1}, {"a": "\udfff"}])
def test_half_a_pair(record: dict[str, object]) -> None:
    """Half of a surrogate pair in a key or a value is refused as it is in JSON."""
    fault = read_members(record)
    assert isinstance(fault, Fault)
    assert fault.code == "encoding"


def test_a_list_that_holds_itself() -> None:
    """A container is not looked into, so one that holds itself is no trap."""
    loop: list[object] = []
    loop.append(loop)
    assert read_members({"a": loop}) == [("a", [])]
