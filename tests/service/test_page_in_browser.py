from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import augury
from augury.artifact.document import Golden
from augury.contract.fields import BooleanField, Bounds, CategoryField, Contract, Field, IdentifierField, NumberField
from augury.ir.nodes import Category, Linear, Link, Number, OneHot
from augury.model import Model
from augury.service.app import create_app
from augury.service.settings import Settings
from tests.browser import CONTRAST, LEAST_CONTRAST, Browser, start_browser
from tests.service.models import make_model, make_model_of
from tests.service.page_host import Host, run_host
from tests.service.running import Running, run_server

ARTIFACT = Path(augury.__file__).with_name("models") / "churn.augury.json"
PHONE, TABLET, DESK = 360, 768, 1280  # CSS pixels
HOSTILE = (
    "<script>alert(1)</script>",
    "'; DROP TABLE customers; --",
    "\U0001f600 é",
    "__proto__",
    "a" * 300,
    "x\u202ey",
)

# The customer of the lab, of whom the lab's own model says 0.060.
CUSTOMER: dict[str, Any] = json.loads((Path(__file__).parents[1] / "parity" / "customer.json").read_text("utf-8"))
CUSTOMER.pop("customerid", None)

# Fill a control as a reader would: choose what a select shows, or write into an input.
FILL = """(name, shown) => {
  const place = [...document.querySelectorAll(".field")].find((each) => each.dataset.field === name);
  const control = place.querySelector("select, input");
  if (control.tagName === "SELECT") {
    control.value = [...control.options].find((option) => option.textContent === shown).value;
    control.dispatchEvent(new Event("change", {bubbles: true}));
  } else {
    control.value = shown;
    control.dispatchEvent(new Event("input", {bubbles: true}));
  }
}"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser, where one is installed."""
    with start_browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real server of the model that comes with Augury."""
    with run_server(tmp_path_factory.mktemp("server"), [ARTIFACT]) as running:
        yield running


@pytest.fixture
def host(model: Model) -> Iterator[Host]:
    """The application of the test model under a prefix, behind something that can be told to be in the way."""
    with run_host(create_app([model], settings=Settings())) as running:
        yield running


def _open(browser: Browser, url: str, width: int = DESK, *, dark: bool = False) -> None:
    browser.open(url, width, dark=dark)
    browser.wait_until("document.querySelector('.probability') !== null")


def _fill(browser: Browser, **values: object) -> None:
    for name, value in values.items():
        browser.run(f"({FILL})({json.dumps(name)}, {json.dumps(str(value))})")


def _read(browser: Browser, selector: str) -> str:
    text: str = browser.run(f"document.querySelector({json.dumps(selector)}).innerText")
    return text


def _read_rows(browser: Browser, caption: str) -> list[list[str]]:
    """The rows of the table whose caption begins so."""
    tables = (
        f"[...document.querySelectorAll('table')].find((each) => each.caption?.textContent.startsWith('{caption}'))"
    )
    rows: list[list[str]] = browser.run(
        f"[...{tables}.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    return rows


def _complaints(browser: Browser) -> list[dict[str, Any]]:
    """What the browser has to say; that an answer has the status of a refusal is told to whoever opens its console."""
    said = browser.find("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
    return [each for each in said if "status of 4" not in str(each)]


def _score(browser: Browser, path: Path) -> str:
    """Choose a file and await what is said of it."""
    browser.choose_file(".zone input", path)
    return str(
        browser.wait_until(
            "document.querySelector('.row:has(progress)').hidden && document.querySelector('.said').innerText"
        )
    )


# --- one record


def test_the_lab_customer(browser: Browser, server: Running) -> None:
    """The form, filled with the lab's customer, says what the lab's model says, and why."""
    _open(browser, f"{server.url}/")
    _fill(browser, **CUSTOMER)
    assert browser.wait_until("document.querySelector('.probability').innerText === '0.060'")
    assert "churn: false" in _read(browser, ".verdict")
    assert "below the threshold, 0.5" in _read(browser, ".verdict")
    reasons = augury.load(ARTIFACT).predict_one(CUSTOMER, explain=True).contributions or ()
    weightiest = sorted(reasons, key=lambda reason: -abs(reason.value))
    expected = [[each.field, f"{each.value:+.3f}".replace("-", "−"), ""] for each in weightiest]
    assert _read_rows(browser, "What each field adds") == expected[:10]
    browser.run("[...document.querySelectorAll('.reasons button')].at(-1).click()")
    assert _read_rows(browser, "What each field adds") == expected


def test_it_begins_with_a_golden_record(browser: Browser, server: Running) -> None:
    """The form is filled with the first golden row, and the answer is its answer."""
    model = augury.load(ARTIFACT)
    _open(browser, f"{server.url}/")
    assert _read(browser, ".probability") == f"{model.predict_one(model.examples[0]).probability:.3f}"
    assert browser.run("document.querySelector('.field[data-field=tenure] input').value") == "72"
    assert browser.run("document.querySelector('.what-if button').hidden") is True


def test_a_change_is_compared_and_taken_back(browser: Browser, server: Running) -> None:
    """A changed field moves the probability, is listed with both values, and goes back at the press of a button."""
    _open(browser, f"{server.url}/")
    before = _read(browser, ".probability")
    _fill(browser, contract="two_year")
    browser.wait_until(f"document.querySelector('.probability').innerText !== '{before}'")
    after = _read(browser, ".probability")
    assert float(after) < float(before)
    assert _read(browser, ".effect").startswith(f"Probability {before} → {after} (−0.")
    assert _read(browser, ".changes") == "contract: month-to-month → two_year"
    assert _read(browser, "[data-field=contract] .was") == "was month-to-month"
    browser.run("document.querySelector('.what-if button').click()")
    browser.wait_until(f"document.querySelector('.probability').innerText === '{before}'")
    assert browser.run("document.querySelector('.changes').hidden") is True
    assert browser.run("document.querySelector('[data-field=contract] .was').hidden") is True


def test_a_faulty_value_is_told_at_its_field(browser: Browser, server: Running) -> None:
    """A value that the contract refuses is refused in the service's words, at the field, and there is no number."""
    _open(browser, f"{server.url}/")
    _fill(browser, monthlycharges="a lot", tenure="-3")
    browser.wait_until("document.querySelectorAll('.refused').length === 2")
    assert "monthlycharges takes a number, not text" in _read(browser, "[data-field=monthlycharges] .message")
    assert "outside the range seen in training, 0 to 72" in _read(browser, "[data-field=tenure] .message")
    assert browser.run("document.querySelector('[data-field=tenure] input').getAttribute('aria-invalid')") == "true"
    assert browser.run("document.querySelector('.probability')") is None
    assert "Refused" in _read(browser, ".verdict")
    assert "2 faults" in _read(browser, ".verdict")
    browser.run("[...document.querySelectorAll('.reasons button')].at(-1).click()")
    assert browser.run("document.activeElement.closest('.field').dataset.field") == "tenure"
    _fill(browser, monthlycharges="50", tenure="3")
    browser.wait_until("document.querySelector('.probability') !== null")
    assert browser.run("document.querySelectorAll('.refused, .message:not([hidden])').length") == 0


