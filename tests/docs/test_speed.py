"""The page on speed holds what the benchmarks write into it, and they measure what they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.docs.pages import REPOSITORY

_PAGE = REPOSITORY / "docs" / "explanation" / "speed.md"
_BENCHMARKS = REPOSITORY / "benchmarks"


class _Moody(BaseHTTPRequestHandler):
    """Answers every second request, and refuses the others."""

    protocol_version = "HTTP/1.1"
    asked = 0

    def do_POST(self) -> None:
        """Answer or refuse."""
        self.rfile.read(int(self.headers["content-length"]))
        type(self).asked += 1
        self.send_response(503 if self.asked % 2 else 200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def moody_port() -> Iterator[int]:
    """Serve on a free port who refuses every second request."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Moody) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_each_section_of_the_page_is_written_by_a_benchmark_and_each_picture_is_there() -> None:
    """What a benchmark writes has its place on the page, no place is left that none writes, and the pictures exist."""
    page = _PAGE.read_text("utf-8")
    code = "".join(path.read_text("utf-8") for path in _BENCHMARKS.glob("bench_*.py"))
    written = re.findall(r'put_section\(docs_page\.SPEED, "(\w+)"', code)
    assert sorted(re.findall(r"<!-- (\w+): written by benchmarks -->", page)) == sorted(written)
    assert sorted(re.findall(r"<!-- (\w+): end -->", page)) == sorted(written)
    assert all((_PAGE.parent / name).exists() for name in re.findall(r"!\[[^]]+]\(([^)]+)\)", page))


def test_requests_at_a_rate_are_timed_where_they_are_answered_and_counted_where_they_are_refused(
    moody_port: int,
) -> None:
    """Of a server that refuses every second request, half of the rate is told as answered and the rest as refused."""
    asked = {"port": moody_port, "path": "/", "body": "{}", "headers": {}, "rate": 200, "seconds": 1, "connections": 4}
    told = json.loads(_run(str(_BENCHMARKS / "arrivals.py"), json.dumps(asked)))
    assert 60 < told["rate"] < 140
    assert 60 < told["refused"] < 140
    assert 0 < told["p50"] <= told["p99"] <= told["p999"]


def test_ratios_are_taken_within_a_round() -> None:
    """A machine that slows down both servers of a round leaves their ratio alone, and so its interval is a point."""
    code = """
from side_by_side import Figures, compare
from load import Saturation
rounds = {name: [Figures(0, 0, Saturation(rate * speed, 0, 0, 0), None) for speed in (1, 0.2, 3)]
          for name, rate in (("a", 80), ("b", 20))}
print(compare(rounds, "a", "b", lambda figures: figures.saturation.rate))
"""
    assert _run("-c", code).strip() == "4 (4 – 4)"


def _run(*arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(_BENCHMARKS)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=60).stdout
