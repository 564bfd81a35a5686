from __future__ import annotations

import base64
import hashlib
import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from augury.markup import (
    Markup,
    find_style_source,
    join,
    read_style,
    tag,
    write_bar,
    write_excerpt,
    write_facts,
    write_name,
    write_table,
    write_text,
)


@given(st.text())
def test_a_text_stays_a_text(text: str) -> None:
    """What is written can be read back, but for what HTML cannot hold, and holds no sign of markup."""
    written = write_text(text)
    assert set(written) & set("<>\"'") == set()
    assert unescape(written) == re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd", text)
    written.encode()


def test_markup_stays_markup() -> None:
    """What is markup already is not escaped again, whatever it is part of."""
    bold = tag("b", "a < b")
    assert bold == "<b>a &lt; b</b>"
    assert write_text(bold) is bold
    assert tag("p", "1 ", bold) == "<p>1 <b>a &lt; b</b></p>"
    assert isinstance(join([bold, "&"]), Markup)


def test_a_sum_of_markup_is_a_plain_text() -> None:
    """Markup that is put together by hand is escaped: only what is made here is trusted."""
    assert write_text(Markup("<b>") + "<i>") == "&lt;b&gt;&lt;i&gt;"


def test_attributes_are_escaped_and_named() -> None:
    """A quote cannot end an attribute; underscores become hyphens; an attribute that is None is left out."""
    written = tag("td", class_='a" onclick="b', aria_label="<x>", id=None)
    assert written == '<td class="a&quot; onclick=&quot;b" aria-label="&lt;x&gt;"></td>'


def test_a_void_element_has_no_end() -> None:
    """An element that holds nothing is not closed."""
    assert tag("meta", charset="utf-8") == '<meta charset="utf-8">'


def test_nothing_is_left_out() -> None:
    """A part that is None is no part."""
    assert join(["a", None, "b"], between=", ") == "a, b"
    assert tag("p", None) == "<p></p>"


def test_a_table_scrolls_in_its_own_box() -> None:
    """A table stands in a box that the keyboard reaches, with its numbers to the right."""
    written = write_table(("a", "b"), [("<", "1")], numbers=frozenset({1}))
    assert written.startswith('<div class="wide" tabindex="0"><table>')
    assert '<th scope="col" class="number">b</th>' in written
    assert '<td>&lt;</td><td class="number">1</td>' in written


def test_facts_and_names() -> None:
    """Facts are a list of terms; a name keeps its direction to itself."""
    assert write_facts([("a", write_name("<ש>"))]) == "<dl><dt>a</dt><dd><bdi>&lt;ש&gt;</bdi></dd></dl>"


@pytest.mark.parametrize(
    ("value", "start", "length", "kind"),
    [(2.0, "50.00", "50.00", "plus"), (-1.0, "25.00", "25.00", "minus"), (0.0, "50.00", "0.00", "plus")],
)
def test_a_bar_begins_in_the_middle(value: float, start: str, length: str, kind: str) -> None:
    """A bar goes right where the value is positive and left where it is negative, as long as its share."""
    assert f'<rect x="{start}" y="1" width="{length}" height="8" class="{kind}">' in write_bar(value, 2.0)


def test_a_bar_of_nothing() -> None:
    """Where every value is zero a bar has no length."""
    assert 'width="0.00"' in write_bar(0.0, 0.0)


def test_the_style_holds_only_within_its_class() -> None:
    """No rule of the style can touch the notebook around it, and none asks for a file."""
    style = read_style()
    selectors = [one.strip() for rule in style.split("}") if rule.strip() for one in rule.partition("{")[0].split(",")]
    assert selectors
    assert [selector for selector in selectors if not selector.startswith(".augury")] == []
    assert "url(" not in style
    assert "@import" not in style
    assert write_excerpt("<").endswith("</style>&lt;</div>")


def test_the_style_source_is_its_digest() -> None:
    """The source expression is the SHA-256 of the style in base64."""
    digest = base64.b64encode(hashlib.sha256(b"p {}").digest()).decode()
    assert find_style_source("p {}") == f"'sha256-{digest}'"
