"""What every client is asked to ask, and what it must bring back: the bytes that the application answers.

A client is a program in its own language. It finds a folder with a table, ``questions.tsv``, of a name, a method, a
target and a media type a line, and ``NAME.question``, the body, beside it. It sends each with the name as
``X-Request-Id``, writes the body that came back into a file of the folder, and prints a line for each: the name, the
status, the version of HTTP as it calls it, and the file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from starlette.types import ASGIApp

from tests.service.asking import Answer, ask

CUSTOMER: dict[str, Any] = {
    "gender": "female",
    "seniorcitizen": 0,
    "partner": "yes",
    "dependents": "no",
    "phoneservice": "no",
    "multiplelines": "no_phone_service",
    "internetservice": "dsl",
    "onlinesecurity": "no",
    "onlinebackup": "yes",
    "deviceprotection": "no",
    "techsupport": "no",
    "streamingtv": "no",
    "streamingmovies": "no",
    "contract": "month-to-month",
    "paperlessbilling": "yes",
    "paymentmethod": "electronic_check",
    "tenure": 1,
    "monthlycharges": 29.85,
    "totalcharges": 29.85,
}
SPELT_OTHERWISE = {**CUSTOMER, "gender": "Female", "contract": "Month-to-month", "paymentmethod": "Electronic check"}
REFUSED = {**CUSTOMER, "tenure": "12", "contract": "weekly", "gender": "女"}
JSON = "application/json"
LINES = "application/x-ndjson"
# Past 1 MiB curl asks for leave before it sends a body, and what is small enough for one packet hides much.
MANY = 3_000
# How often each is asked by who asks all of them at once.
TIMES = 10
# Bytes of a wrong answer.
SHOWN = 500


class Question(Struct, frozen=True):
    """One request; without a media type it has no body."""

    name: str
    target: str
    media_type: str = ""
    body: bytes = b""

    @property
    def method(self) -> str:
        """The method that asks it."""
        return "POST" if self.media_type else "GET"


class Told(Struct, frozen=True):
    """What a client brought back of a question."""

    name: str
    status: int
    version: str
    body: bytes


def write_json(value: object) -> bytes:
    """Write a value as JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False).encode()


def _write_lines(*values: object) -> bytes:
    return b"".join(write_json(value) + b"\n" for value in values)


QUESTIONS = (
    Question("ping", "/ping"),
    Question("schema", "/schema"),
    Question("record", "/predict", JSON, write_json(CUSTOMER)),
    Question("record-again", "/predict", JSON, write_json(SPELT_OTHERWISE)),
    Question("charset", "/models/churn/predict", "application/json; charset=utf-8", write_json(CUSTOMER)),
    Question("reasons", "/predict?explain=true", JSON, write_json(CUSTOMER)),
    Question("array", "/predict", JSON, write_json([CUSTOMER, REFUSED, SPELT_OTHERWISE])),
    Question("many", "/predict", JSON, write_json([CUSTOMER, SPELT_OTHERWISE] * (MANY // 2))),
    Question("lines", "/predict", LINES, _write_lines(CUSTOMER, REFUSED, "no record", CUSTOMER)),
    Question("many-lines", "/predict", LINES, _write_lines(*[CUSTOMER, SPELT_OTHERWISE] * (MANY // 2))),
    Question("invocations", "/invocations", JSON, write_json({"instances": [CUSTOMER]})),
    Question("nothing", "/predict", JSON, b""),
    Question("no-json", "/predict", JSON, b"{gender: female}"),
    Question("refused", "/predict", JSON, write_json(REFUSED)),
    Question("no-such-path", "/nowhere", JSON, write_json(CUSTOMER)),
    Question("no-such-type", "/predict", "text/csv", b"gender,tenure\nfemale,1\n"),
    # Refused by its head alone, while the client still sends: it must read the answer all the same.
    Question("too-large", "/predict", JSON, write_json([CUSTOMER]) + b" " * (17 * 1024 * 1024)),
    Question("record-at-last", "/predict", JSON, write_json(CUSTOMER)),
)


# The large ones keep the service busy for longer than a crowd of small ones may wait.
SMALL = tuple(each for each in QUESTIONS if len(each.body) < 10_000)


def write_questions(folder: Path, questions: Sequence[Question] = QUESTIONS) -> None:
    """Write the table of questions, and each body into a file of its own."""
    lines = []
    for each in questions:
        (folder / f"{each.name}.question").write_bytes(each.body)
        lines.append("\t".join((each.name, each.method, each.target, each.media_type or "-")) + "\n")
    (folder / "questions.tsv").write_text("".join(lines), "utf-8")


def read_answers(folder: Path, printed: str) -> list[Told]:
    """Read what a client printed, and the bodies that it wrote."""
    rows = [line.split("\t") for line in printed.splitlines()]
    return [Told(name, int(status), version, (folder / file).read_bytes()) for name, status, version, file in rows]


def find_expected(app: ASGIApp) -> dict[str, Answer]:
    """Find what the application itself answers to each question."""
    return {each.name: _ask(app, each) for each in QUESTIONS}


def _ask(app: ASGIApp, question: Question) -> Answer:
    target = urlsplit(question.target)
    headers = {"x-request-id": question.name}
    if question.media_type:
        headers["content-type"] = question.media_type
    return ask(app, question.method, target.path, question.body, headers, query=target.query)


def check_told(told: Sequence[Told], expected: Mapping[str, Answer], questions: Sequence[Question] = QUESTIONS) -> None:
    """Check that a client brought back the answer to every question, once and whole."""
    counted = Counter(each.name for each in told)
    assert counted == {each.name: 1 for each in questions}, counted
    check_right(told, expected)


def check_crowd(told: Sequence[Told], expected: Mapping[str, Answer], asked: int) -> None:
    """Check that whoever asked much at once has an answer to everything, be it that there is too much to do."""
    assert len(told) == asked
    right = [each for each in told if not (each.status == 503 and b":overloaded" in each.body)]
    assert len(right) > asked // 2, Counter(each.status for each in told)
    check_right(right, expected)


def check_right(told: Sequence[Told], expected: Mapping[str, Answer]) -> None:
    """Check that each answer is the application's own."""
    wrong = [
        (each.name, each.status, each.body[:SHOWN], expected[each.name].status, expected[each.name].body[:SHOWN])
        for each in told
        if (each.status, each.body) != (expected[each.name].status, expected[each.name].body)
    ]
    assert not wrong, wrong
