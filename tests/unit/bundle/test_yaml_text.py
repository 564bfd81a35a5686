"""Whether a text in YAML is read as that text, and nothing else."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from augury.bundle.yaml_text import quote_yaml
from tests.unit.bundle.deployments import FIELD, LEVEL, NAMES


@pytest.mark.parametrize(
    "text", [*NAMES, FIELD, LEVEL, "", "~", "=", "<<", "1:30", "2026-11-23", ".inf", "a: b", "- a"]
)
def test_a_text_is_read_as_itself(text: str) -> None:
    """What looks like a number, a truth, a time, nothing or a structure is a text, as a value and as a key."""
    assert yaml.safe_load(f"{quote_yaml(text)}: {quote_yaml(text)}") == {text: text}


@given(st.text(st.characters(codec="utf-8")) | st.from_regex(r"[A-Za-z0-9._:@/-]{1,12}", fullmatch=True))
def test_any_text_is_read_as_itself(text: str) -> None:
    """There is no text that becomes another, or something other than a text."""
    assert yaml.safe_load(f"- {quote_yaml(text)} # {quote_yaml(text)}") == [text]


def test_a_plain_name_has_no_quotes() -> None:
    """A file reads as a person would have written it."""
    names = ("churn", "churn-prediction", "churn-prediction:f53e6ee61c8b", "churn@f53e6ee61c8b")
    assert [quote_yaml(name) for name in names] == list(names)
