"""A text stays that text in every format, and nothing of it becomes anything else."""

from __future__ import annotations

import json
import tomllib

import yaml
from hypothesis import given
from hypothesis import strategies as st

from augury.bundle.quoting import cell, fence, quote

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    [
        "no",
        "null",
        "1e3",
        "0x1F",
        "~",
        "- a",
        "a: b",
        "{{ x }}",
        "$(id)",
        "%n",
        "]]>",
        "\x85",
        "\u2028",
        "\ufeff",
        "'\"\\",
        "#",
    ]
)


@given(TEXTS)
def test_a_quoted_text_reads_back(text: str) -> None:
    """JSON, TOML, and YAML as YAML 1.1 has it, read the very text, from one line."""
    quoted = quote(text)
    assert json.loads(quoted) == text
    assert tomllib.loads(f"a = {quoted}")["a"] == text
    assert yaml.safe_load(f"a: {quoted}\n")["a"] == text
    assert len(quoted.splitlines()) == 1


@given(st.text("`a\n", max_size=12))
def test_a_fence_is_longer_than_what_it_holds(text: str) -> None:
    """No line of the text ends the block of code that it stands in."""
    first, *inside, last = fence(text, "sh").split("\n")
    assert "\n".join(inside) == text
    assert first == last + "sh"
    assert not [line for line in inside if line.startswith(last)]


@given(TEXTS | st.text("`|\n a", max_size=8))
def test_code_stays_in_its_cell(text: str) -> None:
    """Code in a line of Markdown has no bar that ends a cell and no end of a line."""
    shown = cell(text)
    assert len(shown.splitlines()) == 1
    assert "|" not in shown.replace("\\|", "")
