from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from time import monotonic, sleep
from typing import Self

import msgspec
import pytest

from augury.api import load_bundled
from augury.model import Model
from augury.prediction import Scorer
from augury.service.models import find_label, gather_models
from augury.service.settings import Settings
from tests.contract.cases import read_cases
from tests.contract.models import make_model as make_model_of_case
from tests.doors import Answer as Told
from tests.doors import hold_door
from tests.service.edging import PATIENCE, Answer, Running, read_answers, run_edge
from tests.service.models import make_model
from tests.service.test_problems import Broken
from tests.sql.telco_tables import find_law
from tests.unit.artifact.documents import make_record

BODY = msgspec.json.encode(make_record())
_DATE = re.compile(rb"date: [^\r]+\r\n")


class Both:
    """The same service twice: with the fast lane and without it."""

    def __init__(self, models: Sequence[Scorer]) -> None:
        self._runs = [run_edge(models, Settings(fast_lane=is_fast)) for is_fast in (True, False)]

    def __enter__(self) -> Self:
        self.running: list[Running] = [run.__enter__() for run in self._runs]
        self.connections = [running.connect() for running in self.running]
        return self

    def __exit__(self, *raised: object) -> None:
        for connection in self.connections:
            connection.close()
        for run in self._runs:
            run.__exit__(None, None, None)

    def ask(self, request: bytes) -> list[tuple[bytes, Answer]]:
        """Ask both, each on its one connection: the bytes of each answer but its date, and the answer."""
        answers = []
        for connection in self.connections:
            connection.sendall(request)
            raw: list[bytes] = []
            answer = read_answers(connection, 1, raw)[0]
            answers.append((_DATE.sub(b"", b"".join(raw)), answer))
        return answers


def write_request(body: bytes, *lines: str, path: str = "/predict") -> bytes:
    """A request under a fixed id, so that two answers to it can be equal."""
    head = [f"POST {path} HTTP/1.1", "Host: a", f"Content-Length: {len(body)}", *lines]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def ask_equal(both: Both, body: bytes, *lines: str, path: str = "/predict") -> Answer:
    """Ask both and hold the answers equal byte for byte, with an id of the caller's and with ids of their own."""
    fast, slow = both.ask(write_request(body, "X-Request-Id: one", *lines, path=path))
    assert fast[0] == slow[0]
    plain = write_request(body, *lines, path=path)
    for _ in range(2):  # the second time the head is known
        fast, slow = both.ask(plain)
        ids = [answer.header("x-request-id") for _, answer in (fast, slow)]
        without = [raw.replace(str(name).encode(), b"ID") for (raw, _), name in zip((fast, slow), ids, strict=True)]
        assert without[0] == without[1]
    return fast[1]


@pytest.fixture(scope="module")
def bundled() -> Iterator[Both]:
    """The bundled model, fast and not."""
    with Both([load_bundled()]) as both:
        yield both


def test_every_case() -> None:
    """Each case of the contract gets the same bytes from the lane as from the application."""
    asked = 0
    by_contract: dict[str, list[bytes]] = {}
    for case in read_cases().cases:
        if case.find_expectation("json") is not None:
            by_contract.setdefault(case.contract, []).append(case.find_body())
    for name, bodies in by_contract.items():
        with Both([make_model_of_case(name)]) as both:
            for body in bodies:
                ask_equal(both, body)
                asked += 1
    assert asked > 400