def test_a_doubtful_value_is_noted_at_its_field(browser: Browser, server: Running) -> None:
    """A number beyond what training saw, and an emptied field, are scored with the service's note beside them."""
    _open(browser, f"{server.url}/")
    _fill(browser, tenure="90", totalcharges="")
    browser.wait_until("document.querySelectorAll('.noted').length === 2")
    assert "Noted: tenure is 90" in _read(browser, "[data-field=tenure] .message")
    assert "filled by the model's rule" in _read(browser, "[data-field=totalcharges] .message")
    assert browser.run("document.querySelector('.probability') !== null") is True


def test_the_slider_and_the_number_go_together(browser: Browser, server: Running) -> None:
    """A slider writes its number within what training saw, and follows the number that is typed."""
    _open(browser, f"{server.url}/")
    _fill(browser, tenure="12")
    assert browser.run("document.querySelector('[data-field=tenure] [type=range]').value") == "12"
    browser.run("document.querySelector('[data-field=monthlycharges] [type=range]').focus()")
    browser.press("End")
    browser.wait_until("document.querySelector('[data-field=monthlycharges] input').value === '118.65'")
    browser.press("ArrowLeft")
    browser.wait_until("document.querySelector('[data-field=monthlycharges] input').value === '118'")


def test_every_kind_of_field(browser: Browser, host: Host) -> None:
    """Booleans, integer levels, what is left out, null, and a level that training never saw are sent as such."""
    _open(browser, host.url)
    changes = {"phoneservice": "false", "paperlessbilling": "(left out)", "seniorcitizen": "(empty: null)"}
    _fill(browser, **changes, contract="another level…", customerid="0042", totalcharges=" ")
    browser.run(
        "(() => { const other = document.querySelector('[data-field=contract] select + input');"
        "other.value = 'weekly'; other.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )
    browser.wait_until("document.querySelectorAll('.noted').length === 3")
    sent = json.loads(host.asked[-1])
    assert "paperlessbilling" not in sent
    assert [sent[name] for name in ("phoneservice", "seniorcitizen", "contract")] == [False, None, "weekly"]
    assert [sent[name] for name in ("customerid", "totalcharges")] == ["0042", None]
    assert sent["tenure"] == 41


def test_an_overtaken_answer_is_dropped(browser: Browser, host: Host) -> None:
    """An answer that comes after the next one was asked for is never shown."""
    _open(browser, host.url)
    host.held = b'"month-to-month"'
    _fill(browser, contract="month-to-month")
    _wait(lambda: any(host.held in body for body in host.asked))  # type: ignore[operator]
    _fill(browser, contract="one_year")
    verdict = "document.querySelector('.verdict').innerText"
    shown = browser.wait_until(f"document.querySelector('.changes').innerText.includes('one_year') && {verdict}")
    host.release.set()
    _wait(lambda: any(b'"month-to-month"' in body for body in host.answered))
    # Time enough for an answer that came to be shown, were it to be.
    later = f"new Promise((settle) => setTimeout(() => settle({verdict}), 200))"
    assert browser.run(later) == shown


def test_the_page_says_when_nobody_answers(browser: Browser, host: Host) -> None:
    """A service that is gone is told in a sentence, and no old number stands."""
    _open(browser, host.url)
    host.is_gone = True
    _fill(browser, tenure="5")
    browser.wait_until("document.querySelector('.probability') === null")
    assert "cannot be reached" in _read(browser, ".verdict")


def test_a_replaced_model_is_told(browser: Browser, host: Host) -> None:
    """When another model answers than the one that the form was made from, the page says so."""
    _open(browser, host.url)
    host.app = create_app([make_model(unknown_key="refuse")], settings=Settings())
    _fill(browser, tenure="5")
    browser.wait_until("document.querySelector('.probability') === null")
    assert "load this page again" in _read(browser, ".verdict")


def test_a_key_is_asked_for(browser: Browser, host: Host) -> None:
    """Where the service wants a key the page asks for one, again when it is wrong, and keeps it out of every store."""
    host.key = "the right one"
    browser.open(host.url, DESK)
    assert browser.run("document.querySelector('.what-if button').hidden") is True
    for typed in ("wrong", "the right one"):
        browser.wait_until("document.querySelector('.key input[type=password]') === document.activeElement")
        browser.write(typed)
        browser.press("Enter")
        browser.wait_until("document.querySelector('.key input')?.value !== " + json.dumps(typed))
    browser.wait_until("document.querySelector('.probability') !== null")
    assert browser.run("document.querySelector('.key')") is None
    assert browser.run("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    assert browser.run("document.documentElement.outerHTML.includes('the right one')") is False
    assert "X-API-Key: YOUR-KEY" in _read(browser, ".snippets pre")


def test_a_busy_service_is_asked_again(browser: Browser, host: Host) -> None:
    """A question that is put off is asked again when the service says, without a word."""
    host.busy = 2
    _open(browser, host.url)
    assert len(host.asked) == 3


def test_several_models(browser: Browser) -> None:
    """The default model comes first, and the choice of another asks that one."""
    app = create_app([make_model(), make_model("second")], settings=Settings(default="second"))
    with run_host(app) as host:
        _open(browser, host.url)
        assert browser.run(
            "[...document.querySelector('#bench select').options].map((each) => each.text.split('@')[0])"
        ) == [
            "second",
            "churn",
        ]
        assert "/lab/churn/predict'" in _read(browser, ".snippets pre")
        browser.run(
            "(() => { const choice = document.querySelector('#bench select');"
            "choice.value = '1'; choice.dispatchEvent(new Event('change')); })()"
        )
        browser.wait_until("document.querySelector('.probability') !== null")
        assert "/lab/churn/models/churn/predict'" in _read(browser, ".snippets pre")
        assert _complaints(browser) == []


# --- a program's way to ask


def test_the_snippets_are_tabs(browser: Browser, server: Running) -> None:
    """The arrow keys go from language to language, and each says the record that stands in the form."""
    _open(browser, f"{server.url}/")
    _fill(browser, contract="two_year")
    browser.run("document.querySelector('[role=tab]').focus()")
    texts = []
    for _ in range(3):
        texts.append(browser.run("document.querySelector('[role=tabpanel]:not([hidden]) pre').innerText"))
        browser.press("ArrowRight")
    assert browser.run("document.activeElement.innerText") == "curl"
    assert [text.split()[0] for text in texts] == ["curl", "import", "const"]
    assert all("two_year" in text and f"{server.url}/predict" in text for text in texts)


def test_a_snippet_is_copied_or_selected(browser: Browser, server: Running) -> None:
    """Where the browser lets the page not copy, the text is selected, and the page says so."""
    _open(browser, f"{server.url}/")
    browser.run(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: () => Promise.reject(new Error())}})"
    )
    browser.run("document.querySelector('[role=tabpanel]:not([hidden]) button').click()")
    browser.wait_until(
        "document.querySelector('[role=tabpanel]:not([hidden]) [role=status]').innerText.includes('selected')"
    )
    assert str(browser.run("getSelection().toString()")).startswith("curl 'http")


