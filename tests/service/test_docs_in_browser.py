from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from tests.browser import CONTRAST, LEAST_CONTRAST, Browser, start_browser
from tests.service.asking import ask

_OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.open = true; })"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser, where one is installed."""
    with start_browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module")
def page(app: Starlette, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the API, in a file."""
    path = tmp_path_factory.mktemp("page") / "docs.html"
    path.write_bytes(ask(app, "GET", "/docs", headers={"host": "h"}).body)
    return path


def test_nothing_is_fetched_and_nothing_fails(browser: Browser, page: Path) -> None:
    """The browser asks for the page alone, and has nothing to say about it."""
    browser.open(page.as_uri(), 1280)
    assert browser.find("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown") == []
    assert [sent["request"]["url"] for sent in browser.find("Network.requestWillBeSent")] == [page.as_uri()]


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_window(browser: Browser, page: Path, width: int) -> None:
    """With everything open the page never scrolls sideways: what is wider scrolls in a box of its own."""
    browser.open(page.as_uri(), width)
    browser.run(_OPEN_ALL)
    assert browser.run("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_can_be_read(browser: Browser, page: Path, dark: bool) -> None:
    """Every text has the contrast that WCAG's level AA asks for, on light and on dark."""
    browser.open(page.as_uri(), 1280, dark=dark)
    browser.run(_OPEN_ALL)
    assert browser.run(LEAST_CONTRAST) >= CONTRAST


def test_a_link_opens_what_it_leads_to(browser: Browser, page: Path) -> None:
    """What is closed opens when a link of the page leads into it."""
    browser.open(page.as_uri(), 1280)
    assert browser.run("document.querySelectorAll('details[open]').length") == 0
    browser.run("document.querySelector('nav a[href=\"#explain\"]').click()")
    assert browser.wait_until("document.querySelector('details[open] #explain') !== null")
