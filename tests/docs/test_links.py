from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, REPOSITORY

PAGES = sorted([*REPOSITORY.glob("*.md"), *DOCS.rglob("*.md"), *(REPOSITORY / "examples").rglob("*.md")])

_LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)(?P<path>[^)#\s]*)(?:#(?P<section>[^)\s]*))?\)")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_MAKE = re.compile(r"^make ([a-z-]+)|`make ([a-z-]+)", re.MULTILINE)


def find_dead_links(page: Path, text: str) -> Iterator[str]:
    """Find the links that lead nowhere."""
    for link in _LINK.finditer(_CODE.sub("`", text)):
        target = (page.parent / link["path"]).resolve() if link["path"] else page
        if not target.exists() or (link["section"] and link["section"] not in find_sections(target)):
            yield link[0]


def find_sections(page: Path) -> set[str]:
    """Find what a link to a section of a page may end with, as GitHub and MyST make it of the heading."""
    headings = _HEADING.findall(page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page: Path) -> None:
    """Each link within the repository leads to a file that is there, and to a section that it has."""
    assert list(find_dead_links(page, page.read_text("utf-8"))) == []


def test_a_dead_link_is_found() -> None:
    """A link to a page that is not there, or to a section that a page has not, is dead; code is no link."""
    text = "[a](no-such.md) [b](README.md#no-such) `[c](no-such.md)` [d](README.md#links) [e](https://example.org/x)"
    assert list(find_dead_links(REPOSITORY / "README.md", text)) == ["[a](no-such.md)", "[b](README.md#no-such)"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_what_is_made_can_be_made(page: Path) -> None:
    """Each `make` that a page names is a target of the Makefile."""
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    named = {first or second for first, second in _MAKE.findall(page.read_text("utf-8"))}
    assert [target for target in sorted(named) if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