# --- a file


def _write_table(path: Path, rows: list[dict[str, object]], *, delimiter: str = ";") -> Path:
    """Write a table as a spreadsheet does: a byte order mark, semicolons, CRLF."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_file_is_scored(browser: Browser, server: Running, tmp_path: Path) -> None:
    """A file's rows are answered as records are, the refused ones listed with their faults, and all are offered."""
    base = {"Note": 'said "yes; no"\nand left', "Churn": "No", **CUSTOMER}
    rows: list[dict[str, object]] = [
        base,
        {**base, "contract": "weekly", "tenure": "12d"},
        {**base, "totalcharges": "  ", "tenure": " 2 ", "contract": "Month-to-month"},
        {**base, "monthlycharges": "NA"},
    ]
    _open(browser, f"{server.url}/")
    said = _score(browser, _write_table(tmp_path / "customers.csv", rows))
    assert "4 rows" in said
    assert "2 scored, 2 refused" in said
    faults = _read_rows(browser, "Each fault")
    assert [row[:3] for row in faults] == [
        ["2", "contract", "level"],
        ["2", "tenure", "type"],
        ["4", "monthlycharges", "type"],
    ]
    assert "'weekly' is not a level of contract" in faults[0][3]
    assert _read_rows(browser, "How many rows") == [[*row[1:3], "1"] for row in faults]
    assert "Note, Churn" in _read(browser, ".result dl")

    scored = _save(browser, tmp_path, "customers-scored.csv")
    assert scored.startswith("Note;Churn;gender;")
    read = list(csv.DictReader(scored.splitlines(keepends=True), delimiter=";", strict=True))
    kept = [{name: row[name] for name in base} for row in read]
    assert kept == [{name: str(value) for name, value in row.items()} for row in rows]
    model = augury.load(ARTIFACT)
    expected = [
        model.predict_one(CUSTOMER),
        model.predict_one({**CUSTOMER, "totalcharges": None, "tenure": 2, "contract": "Month-to-month"}),
    ]
    answered = [row for row in read if not row["faults"]]
    assert [float(row["churn_probability"]) for row in answered] == [each.probability for each in expected]
    assert [row["predicted_churn"] for row in answered] == [str(each.label).lower() for each in expected]
    assert answered[1]["notes"].startswith("imputed /totalcharges")
    refused = [row["faults"].split(":")[0] for row in read if row["faults"]]
    assert refused == ["level /contract", "type /monthlycharges"]
    assert _complaints(browser) == []


