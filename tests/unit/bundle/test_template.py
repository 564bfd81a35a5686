from __future__ import annotations

from pathlib import Path

import pytest

from augury.bundle import template
from augury.bundle.quoting import quote


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of templates."""
    monkeypatch.setattr(template, "_FOLDER", tmp_path)
    return tmp_path


def test_only_blanks_are_filled_in(folder: Path) -> None:
    """Dollars, braces and at signs of the format stay; a value that looks like a blank is not filled in again."""
    text = "a: @{name}\nb: ${NAME} $name {{ $labels.x }} actions/checkout@v4 @ @{other}\n"
    (folder / "t").write_text(text, "utf-8")
    filled = template.fill("t", {"name": "@{other}", "other": "$name", "unused": "x"}, quote).decode()
    assert filled == 'a: "@{other}"\nb: ${NAME} $name {{ $labels.x }} actions/checkout@v4 @ "$name"\n'


def test_a_blank_without_a_value_is_an_error(folder: Path) -> None:
    """A template that asks for what there is not fails when it is filled in, not when it is deployed."""
    (folder / "t").write_text("@{absent}", "utf-8")
    with pytest.raises(KeyError, match="absent"):
        template.fill("t", {}, str)