def test_the_whole_table(bundled: Both, telco_csv: Path) -> None:
    """Each customer of the table, as the table spells him and with a fault, gets the same bytes from both."""
    with telco_csv.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    statuses = set()
    asked: list[tuple[int, Told]] = []
    for index, row in enumerate(rows):
        record: dict[str, object] = {name: value for name, value in row.items() if name != "Churn"}
        for name in ("SeniorCitizen", "tenure"):
            record[name] = int(row[name])
        record["MonthlyCharges"] = float(row["MonthlyCharges"])
        record["TotalCharges"] = float(row["TotalCharges"]) if row["TotalCharges"].strip() else 0.0
        if index % 7 == 0:
            record[list(record)[index % len(record)]] = (None, "nobody", -999, 1e400, "é\u0000", [], {})[
                index % 49 // 7
            ]
        if index % 11 == 0:
            record["loyalty"] = index
        body = msgspec.json.encode(record).replace(b"Infinity", b"1e400")
        request = write_request(body, "X-Request-Id: one")
        fast, slow = bundled.ask(request)
        assert fast[0] == slow[0]
        statuses.add(fast[1].status)
        if index % 7:
            told = fast[1].json()
            asked.append((index, Told(told["churn_probability"], told["churn"])))
    assert statuses == {200, 422}
    law = find_law(telco_csv)
    hold_door("http", load_bundled().threshold, [law[index] for index, _ in asked], [answer for _, answer in asked])


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"{",
        b"nonsense",
        b"[]",
        b"[{}]",
        b" \t\r\n" + BODY,
        b" " * 70_000 + BODY,
        b"  [" + BODY + b"]",
        b" " * 70_000 + b"[" + BODY + b"]",
        BODY + b"x",
        b"\xff\xfe",
        b"\xef\xbb\xbf" + BODY,
        b"null",
        b'"text"',
        b"{" * 100,
        b'{"a":' * 20 + b"1" + b"}" * 20,
        b"9" * 5000,
        BODY.replace(b'"tenure":', b'"tenure":1,"tenure":'),
        b"",
    ],
    ids=str,
)
def test_odd_bodies(bundled: Both, body: bytes) -> None:
    """Bodies that are no record, or hardly one, get the same bytes from both."""
    ask_equal(bundled, body)


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Type: application/json",),
        ("Content-Type: application/json; charset=utf-8",),
        ("Content-Type: application/json; charset=latin-1",),
        ("Content-Type: text/plain",),
        ("Content-Type: application/json", "Content-Type: application/json"),
        ("Content-Encoding: gzip",),
        ("Content-Encoding: identity",),
        ("Content-Encoding:",),
        ("Content-Encoding: identity", "Content-Encoding: gzip"),
        ("Accept: text/html", "User-Agent: x", "Cookie: a=b"),
        ("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",),
        ("traceparent: nonsense",),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "path", ["/predict", "/models/churn/predict", "/models/nobody/predict", "/predict?explain=true", "/predict?x=1"]
)
def test_odd_heads(bundled: Both, lines: tuple[str, ...], path: str) -> None:
    """Heads that say more than most get the same bytes from both."""
    ask_equal(bundled, BODY, *lines, path=path)


SENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
MARKS = [
    b"X-Request-Id: two",
    b"x-request-id:three",
    b"X-REQUEST-ID: \t four \t",
    b"X-Request-Id: not well formed",
    b"X-Request-Id: " + b"5" * 65,
    b"X-Request-Id:",
    b"X-Request-Id: six\r\nX-Request-Id: seven",
    b"X-Request-Id: six\r\nX-Request-Id: not well formed",
    b"traceparent: " + SENT,
    b"Traceparent: " + SENT.upper(),
    b"traceparent: 00-0-0-0",
    b"traceparent: cc-" + SENT[3:] + b"-more",
    b"traceparent: " + SENT + b"\r\ntraceparent: " + SENT,
    b"X-Request-Id: eight\r\ntraceparent: " + SENT,
    b"traceparent: " + SENT + b"\r\nAccept: */*\r\nX-Request-Id: nine",
    b"X-Request-Id: ten\r\n\t folded",
    b"X-Other: a\r\n x-request-id: eleven",
    b"X-Other: a\r\nX-Request-Id: twelve\r\n: nameless",
    b"X-Request-Id: thirteen\nX-Request-Id: fourteen",
]


