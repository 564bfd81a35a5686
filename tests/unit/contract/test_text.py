import math

import pytest

from augury.contract.text import is_blank, parse_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12.0),
        ("+12", 12.0),
        ("-12.", -12.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("  29.85\t", 29.85),
        ("007", 7.0),
        ("5e-324", 5e-324),
        ("1e-400", 0.0),
        ("9007199254740993", 2.0**53),
    ],
)
def test_numbers(text: str, number: float) -> None:
    """A decimal number is its nearest double; spaces and tabs around it do not matter."""
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["1e400", "-1e400", "9" * 400])
def test_numbers_beyond_every_double(text: str) -> None:
    """A number beyond every double is infinite, for the contract to refuse."""
    assert math.isinf(parse_number(text) or 0.0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "e5",
        "1e",
        "--1",
        "1d",
        "12abc",
        "1,5",
        "1_000",
        "0x10",
        "nan",
        "inf",
        "Infinity",
        "١٢",
        "1 2",
        "\u00a01",
        "1\n",
        "½",
    ],
)
def test_no_numbers(text: str) -> None:
    """What is not decimal ASCII is no number, whatever Python's own float would say."""
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("text", "blank"), [("", True), (" \t\r\n\f\v", True), ("\u00a0", False), ("0", False), (".", False)]
)
def test_blank(text: str, blank: bool) -> None:
    """Empty or all ASCII space is blank."""
    assert is_blank(text) is blank
