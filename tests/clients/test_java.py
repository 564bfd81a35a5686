"""The JDK's own client, whose defaults offer HTTP/2 with every request."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.clients.conftest import find_tool
from tests.clients.questions import (
    QUESTIONS,
    SMALL,
    TIMES,
    Told,
    check_crowd,
    check_told,
    read_answers,
    write_questions,
)
from tests.service.asking import Answer
from tests.service.running import Running

PROGRAM = Path(__file__).with_name("Ask.java")


def run_java(served: Running, folder: Path, way: str, times: int = 1) -> tuple[list[Told], str]:
    """Ask the questions of a folder with Java: what it brought back, and the headers that it sent and saw."""
    command = [
        find_tool("java"),
        "-Djdk.httpclient.HttpClient.log=headers",
        PROGRAM,
        served.url,
        folder,
        way,
        str(times),
    ]
    asked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert asked.returncode == 0, asked.stderr[-3_000:]
    return read_answers(folder, asked.stdout), asked.stderr


@pytest.mark.parametrize("way", ["plain", "streamed"])
def test_java(served: Running, folder: Path, expected: dict[str, Answer], way: str) -> None:
    """Java's client brings back every answer, though the service ignores that it would rather speak HTTP/2."""
    told, headers = run_java(served, folder, way)
    assert "Upgrade: h2c" in headers
    assert {each.version for each in told} == {"HTTP_1_1"}
    check_told(told, expected)


def test_java_asks_for_leave(served: Running, tmp_path: Path, expected: dict[str, Answer]) -> None:
    """Java's client is given leave to send a body, and then its answer.

    Up to Java 19 it waits for ever where the answer comes instead of the leave (openjdk/jdk, pull request 9093), so it
    is not asked what is refused unseen.
    """
    questions = [each for each in QUESTIONS if expected[each.name].status not in (404, 413, 415)]
    write_questions(tmp_path, questions)
    told, _ = run_java(served, tmp_path, "leave")
    check_told(told, expected, questions)


def test_java_at_once(served: Running, tmp_path: Path, expected: dict[str, Answer]) -> None:
    """Java's client that does not wait for one answer before it asks the next."""
    write_questions(tmp_path, SMALL)
    told, _ = run_java(served, tmp_path, "at-once", TIMES)
    check_crowd(told, expected, TIMES * len(SMALL))
