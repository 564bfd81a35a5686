from __future__ import annotations

import pytest

from augury.cli.render import draw_bar, measure, printable, render_table, shorten_cell, show_count, show_number


def test_a_table_is_aligned() -> None:
    """Columns are as wide as their widest cell, two spaces apart, numbers to the right, no space at the end."""
    lines = render_table(("field", "n"), [("a", "1,000"), ("long name", "7")], right={1})
    assert lines == [
        "FIELD          N",
        "a          1,000",
        "long name      7",
    ]


def test_wide_and_combining_characters_are_counted_as_they_are_seen() -> None:
    """A Chinese character takes two columns and a combining accent none."""
    assert [measure(text) for text in ("abc", "客户", "e\u0301")] == [3, 4, 1]
    lines = render_table(("", ""), [("客户", "x"), ("abcd", "y")])
    assert lines == ["客户  x", "abcd  y"]


def test_a_cell_is_escaped_and_shortened() -> None:
    """A cell holds no control character and at most sixty characters."""
    [line] = render_table(("",), [("\x1b" + "a" * 100,)])
    assert line == r"\x1b" + "a" * 55 + "…"


def test_what_is_not_printable_is_escaped() -> None:
    """Controls, directions and separators are escaped; letters of every script stay."""
    assert printable("ü客\t\u202e\u2028\x9b") == r"ü客\t\u202e\u2028\x9b"


@pytest.mark.parametrize(("text", "shown"), [("abc", "abc"), ("abcd", "ab…")])
def test_a_text_is_cut_at_its_limit(text: str, shown: str) -> None:
    """A text of the limit stays whole, and one character more costs two."""
    assert shorten_cell(text, 3) == shown


@pytest.mark.parametrize(("number", "shown"), [(72.0, "72"), (0.1, "0.1"), (1e300, "1e+300"), (-0.0, "-0")])
def test_a_number_is_as_short_as_it_reads_back(number: float, shown: str) -> None:
    """No digit is lost and no idle zero kept."""
    assert show_number(number) == shown
    assert float(shown) == number


def test_counts_have_their_plural() -> None:
    """One row, several rows, thousands with their comma."""
    assert [show_count(count, "row") for count in (0, 1, 7043)] == ["0 rows", "1 row", "7,043 rows"]


def test_a_bar_is_as_long_as_its_value() -> None:
    """The largest has the whole width, half of it half, and nothing has none, whatever the sign."""
    assert [len(draw_bar(value, 2.0)) for value in (2.0, -1.0, 0.0)] == [20, 10, 0]
    assert draw_bar(0.0, 0.0) == ""
