"""Whether a text in YAML is read as that text, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from augury.bundle.model_map import quote_content
from augury.bundle.yaml_text import quote_yaml
from tests.unit.bundle.deployments import FIELD, LEVEL, NAMES

# YAML 1.1, which Kubernetes reads, and 1.2, which compose does.
READERS: dict[str, Callable[[str], Any]] = {"1.1": yaml.safe_load, "1.2": YAML(typ="safe", pure=True).load}
OTHERS = ("", "~", "=", "<<", "1:30", "2026-11-23", ".inf", "a: b", "- a", "#", "@a", "%a", "é")
TEXTS = st.text(st.characters(codec="utf-8"))


@pytest.mark.parametrize("version", READERS)
@pytest.mark.parametrize("text", [*NAMES, FIELD, LEVEL, *OTHERS])
def test_a_text_is_read_as_itself(text: str, version: str) -> None:
    """What looks like a number, a truth, a time, nothing or a structure is a text, as a value and as a key."""
    assert READERS[version](f"{quote_yaml(text)}: {quote_yaml(text)}") == {text: text}


@given(TEXTS | st.from_regex(r"[A-Za-z0-9._:@/-]{1,12}", fullmatch=True))
def test_any_text_is_read_as_itself(text: str) -> None:
    """There is no text that becomes another, or something other than a text."""
    for read in READERS.values():
        assert read(f"- {quote_yaml(text)} # {quote_yaml(text)}") == [text]


@given(st.lists(TEXTS).map("\n".join) | TEXTS.map("{{\n  {}\n}}\n".format))
def test_any_file_is_read_as_itself(text: str) -> None:
    """A file that stands as lines, or as one text where its lines would not be exact, is that file to every reader."""
    for read in READERS.values():
        assert read(f"data:\n  file: {quote_content(text)}\n") == {"data": {"file": text}}


def test_a_plain_name_has_no_quotes() -> None:
    """A file reads as a person would have written it."""
    names = ("churn", "churn-prediction", "churn-prediction:f53e6ee61c8b", "churn@f53e6ee61c8b")
    assert [quote_yaml(name) for name in names] == list(names)