def _save(browser: Browser, folder: Path, name: str) -> str:
    """Save what is offered, as a reader does, and read it."""
    browser.ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder), eventsEnabled=True)
    browser.run("document.querySelector('.result a[download]').click()")
    browser.wait_for("Browser.downloadProgress", state="completed")
    return (folder / name).read_bytes().decode("utf-8")


def test_a_dropped_file_is_scored(browser: Browser, server: Running) -> None:
    """A file that is dropped anywhere on the page is scored, and the browser stays on the page."""
    _open(browser, f"{server.url}/")
    table = f"{','.join(CUSTOMER)}\n{','.join(map(str, CUSTOMER.values()))}\n"
    browser.run(
        "(() => { const dropped = new DataTransfer();"
        f"dropped.items.add(new File([{json.dumps(table)}], 'one.csv'));"
        "window.stays = !document.querySelector('h1').dispatchEvent("
        "new DragEvent('drop', {dataTransfer: dropped, bubbles: true, cancelable: true})); })()"
    )
    browser.wait_until("document.querySelector('.said').innerText.includes('1 scored, 0 refused')")
    assert browser.run("window.stays") is True


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"a,b\n", "no rows"),
        (b"a,b\n1,2\n3\n", "Line 3 has 1 cell where the header has 2"),
        (b'a,b\n1,"2\n', "its last quote is never closed"),
        (b'a,b\n1,"2"3\n', "a closing quote is followed by"),
        (b"a,b\n1,\xff\n", "not text in UTF-8"),
        (b"a,b\n1,\x00\n", "not text"),
        (b"a,A\n1,2\n", "differs in case only"),
        (b"a,\n1,2\n", "Column 2 has no name"),
        (b"a,b;c\n1,2;3\n", "More than one of comma, semicolon and tab"),
    ],
)
def test_a_broken_file_is_refused(
    browser: Browser, server: Running, tmp_path: Path, content: bytes, sentence: str
) -> None:
    """A file that is no table is refused in a sentence, before any of it is sent, and nothing is offered."""
    _open(browser, f"{server.url}/")
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    assert sentence in _score(browser, path)
    assert browser.run("document.querySelector('.result').childElementCount") == 0
    assert [sent["request"]["url"] for sent in browser.find("Network.requestWillBeSent")][2:] == []
    assert _complaints(browser) == []


