from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import CONTRAST, LEAST_CONTRAST, Browser, start_browser
from tests.unit.report.reports import make_hostile_document, make_report

PHONE, DESK = 390, 1280  # CSS pixels


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser, where one is installed."""
    with start_browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module", params=["usual", "hostile"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a usual model, and of one with hostile names, in a file."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    make_report(make_hostile_document() if request.param == "hostile" else None).save(path)
    return path


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_nothing_is_fetched_and_nothing_fails(browser: Browser, page: Path, width: int) -> None:
    """The browser asks for the page alone, and has nothing to say about it."""
    browser.open(page.as_uri(), width)
    assert browser.find("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown") == []
    assert [sent["request"]["url"] for sent in browser.find("Network.requestWillBeSent")] == [page.as_uri()]
    assert browser.run("document.querySelectorAll('script').length") == 0
    assert browser.run("document.querySelectorAll('section').length") == 7


@pytest.mark.parametrize("width", [360, PHONE, 768, DESK])
def test_nothing_is_wider_than_the_window(browser: Browser, page: Path, width: int) -> None:
    """On a phone as on a desk the page never scrolls sideways: what is wider scrolls in a box of its own."""
    browser.open(page.as_uri(), width)
    # A phone's window widens to what overflows, so that the width asked for is what counts.
    assert browser.run("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_can_be_read(browser: Browser, page: Path, dark: bool) -> None:
    """Every text, of the plots too, has the contrast that WCAG's level AA asks for, on light and on dark."""
    browser.open(page.as_uri(), DESK, dark=dark)
    assert browser.run(LEAST_CONTRAST) >= CONTRAST


def test_paper_is_white(browser: Browser, page: Path) -> None:
    """A reader who likes it dark still prints on white."""
    browser.open(page.as_uri(), DESK, dark=True)
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(21, 24, 28)"
    browser.open(page.as_uri(), DESK, dark=True, media="print")
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_the_style_is_the_pages_own(browser: Browser, page: Path) -> None:
    """The policy lets the page's style through, and no style that something else in the page would bring."""
    browser.open(page.as_uri(), DESK)
    assert browser.run("getComputedStyle(document.querySelector('table')).borderCollapse") == "collapse"
    browser.run("document.body.append(Object.assign(document.createElement('style'), {textContent: 'p {color: red}'}))")
    assert browser.run("getComputedStyle(document.querySelector('p')).color") != "rgb(255, 0, 0)"
