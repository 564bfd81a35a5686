"""HTML that is escaped by construction: a text becomes part of a page only as text, and markup only where it is made.

Names, levels and notices come from tables and artifacts of anybody, so that no page is put together from plain strings.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

# What HTML cannot hold even escaped: control characters but tab and line feed, and halves of a surrogate pair.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# HTML's elements without an end tag, of those that are used here.
_VOID = frozenset({"br", "meta"})
_STYLE = Path(__file__).with_name("markup.css")


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


# Parts of an element: text, markup, or nothing.
Child = str | None


def write_text(text: str) -> Markup:
    """Escape a text; markup stays as it is. What HTML cannot hold becomes U+FFFD."""
    return text if isinstance(text, Markup) else Markup(escape(_FORBIDDEN.sub("\ufffd", text)))


def join(children: Iterable[Child], between: str = "") -> Markup:
    """Join parts into one, each escaped unless it is markup; None is left out."""
    return Markup(write_text(between).join(write_text(child) for child in children if child is not None))


def tag(element: str, /, *children: Child, **attributes: str | None) -> Markup:
    """Write an element: ``tag("td", "a < b", class_="number")`` is ``<td class="number">a &lt; b</td>``.

    A trailing ``_`` of an attribute is dropped and the others become ``-``; an attribute that is None is left out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{write_text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    start = f"<{element}{written}>"
    return Markup(start if element in _VOID else f"{start}{join(children)}</{element}>")


def write_name(name: str) -> Markup:
    """Write a name amid other text, so that its direction (Arabic, Hebrew, an override) ends with it."""
    return tag("bdi", name)


def write_table(
    header: Iterable[str], rows: Iterable[Iterable[Child]], *, numbers: frozenset[int] = frozenset()
) -> Markup:
    """Write a table in a box that scrolls where it is wider than the page; the columns in ``numbers`` end right."""
    head = join(tag("th", name, scope="col", class_=_align(at, numbers)) for at, name in enumerate(header))
    body = join(
        tag("tr", join(tag("td", cell, class_=_align(at, numbers)) for at, cell in enumerate(row))) for row in rows
    )
    return write_wide(tag("table", tag("thead", tag("tr", head)), tag("tbody", body)))


def write_wide(content: Markup) -> Markup:
    """Write what may be wider than the page in a box that scrolls, and that the keyboard reaches (WCAG 2.1.1)."""
    return tag("div", content, class_="wide", tabindex="0")


def write_facts(facts: Iterable[tuple[str, Child]]) -> Markup:
    """Write pairs of a term and what it is."""
    return tag("dl", join(join([tag("dt", term), tag("dd", fact)]) for term, fact in facts))


def write_bar(value: float, largest: float) -> Markup:
    """Draw a signed value as a bar from the middle, of full length at ``largest``; the number stands beside it."""
    length = abs(value) / largest * 50 if largest else 0.0
    start = 50 - length if value < 0 else 50.0
    shape = tag(
        "rect", x=f"{start:.2f}", y="1", width=f"{length:.2f}", height="8", class_="minus" if value < 0 else "plus"
    )
    axis = tag("path", d="M50 0v10", class_="axis")
    return tag("svg", shape, axis, class_="bar", viewBox="0 0 100 10", preserveAspectRatio="none", aria_hidden="true")


def read_style() -> str:
    """Read the style of what is written here; every rule of it holds only within the class ``augury``."""
    return _STYLE.read_text(encoding="utf-8")


def write_excerpt(*children: Child) -> Markup:
    """Write what a notebook shows, with its style."""
    return tag("div", tag("style", Markup(read_style())), *children, class_="augury")


def find_style_source(style: str) -> str:
    """Find the source expression of a Content-Security-Policy that allows this one style sheet."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def _align(at: int, numbers: frozenset[int]) -> str | None:
    return "number" if at in numbers else None
