"""Python's clients: requests, as the lab uses it, the standard library's own, httpx and aiohttp."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from augury.model import Model
from tests.clients.conftest import find_clients
from tests.clients.questions import (
    CUSTOMER,
    JSON,
    QUESTIONS,
    SMALL,
    TIMES,
    Question,
    Told,
    check_crowd,
    check_told,
    read_answers,
    write_json,
    write_questions,
)
from tests.service.asking import Answer
from tests.service.running import Running

PIECE = 1000
PROGRAM = Path(__file__).with_name("python_asks.py")


def iter_pieces(body: bytes) -> Iterator[bytes]:
    """A body in pieces, whose length nobody knows."""
    yield from (body[start : start + PIECE] for start in range(0, len(body), PIECE))


def make_headers(question: Question) -> dict[str, str]:
    """The headers of a question."""
    type_ = {"Content-Type": question.media_type} if question.media_type else {}
    return {"X-Request-Id": question.name, **type_}


@pytest.mark.parametrize("way", ["plain", "streamed", "raw"])
def test_requests(served: Running, expected: dict[str, Answer], way: str) -> None:
    """A session of requests brings back every answer, whether bodies have a length or not."""
    with requests.Session() as session:
        told = [_ask(session, served.url, each, way) for each in QUESTIONS]
    check_told(told, expected)


def _ask(session: requests.Session, url: str, question: Question, way: str) -> Told:
    body: Any = iter_pieces(question.body) if way == "streamed" and question.body else question.body
    options = {"data": body, "headers": make_headers(question), "timeout": 60, "stream": way == "raw"}
    with session.request(question.method, url + question.target, **options) as answer:
        content = b"".join(answer.iter_content(PIECE)) if way == "raw" else answer.content
        return Told(question.name, answer.status_code, "", content)


def test_the_labs_own_lines(served: Running, bundled: Model) -> None:
    """What the lab does, ``requests.post(url, json=customer).json()``, is the model's own answer."""
    answer = requests.post(f"{served.url}/predict", json=CUSTOMER, timeout=60).json()
    said = bundled.predict_one(CUSTOMER)
    assert answer == {"churn": said.label, "churn_probability": said.probability}


def test_text_that_is_not_said_to_be_json(served: Running, bundled: Model) -> None:
    """What ``requests.post(url, data=text)`` sends, without a media type, is read as JSON."""
    answer = requests.post(f"{served.url}/predict", data=json.dumps(CUSTOMER), timeout=60)
    assert "Content-Type" not in answer.request.headers
    assert answer.json()["churn_probability"] == bundled.predict_one(CUSTOMER).probability


def test_urllib(served: Running, expected: dict[str, Answer]) -> None:
    """The standard library's client, which closes after each answer, brings back every one."""
    check_told([_ask_plainly(served.url, each) for each in QUESTIONS], expected)


def _ask_plainly(url: str, question: Question) -> Told:
    body = question.body if question.media_type else None
    asked = urllib.request.Request(url + question.target, body, make_headers(question), method=question.method)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return Told(question.name, answer.status, "", answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return Told(question.name, refusal.code, "", refusal.read())


def test_an_answer_that_nobody_reads(served: Running, bundled: Model) -> None:
    """A session that drops a large answer half read is answered by its next question."""
    record = write_json(CUSTOMER)
    with requests.Session() as session:
        large = write_json([CUSTOMER] * 3_000)
        half = session.post(f"{served.url}/predict", large, headers={"Content-Type": JSON}, timeout=60, stream=True)
        assert half.raw.read(100)
        half.close()
        answer = session.post(f"{served.url}/predict", record, headers={"Content-Type": JSON}, timeout=60)
    assert answer.json()["churn_probability"] == bundled.predict_one(CUSTOMER).probability


def run_library(library: str, served: Running, folder: Path, way: str, times: int = 1) -> list[Told]:
    """Ask the questions of a folder with a library from the other environment."""
    command = [find_clients(), PROGRAM, library, served.url, folder, way, str(times)]
    asked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert asked.returncode == 0, asked.stderr[-3_000:]
    return read_answers(folder, asked.stdout)


@pytest.mark.parametrize("way", ["plain", "streamed"])
@pytest.mark.parametrize("library", ["httpx", "aiohttp"])
def test_library(served: Running, folder: Path, expected: dict[str, Answer], library: str, way: str) -> None:
    """A client of httpx and one of aiohttp bring back every answer, whether bodies have a length or not."""
    check_told(run_library(library, served, folder, way), expected)


@pytest.mark.parametrize("library", ["httpx", "aiohttp"])
def test_library_at_once(served: Running, tmp_path: Path, expected: dict[str, Answer], library: str) -> None:
    """Neither waits for one answer before it asks the next."""
    write_questions(tmp_path, SMALL)
    check_crowd(run_library(library, served, tmp_path, "at-once", TIMES), expected, TIMES * len(SMALL))
