from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from augury.cli.dataset import DATASETS, Dataset
from tests.conftest import TELCO_SHA256
from tests.unit.cli.conftest import Run

TABLE = b"a,b\n1,2\n" * 20_000


class _Handler(BaseHTTPRequestHandler):
    """Serve the table at /table, something else elsewhere."""

    def do_GET(self) -> None:
        self.server.asked += 1  # type: ignore[attr-defined]
        self.send_response(404 if self.path == "/absent" else 200)
        self.end_headers()
        self.wfile.write(TABLE if self.path == "/table" else b"<html>")

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """A web server of our own on a free port."""
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.asked = 0  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache" / "augury"


def _publish(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    sha256 = hashlib.sha256(TABLE).hexdigest()
    monkeypatch.setitem(DATASETS, "telco", Dataset("telco", url, sha256, len(TABLE), "table.csv", "a table"))


def _find_url(server: HTTPServer, path: str) -> str:
    return f"http://127.0.0.1:{server.server_port}{path}"


def test_the_table_of_the_tests_is_the_one_that_is_fetched() -> None:
    """The checksum here is that of the table which the tests read, at a commit that cannot move."""
    telco = DATASETS["telco"]
    assert telco.sha256 == TELCO_SHA256
    assert telco.n_bytes == 970_457
    assert telco.url.startswith("https://")
    assert "/d5371f5d83a446ad5673cbcca3b814b926491f8a/" in telco.url


def test_a_table_is_fetched_once(run: Run, server: HTTPServer, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first call fetches, checks and prints the path; the second only prints it; -o copies from the cache."""
    _publish(monkeypatch, _find_url(server, "/table"))
    for _ in range(2):
        shown = run("dataset", "telco")
        assert (shown.exit_code, shown.stdout) == (0, f"{cache / 'table.csv'}\n")
    assert (cache / "table.csv").read_bytes() == TABLE
    answer = json.loads(run("dataset", "telco", "-o", "here.csv", "--json").stdout)
    assert answer["path"] == "here.csv"
    assert Path("here.csv").read_bytes() == TABLE
    assert server.asked == 1  # type: ignore[attr-defined]


def test_a_spoilt_cache_is_fetched_again(
    run: Run, server: HTTPServer, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in the cache is checked too."""
    _publish(monkeypatch, _find_url(server, "/table"))
    cache.mkdir(parents=True)
    (cache / "table.csv").write_bytes(b"spoilt")
    assert run("dataset", "telco").exit_code == 0
    assert (cache / "table.csv").read_bytes() == TABLE


@pytest.mark.parametrize(("path", "sentence"), [("/other", "the SHA-256 of its 6 bytes is"), ("/absent", "cannot be")])
def test_something_else_is_not_kept(
    run: Run, server: HTTPServer, cache: Path, monkeypatch: pytest.MonkeyPatch, path: str, sentence: str
) -> None:
    """An answer that is not the table exits with 2, says how to give a copy, and leaves nothing."""
    _publish(monkeypatch, _find_url(server, path))
    shown = run("dataset", "telco", "-o", "here.csv")
    assert shown.exit_code == 2
    assert sentence in shown.stderr
    assert "`augury dataset telco --from PATH`" in shown.stderr
    assert not Path("here.csv").exists()
    assert not cache.exists()


def test_without_a_network_a_copy_is_asked_for(run: Run, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody answers, one sentence says how to give a copy, and a copy is then taken."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        _publish(monkeypatch, f"http://127.0.0.1:{taken.getsockname()[1]}/table")
        shown = run("dataset", "telco")
    assert shown.exit_code == 2
    assert shown.stderr.count("\n") == 1
    assert "`augury dataset telco --from PATH`" in shown.stderr
    Path("copy.csv").write_bytes(TABLE)
    assert run("dataset", "telco", "--from", "copy.csv").stdout == f"{cache / 'table.csv'}\n"
    assert (cache / "table.csv").read_bytes() == TABLE


@pytest.mark.parametrize("content", [b"a,b\n", None], ids=["another", "absent"])
def test_a_copy_is_checked(run: Run, cache: Path, content: bytes | None) -> None:
    """A copy that is another file, or none, exits with 2."""
    if content is not None:
        Path("copy.csv").write_bytes(content)
    shown = run("dataset", "telco", "--from", "copy.csv")
    assert shown.exit_code == 2
    assert shown.stderr.startswith("augury: copy.csv: ")
    assert not cache.exists()
