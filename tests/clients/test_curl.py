"""curl, in the ways in which people call it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from augury.model import Model
from tests.clients.conftest import find_tool
from tests.clients.questions import (
    CUSTOMER,
    JSON,
    LINES,
    QUESTIONS,
    check_told,
    read_answers,
    write_json,
)
from tests.service.asking import Answer
from tests.service.models import answer_at_once
from tests.service.running import Running

# What curl says with status 28 is that it waited for as long as it was told to.
TIMED_OUT = 28
CROWD = 50


def run_curl(*arguments: object, sent: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run curl, silent but for errors, and without what ~/.curlrc says."""
    command = [find_tool("curl"), "--disable", "--silent", "--show-error", "--max-time", "60", *map(str, arguments)]
    return subprocess.run(command, input=sent, capture_output=True, check=False, timeout=100)


def make_body(folder: Path, name: str, media_type: str = JSON) -> list[object]:
    """Make the arguments that send the body of a question."""
    return ["--header", f"Content-Type: {media_type}", "--data-binary", f"@{folder / name}.question"]


def make_plan(url: str, folder: Path, options: Sequence[str]) -> list[object]:
    """Make the arguments that ask every question, one after the other in one process."""
    plan: list[object] = []
    for each in QUESTIONS:
        file = f"{each.name}.answer"
        plan += ["--next"] if plan else []
        plan += ["--verbose", "--output", folder / file, "--header", f"X-Request-Id: {each.name}"]
        plan += ["--write-out", f"{each.name}\t%{{http_code}}\t%{{http_version}}\t{file}\n"]
        if each.media_type:
            plan += [*options, *make_body(folder, each.name, each.media_type)]
        plan += [f"{url}{each.target}"]
    return plan


@pytest.mark.parametrize(
    ("options", "sent", "is_kept"),
    [
        (["--http1.1"], "> POST /predict HTTP/1.1", True),
        (["--http2"], "> Upgrade: h2c", True),
        (["--compressed"], "> Accept-Encoding: ", True),
        (["--header", "Transfer-Encoding: chunked"], "> Transfer-Encoding: chunked", True),
        (["--header", "Connection: close"], "> Connection: close", False),
        (["--http1.0"], "> POST /predict HTTP/1.0", False),
    ],
    ids=["http-1.1", "offers-http-2", "compressed-answers", "chunked", "close", "http-1.0"],
)
def test_curl(
    served: Running, folder: Path, expected: dict[str, Answer], options: list[str], sent: str, is_kept: bool
) -> None:
    """Whatever curl is told to offer, it brings back every answer, and connects anew only where it must."""
    asked = run_curl(*make_plan(served.url, folder, options))
    said = asked.stderr.decode()
    assert asked.returncode == 0, said[-2_000:]
    assert sent in said
    told = read_answers(folder, asked.stdout.decode())
    assert {each.version for each in told} == {"1.1"}
    check_told(told, expected)
    connected, closed = said.count("* Connected to "), said.lower().count("\n< connection: close")
    assert connected == 1 + closed if is_kept else connected > len(QUESTIONS) // 2


def test_leave_for_a_large_body(served: Running, folder: Path, expected: dict[str, Answer]) -> None:
    """More than 1 MiB curl asks for leave to send, and has it before it loses patience after a second."""
    asked = run_curl("--verbose", *make_body(folder, "many"), served.url + "/predict")
    assert asked.stdout == expected["many"].body
    said = asked.stderr.decode()
    assert "> Expect: 100-continue" in said
    assert "< HTTP/1.1 100 Continue" in said
    assert "Done waiting for 100-continue" not in said


def test_no_leave_for_what_is_refused(served: Running, folder: Path) -> None:
    """Of a body that is refused by its head, curl sends nothing."""
    printed = "\t%{http_code}\t%{size_upload}"
    asked = run_curl("--write-out", printed, *make_body(folder, "too-large"), served.url + "/predict")
    problem, status, uploaded = asked.stdout.decode().split("\t")
    assert ("the body is larger than" in problem, status, uploaded) == (True, "413", "0")


def test_a_body_from_a_pipe(served: Running, bundled: Model) -> None:
    """What ``curl --json @-`` reads it sends, and it is answered."""
    record = write_json(CUSTOMER)
    assert run_curl("--json", "@-", served.url + "/predict", sent=record).stdout == answer_at_once(bundled, record)


def test_a_form_by_accident(served: Running) -> None:
    """What ``curl --data @-`` sends it calls a form; the refusal says what to call it instead."""
    asked = run_curl("--data", "@-", "--write-out", "%{http_code}", served.url + "/predict", sent=write_json(CUSTOMER))
    assert asked.stdout.endswith(b"415")
    assert b"application/json" in asked.stdout


def test_http_2_without_asking(served: Running) -> None:
    """Where curl insists on HTTP/2 it is refused at once, and the next caller is answered."""
    asked = run_curl("--http2-prior-knowledge", served.url + "/ping")
    assert asked.returncode not in (0, TIMED_OUT)
    assert run_curl(served.url + "/ping").stdout == b"PONG"


def test_a_head_alone(served: Running) -> None:
    """By ``curl --head`` one is told what a GET would bring, and does not wait for it."""
    asked = run_curl("--head", served.url + "/ping")
    assert asked.returncode == 0
    assert asked.stdout.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-length: 4\r\n" in asked.stdout


def test_many_at_once(served: Running, bundled: Model) -> None:
    """With ``curl --parallel`` every answer comes."""
    record = write_json(CUSTOMER)
    urls = [served.url + "/predict"] * CROWD
    asked = run_curl("--parallel", "--parallel-max", CROWD, "--json", record.decode(), *urls)
    assert asked.stdout == answer_at_once(bundled, record) * CROWD


def test_lines_from_a_pipe(served: Running, bundled: Model) -> None:
    """Lines that curl sends as it reads them, without a length, come back as lines."""
    record = write_json(CUSTOMER)
    sending = ["--request", "POST", "--header", f"Content-Type: {LINES}", "--upload-file", "-"]
    asked = run_curl("--no-buffer", *sending, served.url + "/predict", sent=(record + b"\n") * CROWD)
    assert asked.stdout == (answer_at_once(bundled, record) + b"\n") * CROWD
