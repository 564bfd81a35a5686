"""Cells that engines are apt to read, fold, compare or round in ways of their own."""

from __future__ import annotations

import math
import random
import struct
from decimal import Decimal

LARGEST = 1.7976931348623157e308
SMALLEST = 5e-324

# Texts that a column may hold and a level may be: what engines escape, pad, fold and sort in ways of their own.
LITERALS = (
    *("", " ", "  ", "a", "A", "a ", " a", "a  ", "b", "B", "ab", "a-b", "a_b", "a b", "Z", "z", "_", "^"),
    *(
        "'",
        "''",
        '"',
        '""',
        "`",
        "\\",
        "\\\\",
        "\\n",
        "\\'",
        "a\\",
        "%",
        "a%",
        "$$",
        "$1",
        "?",
        ":a",
        "{a}",
        "--",
        "/*",
    ),
    *("é", "e\u0301", "e", "ä", "ß", "ss", "SS", "İ", "ı", "i", "I", "Å", "\u212b", "\ufb01", "fi", "١", "1", "01"),
    *("\u00a0", "\u2028", "\u200b", "\ufeff", "\ufffd", "\U0001f600", "\U0001f600a", "\U0010ffff", "\uffff"),
)
# No level may hold a control character; a cell may.
TEXTS = (
    *LITERALS,
    "\t",
    "\n",
    "a\n",
    "\na",
    "a\r\n",
    "\r",
    "\v",
    "\f",
    "\x1c",
    "\x1f",
    "\x01",
    "a\x00",
    "\x00",
    "\x7f",
)
SPACES = (
    "\t \t",
    " \t\r\n\f\v",
    " \x1f",
    " \u00a0",
    "\t\n",
    "\n\n",
    " x ",
    "\tx\t",
    "\u2003",
    "\x85",
    "x" * 5000,
    " " * 500,
)
NUMBERS_IN_TEXT = (
    *("0", "-0", "+0", "-0.0", "1", "+1", "-1", "1.", ".5", "-.5", "+5.", "007", "1e5", "1E5", "1e+5", "1e-5", "1e05"),
    *(
        " 1",
        "1 ",
        "\t1\t",
        " \t1 ",
        "1\n",
        "\n1",
        "1\v",
        "1\r",
        "\u00a01",
        "1\x00",
        "1\x1f",
        "--1",
        "+-1",
        "- 1",
        "1 e5",
    ),
    *("1e", "e5", "1e+", "1e5.0", "1.2.3", ".", "..", "+", "-", "+.", ".e5", "1,5", "1_000", "1'000", "1d", "1f", "1L"),
    *("nan", "NaN", "inf", "-inf", "Infinity", "0x10", "0b1", "0o7", "١", "１", "1e400", "-1e400", "1e-400", "-1e-400"),
    *("1.7976931348623157e308", "-1.7976931348623157e308", "1.7976931348623159e308", "1.7976931348623158e308"),
    *("2.2250738585072014e-308", "2.2250738585072011e-308", "5e-324", "-5e-324", "3e-324", "2e-324", "4.9e-324"),
    *("9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993", "9007199254740993.0"),
    *("0.1", "29.85", "3320.75", "0.3", "123456.789", "1e22", "1e23", "8.41e21", "9.5e-3", "1e308", "1e-308"),
    *("1e99999", "-1e99999", "1e-99999", "0e99999", "0.0e-99999", "1e0000000000000000005", "1e999999999999999999999"),
    *("1e-999999999999999999999", "0" * 400 + "1", "1" * 309, "1" * 310, "9" * 400, "0." + "0" * 400 + "1"),
    *("1" * 200 + "e-200", "0." + "0" * 200 + "1e200", "179769313486231570" + "0" * 291, "18" + "0" * 307, "1" * 6000),
    *("1.797693134862315" + "9" * 100 + "e308", "1.7976931348623157" + "0" * 100 + "e308", "2" + "0" * 5500),
)
DOUBLES = (
    *(0.0, -0.0, 1.0, -1.0, 0.1, -0.1, 29.85, 3320.75, 1e22, 1e23, 2.0**53, -(2.0**53), 2.0**53 - 1, 2.0**63, 1e17),
    *(LARGEST, -LARGEST, 1.797e308, SMALLEST, -SMALLEST, 2.2250738585072014e-308, 2.2250738585072009e-308, 1e-308),
    *(0.5, 1.5, -1.5, 1 / 3, math.pi, 1e-5, 123456789.123456789, 5e-310, 2.0**-1074 * 3, 0.49999999999999994),
)
INFINITE = (math.inf, -math.inf)
INTEGERS = (0, 1, -1, 2**31, 2**53 - 1, 2**53, 2**53 + 1, -(2**53) - 1, 2**62 + 1, 2**63 - 1, -(2**63), 2**60 + 129)
# Of at most ten decimals and 28 digits before them: what the tables of all engines hold.
DECIMALS = tuple(
    map(
        Decimal,
        (
            *("0", "0.1", "-0.1", "29.85", "3320.75", "0.0000000001", "9007199254740993", "9007199254740993.5", "0.3"),
            *("123456789012345678.1234567891", "9999999999999999.9999999999", "-1234567890123456789012345678.5"),
        ),
    )
)
SEED = 6


def draw_doubles(count: int) -> list[float]:
    """Draw doubles of all exponents, among them subnormal ones."""
    source = random.Random(SEED)
    drawn = (struct.unpack("<d", source.randbytes(8))[0] for _ in range(2 * count))
    return [*DOUBLES, *[number for number in drawn if math.isfinite(number)][:count], *_draw_subnormals(source)]


def _draw_subnormals(source: random.Random) -> list[float]:
    return [math.ldexp(source.getrandbits(source.randint(1, 52)), -1074) for _ in range(50)]


def draw_short_decimals(count: int) -> list[str]:
    """Draw decimals of up to 15 digits, as tables have them."""
    source = random.Random(SEED)
    return [
        f"{source.uniform(-1e6, 1e6):.{source.randint(0, 6)}f}" if number % 2 else f"{source.getrandbits(29) / 100:.2f}"
        for number in range(count)
    ]


def draw_long_decimals(count: int) -> list[str]:
    """Draw decimals as programs print them, and some of many more digits."""
    source = random.Random(SEED)
    printed = [repr(number) for number in draw_doubles(count // 2)[-count // 2 :]]
    return printed + [
        f"{source.choice('+- ')}{source.getrandbits(70)}.{source.getrandbits(70)}e{source.randint(-340, 300)}"
        for _ in range(count - len(printed))
    ]
