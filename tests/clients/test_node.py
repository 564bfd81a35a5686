"""Node's own ``fetch``."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.clients.conftest import find_tool
from tests.clients.questions import SMALL, TIMES, Told, check_crowd, check_told, read_answers, write_questions
from tests.service.asking import Answer
from tests.service.running import Running

PROGRAM = Path(__file__).with_name("ask.mjs")


def run_node(served: Running, folder: Path, way: str, times: int = 1) -> list[Told]:
    """Ask the questions of a folder with Node."""
    command = [find_tool("node"), PROGRAM, served.url, folder, way, str(times)]
    asked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert asked.returncode == 0, asked.stderr[-3_000:]
    return read_answers(folder, asked.stdout)


@pytest.mark.parametrize("way", ["plain", "streamed"])
def test_fetch(served: Running, folder: Path, expected: dict[str, Answer], way: str) -> None:
    """Node's fetch brings back every answer, whether bodies have a length or not."""
    check_told(run_node(served, folder, way), expected)


def test_fetch_at_once(served: Running, tmp_path: Path, expected: dict[str, Answer]) -> None:
    """Node's fetch that does not wait for one answer before it asks the next."""
    write_questions(tmp_path, SMALL)
    check_crowd(run_node(served, tmp_path, "at-once", TIMES), expected, TIMES * len(SMALL))