def test_a_lacking_column_is_told_with_what_was_meant(browser: Browser, server: Running, tmp_path: Path) -> None:
    """Where a column is missing, the others are sent as well, so that the service says which one was meant."""
    row = {("tenuer" if name == "tenure" else name): value for name, value in CUSTOMER.items()}
    _open(browser, f"{server.url}/")
    assert "0 scored, 1 refused" in _score(browser, _write_table(tmp_path / "t.csv", [row]))
    [[_, field, code, detail]] = _read_rows(browser, "Each fault")
    assert (field, code) == ("tenure", "absent")
    assert "'tenuer'" in detail


def test_a_long_file_goes_in_parts(browser: Browser, server: Running, tmp_path: Path) -> None:
    """A long file goes in parts of a thousand rows, each row keeps its answer, and the page lives on meanwhile."""
    rows = [
        {**CUSTOMER, "tenure": at % 73, "contract": "weekly" if at % 1000 == 7 else "one_year"} for at in range(10_500)
    ]
    _open(browser, f"{server.url}/")
    browser.run("window.ticks = 0; setInterval(() => window.ticks += 1, 4); 1")
    said = _score(browser, _write_table(tmp_path / "long.csv", rows, delimiter=","))
    assert "10,500 rows" in said
    assert "10,489 scored, 11 refused" in said
    assert browser.run("window.ticks") > 11
    sent = [each["request"] for each in browser.find("Network.requestWillBeSent")][2:]
    assert len(sent) == 11
    read = list(csv.DictReader(_save(browser, tmp_path, "long-scored.csv").splitlines()))
    assert [row["tenure"] for row in read] == [str(row["tenure"]) for row in rows]
    assert [at for at, row in enumerate(read) if row["faults"]] == list(range(7, 10_500, 1000))
    by_tenure = {row["tenure"]: row["churn_probability"] for row in read if not row["faults"]}
    assert {row["churn_probability"] == by_tenure[row["tenure"]] for row in read if not row["faults"]} == {True}


