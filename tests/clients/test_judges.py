"""Other people's judges of what the service says of itself, after it was asked all that clients ask."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
import requests

from tests.clients.conftest import find_tool
from tests.clients.questions import QUESTIONS
from tests.service.running import Running


def fetch(served: Running, target: str) -> bytes:
    """Get what is said at a path."""
    with urlopen(served.url + target, timeout=60) as answer:
        content: bytes = answer.read()
    return content


@pytest.fixture
def asked(served: Running) -> Running:
    """The server once it has been asked every question, so that every family of metrics has a sample."""
    for each in QUESTIONS:
        headers = {"Content-Type": each.media_type} if each.media_type else {}
        requests.request(each.method, served.url + each.target, data=each.body, headers=headers, timeout=60)
    return served


def judge_metrics(page: bytes) -> subprocess.CompletedProcess[bytes]:
    """Ask Prometheus' own tool what it thinks of a page of metrics."""
    return subprocess.run([find_tool("promtool"), "check", "metrics"], input=page, capture_output=True, check=False)


def test_promtool(asked: Running) -> None:
    """Of the metrics of a service at work promtool has nothing to say, and of one without help it has."""
    page = fetch(asked, "/metrics")
    assert page.count(b"\n") > 100
    judged = judge_metrics(page)
    assert (judged.returncode, judged.stdout + judged.stderr) == (0, b"")
    assert judge_metrics(page.replace(b"# HELP augury_requests_total", b"# HELP other")).returncode != 0


def judge_document(path: Path) -> subprocess.CompletedProcess[str]:
    """Ask openapi-spec-validator what it thinks of a document."""
    command = [Path(sys.executable).with_name("openapi-spec-validator"), "--errors", "all", path]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


def test_openapi_spec_validator(served: Running, tmp_path: Path) -> None:
    """The description that is served is OpenAPI 3.1 without an error, and without its title it is not."""
    document = json.loads(fetch(served, "/openapi.json"))
    whole, less = tmp_path / "whole.json", tmp_path / "less.json"
    whole.write_text(json.dumps(document), "utf-8")
    judged = judge_document(whole)
    assert judged.returncode == 0, judged.stdout + judged.stderr
    del document["info"]["title"]
    less.write_text(json.dumps(document), "utf-8")
    assert judge_document(less).returncode != 0