@pytest.mark.parametrize("marks", MARKS, ids=repr)
@pytest.mark.parametrize("body", [BODY, b"{}", b"[" + BODY + b"]"], ids=["good", "bad", "array"])
def test_marks(model: Model, marks: bytes, body: bytes) -> None:
    """Ids and traces get the same bytes from both: first, once the head is known without them, and once it is known."""
    head = b"POST /predict HTTP/1.1\r\nHost: marked\r\n%bContent-Length: %d\r\n\r\n"
    with Both([model]) as both:
        for known in (b"", b"X-Request-Id: one\r\n", b"X-Other: a\r\n", b"Accept: */*\r\n"):
            both.ask(head % (known, len(body)) + body)
        fast, slow = both.ask(head % (marks + b"\r\n", len(body)) + body)
    asked = [str(answer.header("x-request-id")) for _, answer in (fast, slow)]
    same = [
        raw.replace(name.encode(), b"ID") if len(name) == 32 else raw
        for (raw, _), name in zip((fast, slow), asked, strict=True)
    ]
    assert same[0] == same[1]


def test_a_head_with_too_many_marks(model: Model) -> None:
    """Marks are fields of the head, and count as such, although it is known without them."""
    fields = b"".join(b"X-%d: 1\r\n" % number for number in range(61))
    length = b"Content-Length: %d\r\n\r\n" % len(BODY)
    start = b"POST /predict HTTP/1.1\r\nHost: a\r\n"
    marks = [b"", b"X-Request-Id: a\r\n", b"X-Request-Id: b\r\ntraceparent: " + SENT + b"\r\n"]
    with Both([model]) as both:
        for mark, status in zip(marks, (200, 200, 431), strict=True):
            answers = both.ask(start + fields + mark + length + BODY)
            assert [answer.status for _, answer in answers] == [status, status]


def test_a_model_that_is_gone_is_let_go(model: Model) -> None:
    """Heads that are known keep no model that is served no more."""
    with run_edge([model], Settings()) as running, running.connect() as connection:
        connection.sendall(write_request(BODY))
        read_answers(connection, 1)
        assert running.edge.tickets.known
        running.service.roster.replace(gather_models([load_bundled()]))
        until = monotonic() + PATIENCE
        while running.edge.tickets.known and monotonic() < until:
            sleep(0.01)
        assert not running.edge.tickets.known


def test_a_failure(model: Model) -> None:
    """A fault of ours is the same problem from both."""
    with Both([Broken(model)]) as both:  # type: ignore[list-item]  # it is whatever the model is
        assert ask_equal(both, BODY).status == 500


def test_a_reload(model: Model) -> None:
    """The lane answers with the models of the moment: after a reload with the new one, under its own label."""
    other = load_bundled()
    with Both([model]) as both:
        before = ask_equal(both, BODY)
        for running in both.running:
            running.service.roster.replace(gather_models([other]))
        record = msgspec.json.encode(other.examples[0])
        after = ask_equal(both, record)
    assert before.header("augury-model") != after.header("augury-model")
    assert after.status == 200


def test_a_reload_under_a_known_head(model: Model) -> None:
    """The very head that was answered by one model is answered by the next one as soon as that is served."""
    other = make_model(unknown_key="refuse")
    with Both([model]) as both:
        for each in (model, other, model):
            for running in both.running:
                running.service.roster.replace(gather_models([each]))
            labels = [answer.header("augury-model") for _, answer in both.ask(write_request(BODY)) * 2]
            assert labels == [find_label(each)] * 4


def test_the_date_goes_on(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers to one head have the date of their own second, however much of them was prepared."""
    dates = count()
    monkeypatch.setattr("augury.service.edge.edge.formatdate", lambda *, usegmt: f"{usegmt} {next(dates)}")
    with run_edge([model], Settings()) as running, running.connect() as connection:
        seen: set[str | None] = set()
        until = monotonic() + PATIENCE
        while len(seen) < 3 and monotonic() < until:
            connection.sendall(write_request(BODY))
            seen.add(read_answers(connection, 1)[0].header("date"))
        assert len(seen) == 3