def test_a_small_limit_is_kept(browser: Browser, model: Model, tmp_path: Path) -> None:
    """No part is larger than what this service takes at once."""
    settings = Settings(max_rows=7, max_body=4_000)
    rows = [dict(model.examples[0])] * 20
    with run_host(create_app([model], settings=settings)) as host:
        _open(browser, host.url)
        host.asked.clear()
        assert "20 scored, 0 refused" in _score(browser, _write_table(tmp_path / "t.csv", rows))
        assert max(map(len, host.asked)) <= 4_000 / 3, "a character may take three bytes"
    settings = Settings(max_rows=7)
    with run_host(create_app([model], settings=settings)) as host:
        _open(browser, host.url)
        host.asked.clear()
        assert "20 scored, 0 refused" in _score(browser, _write_table(tmp_path / "t.csv", rows))
        assert [len(json.loads(body)) for body in host.asked] == [7, 7, 6]


def test_a_file_can_be_stopped(browser: Browser, host: Host, tmp_path: Path, model: Model) -> None:
    """The button ends the scoring at once, and nothing of half a file is offered."""
    _open(browser, host.url)
    host.held = b"[{"
    browser.choose_file(".zone input", _write_table(tmp_path / "t.csv", [dict(model.examples[0])] * 3))
    _wait(lambda: any(body.startswith(b"[{") for body in host.asked))
    browser.run("document.querySelector('.row:has(progress) button').click()")
    browser.wait_until("document.querySelector('.said').innerText.startsWith('Stopped')")
    assert browser.run("document.querySelector('.result').childElementCount") == 0


# --- every reader, every window, every artifact


@pytest.mark.parametrize("width", [PHONE, TABLET, DESK])
def test_nothing_is_wider_than_the_window(browser: Browser, server: Running, tmp_path: Path, width: int) -> None:
    """The page, with faults, notes and a scored file on it, never scrolls sideways, and asks nobody else."""
    _open(browser, f"{server.url}/", width)
    _fill(browser, tenure="90", contract="two_year", monthlycharges="word " * 30)
    _score(browser, _write_table(tmp_path / "t.csv", [{**CUSTOMER, "contract": "w" * 200}]))
    browser.wait_until("document.querySelector('.refused') !== null")
    assert browser.run("document.documentElement.scrollWidth") <= width
    asked = {sent["request"]["url"].partition("?")[0] for sent in browser.find("Network.requestWillBeSent")}
    assert asked == {f"{server.url}/", f"{server.url}/predict"}
    assert _complaints(browser) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_can_be_read(browser: Browser, server: Running, dark: bool) -> None:
    """Every text has the contrast that WCAG's level AA asks for, on light and on dark."""
    _open(browser, f"{server.url}/", dark=dark)
    _fill(browser, tenure="90", contract="two_year")
    browser.wait_until("document.querySelector('.noted') !== null")
    assert browser.run(LEAST_CONTRAST) >= CONTRAST
    _fill(browser, monthlycharges="a lot")
    browser.wait_until("document.querySelector('.refused') !== null")
    assert browser.run(LEAST_CONTRAST) >= CONTRAST


def test_every_control_has_a_name(browser: Browser, host: Host) -> None:
    """What takes a value or a press has a label, and what a message says of it is tied to it."""
    _open(browser, host.url)
    controls = "[...document.querySelectorAll('input, select, button, progress, textarea')]"
    named = "(each.labels?.[0] ?? each).textContent.trim() || each.getAttribute('aria-label')"
    assert browser.run(f"{controls}.filter((each) => !({named})).map((each) => each.outerHTML)") == []
    ids = "[...document.querySelectorAll('[aria-describedby], [aria-controls], [aria-labelledby], [for], [list]')]"
    attributes = "['aria-describedby', 'aria-controls', 'aria-labelledby', 'for', 'list']"
    lost = (
        f"{ids}.flatMap((each) => {attributes}.flatMap((name) => each.getAttribute(name)?.split(' ') ?? []))"
        ".filter((id) => document.getElementById(id) === null)"
    )
    assert browser.run(lost) == []
    assert browser.run("document.querySelector('.verdict').getAttribute('aria-live')") == "polite"


