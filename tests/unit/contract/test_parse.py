import math
import time

import pytest

from augury.contract.faults import Fault
from augury.contract.parse import MAX_DEPTH, Members, describe, has_infinity, parse_json, parse_record


def test_members_are_kept_as_they_stand() -> None:
    """Every member comes back in order, duplicates among them, nested ones too."""
    parsed = parse_record(b'{"b": 1, "a": {"c": null, "c": true}, "b": "x"}')
    assert parsed == [("b", 1), ("a", [("c", None), ("c", True)]), ("b", "x")]
    assert isinstance(parsed, Members)


@pytest.mark.parametrize(
    ("token", "number"),
    [(b"1", 1), (b"-0.0", -0.0), (b"9007199254740993", 2**53 + 1), (b"1" + b"0" * 30, 1e30), (b"5e-324", 5e-324)],
)
def test_numbers(token: bytes, number: float) -> None:
    """An integer of up to 19 digits stays exact, a longer one is its nearest double."""
    parsed = parse_json(token)
    assert repr(parsed) == repr(number)


@pytest.mark.parametrize("token", [b"1e400", b"NaN", b"Infinity", b"-Infinity", b"-1e999", b"9" * 5000])
def test_what_is_not_finite_is_infinite(token: bytes) -> None:
    """What no double can say comes back infinite, for the contract to refuse where it stands."""
    parsed = parse_json(token)
    assert isinstance(parsed, float)
    assert math.isinf(parsed)


def test_a_million_digits_take_no_time() -> None:
    """A number of a million digits is read in linear time: Python's int would take minutes or raise."""
    start = time.perf_counter()
    assert parse_json(b"9" * 1_000_000) == math.inf
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("bracket", [b"[", b'{"a":'])
def test_depth(bracket: bytes) -> None:
    """Nesting past the limit is refused before a parser recurses, however deep it is."""
    for depth in (MAX_DEPTH + 1, 1_000_000):
        fault = parse_json(bracket * depth)
        assert isinstance(fault, Fault)
        assert fault.code == "too_deep"


def test_a_place_in_a_malformed_body() -> None:
    """The detail says where the body stops being JSON."""
    fault = parse_json(b'{"a": 1,\n "b" 2}')
    assert isinstance(fault, Fault)
    assert (fault.code, "line 2, column 6" in fault.detail) == ("malformed", True)


def test_a_place_in_a_body_that_is_not_text() -> None:
    """The detail says at which byte the body stops being UTF-8."""
    fault = parse_json(b'{"a": "\xff"}')
    assert isinstance(fault, Fault)
    assert (fault.code, "byte 7" in fault.detail) == ("encoding", True)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        (True, "a boolean"),
        (1, "a number"),
        (0.5, "a number"),
        ("x", "text"),
        ({}, "an object"),
        (Members(), "an object"),
        ([], "an array"),
        ((), "an array"),
        (b"x", "a bytes"),
    ],
)
def test_describe(value: object, words: str) -> None:
    """A value's type is named in the words of JSON."""
    assert describe(value) == words


@pytest.mark.parametrize(
    ("body", "has"),
    [(b'{"a": [1, {"b": 1e400}]}', True), (b'{"a": [1, {"b": 1e300}], "c": "1e400"}', False), (b"-1e400", True)],
)
def test_has_infinity(body: bytes, has: bool) -> None:
    """An infinite number is found at any depth."""
    assert has_infinity(parse_json(body)) is has