def test_the_keyboard_reaches_everything_in_order(browser: Browser, server: Running) -> None:
    """Tab goes through the fields in the contract's order, then on to the rest, and where it is can be seen."""
    _open(browser, f"{server.url}/")
    _fill(browser, contract="two_year")
    browser.wait_until("document.querySelector('.what-if button').hidden === false")
    browser.run("document.activeElement.blur(); getSelection().removeAllRanges(); window.scrollTo(0, 0)")
    where = (
        "(() => { const at = document.activeElement; return [at.closest('[data-field]')?.dataset.field ?? "
        "(at.innerText || at.type || at.className).trim().split('\\n')[0], getComputedStyle(at).outlineStyle]; })()"
    )
    seen: list[list[str]] = []
    for _ in range(45):
        browser.press("Tab")
        seen.append(browser.run(where))
        if seen[-1][0] == "file":
            break
    places = list(dict.fromkeys(place for place, _ in seen))
    fields = [field.name for field in augury.load(ARTIFACT).contract.fields]
    assert places[: len(fields)] == fields
    rest = places[len(fields) :]
    assert [place for place in rest if place in {"Back to the record before", "curl", "Copy", "file"}] == [
        "Back to the record before",
        "curl",
        "Copy",
        "file",
    ]
    assert {style for _, style in seen} <= {"solid", "auto"}


def test_no_script_no_loss(browser: Browser, server: Running) -> None:
    """Without JavaScript the page says what it always said: how to ask, and what each field takes."""
    browser.ask("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(f"{server.url}/", DESK)
        assert browser.run("document.querySelector('#bench').checkVisibility()") is False
        assert (
            browser.run("[...document.querySelectorAll('noscript pre')].every((each) => each.checkVisibility())")
            is True
        )
        assert browser.run("document.querySelectorAll('noscript pre').length") == 2
        assert "totalcharges" in _read(browser, "details table")
    finally:
        browser.ask("Emulation.setScriptExecutionDisabled", value=False)


def _make_hostile_model() -> Model:
    """A model of 200 fields, some with names that would be markup or more, and of 300 levels and more in one."""
    levels = (*HOSTILE[:4], '"><img src=x onerror=alert(1)>', "</script>", *(f"level {at}" for at in range(300)))
    fields: tuple[Field, ...] = (
        *(IdentifierField(name=f"id {name}") for name in HOSTILE[:2]),
        *(CategoryField(name=name, levels=(HOSTILE[0], "</option>", "")) for name in HOSTILE),
        CategoryField(name="many", levels=levels, unseen="note", null="impute"),
        BooleanField(name="flag", absent="optional"),
        *(NumberField(name=f"number {at}", seen=Bounds(0.0, 1.0)) for at in range(190)),
    )
    names = [name for field in fields if isinstance(field, NumberField) for name in [field.name]]
    inputs = (*(OneHot(Category(name), (0,)) for name in HOSTILE), *map(Number, names))
    predictor = Link((Linear(inputs, (2.0**-7,) * len(inputs), 0.0),))
    record: dict[str, Any] = {
        **dict.fromkeys(HOSTILE, "</option>"),
        "many": "</script>",
        **dict.fromkeys(names, 0.5),
    }
    return make_model_of("hostile", Contract(fields=fields), predictor, (Golden(record, 190 * 2.0**-8),))


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_hostile_names_are_only_text(browser: Browser, tmp_path: Path, width: int) -> None:
    """Names and levels that would be markup are text on the page, in the record and in the file."""
    model = _make_hostile_model()
    with run_host(create_app([model], settings=Settings())) as host:
        _open(browser, host.url, width)
        assert browser.run("document.querySelectorAll('.field').length") == len(model.contract.fields)
        assert json.loads(host.asked[-1]) == dict(model.examples[0])
        _fill(browser, **{HOSTILE[0]: HOSTILE[0], "many": '"><img src=x onerror=alert(1)>'})
        browser.wait_until("document.querySelectorAll('.changes li').length === 2")
        assert HOSTILE[0] in _read(browser, ".changes")
        _score(browser, _write_table(tmp_path / "<b>.csv", [{**model.examples[0], HOSTILE[0]: "<i>"}]))
        assert HOSTILE[0] in _read_rows(browser, "Each fault")[0][1]
        assert browser.run("document.querySelectorAll('script').length") == 2
        assert browser.run("document.querySelectorAll('main img, main b:not(.words b, .effect b), main i').length") == 0
        assert browser.run("document.documentElement.scrollWidth") <= width
        assert _complaints(browser) == []


def _wait(is_so: Any) -> None:
    """Wait for something outside the browser."""
    until = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.01)
