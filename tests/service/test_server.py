from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import requests

from augury.model import Model
from tests.service.models import answer_at_once, make_model
from tests.service.running import PATIENCE, Running, await_end, make_command, run_server


@pytest.fixture(scope="session")
def artifact(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The churn-like model as a file."""
    path = tmp_path_factory.mktemp("models") / "churn.augury.json"
    model.save(path)
    return path


def test_the_labs_own_call(tmp_path: Path, artifact: Path, record: dict[str, Any], model: Model) -> None:
    """The lab's client works unchanged against a real server, on a port that the greeting names."""
    with run_server(tmp_path, [artifact]) as server:
        assert server.port > 0
        answer = requests.post(f"{server.url}/predict", json=record, timeout=PATIENCE)
        assert list(answer.json().items()) == list(json.loads(answer_at_once(model, answer.request.body)).items())
        assert requests.get(f"{server.url}/ping", timeout=PATIENCE).text == "PONG"
        assert requests.post(f"{server.url}/predict", json={}, timeout=PATIENCE).status_code == 422


def test_the_greeting_says_what_is_served(tmp_path: Path, artifact: Path, model: Model) -> None:
    """The greeting comes once, names the models with the default first, and the first request after it is answered."""
    second = tmp_path / "second.augury.json"
    make_model("second").save(second)
    with run_server(tmp_path, [artifact, second], default="second") as server:
        assert requests.get(f"{server.url}/readyz", timeout=PATIENCE).status_code == 200
        assert [each["model"].partition("@")[0] for each in server.greeting["models"]] == ["second", "churn"]
        assert server.greeting["models"][1]["digest"] == model.digest
        assert server.greeting["models"][1]["golden_rows"] == 2
        server.stop(signal.SIGTERM)
        assert server.process.stdout is not None
        assert server.process.stdout.read() == ""


def test_headers_on_the_wire(tmp_path: Path, artifact: Path) -> None:
    """A real answer has its length, its date and its signature, tells nothing of the software, and HEAD has no body."""
    with run_server(tmp_path, [artifact]) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        for method, path, status in (("HEAD", "/ping", 200), ("GET", "/nothing", 404), ("GET", "/ping", 200)):
            connection.request(method, path, headers={"X-Request-Id": "r1"})
            response = connection.getresponse()
            length = len(response.read())
            assert response.status == status
            assert length == (0 if method == "HEAD" else int(response.headers["content-length"]))
            assert response.headers["x-request-id"] == "r1"
            assert "server" not in response.headers
        connection.close()


def test_one_json_line_a_request(tmp_path: Path, artifact: Path, record: dict[str, Any]) -> None:
    """Off a terminal the log is one JSON line a request, and nothing else."""
    with run_server(tmp_path, [artifact]) as server:
        for _ in range(3):
            requests.post(f"{server.url}/predict", json=record, timeout=PATIENCE)
        server.stop(signal.SIGTERM)
        assert [(line["event"], line["route"], line["status"]) for line in server.read_log()] == [
            ("request", "/predict", 200)
        ] * 3


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("sig", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_stop(tmp_path: Path, artifact: Path, workers: int, sig: int, status: int) -> None:
    """SIGTERM ends the service with 0 and SIGINT with 130, quietly, with every worker."""
    with run_server(tmp_path, [artifact], workers=workers) as server:
        children = server.find_workers()
        assert len(children) == (workers if workers > 1 else 0)
        ended, seconds = server.stop(sig)
        assert (ended, server.read_log()) == (status, [])
        assert seconds < 5
        for pid in children:
            await_end(pid)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stop_under_load(tmp_path: Path, artifact: Path, record: dict[str, Any], workers: int) -> None:
    """A stop under load answers each request until nobody listens: no connection that was made is cut."""
    body = json.dumps(record)
    with run_server(tmp_path, [artifact], workers=workers) as server:
        clients = [_Client(server.port, body, keep=index % 2 == 0) for index in range(6)]
        for client in clients:
            client.start()
        _await(lambda: all(client.answered > 20 for client in clients))
        ended, _ = server.stop(signal.SIGTERM)
        for client in clients:
            client.join(PATIENCE)
        assert [client.failure for client in clients] == [None] * 6
        assert ended == 0


class _Client(threading.Thread):
    """Ask again and again, on one connection while the server keeps it or on a new one each, until refused."""

    def __init__(self, port: int, body: str, *, keep: bool) -> None:
        super().__init__(daemon=True)
        self.answered = 0
        self.failure: str | None = None
        self._port = port
        self._body = body
        self._keep = keep

    def run(self) -> None:
        """Ask until nobody listens any more."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)) as connection:
            self._ask(connection)

    def _ask(self, connection: http.client.HTTPConnection) -> None:
        headers = {"Content-Type": "application/json"} | ({} if self._keep else {"Connection": "close"})
        while True:
            try:
                if connection.sock is None:
                    connection.connect()
            except (ConnectionRefusedError, ConnectionResetError):
                return  # a reset while connecting is a refusal too: nothing was asked yet
            try:
                connection.request("POST", "/predict", self._body, headers)
                response = connection.getresponse()
                if (response.status, b"churn_probability" in response.read()) != (200, True):
                    self.failure = f"status {response.status}"
                    return
            except (OSError, http.client.HTTPException) as error:
                self.failure = repr(error)
                return
            self.answered += 1


def _await(is_so: Callable[[], bool]) -> None:
    until = monotonic() + PATIENCE
    while not is_so():
        assert monotonic() < until, "it never came to be"
        sleep(0.01)


def test_ready_no_more_while_stopping(tmp_path: Path, artifact: Path) -> None:
    """From the signal on the service is not ready, while it still answers and ends each connection."""
    with run_server(tmp_path, [artifact]) as server:
        server.process.send_signal(signal.SIGTERM)
        statuses = set()
        while True:
            try:
                answer = requests.get(f"{server.url}/readyz", timeout=PATIENCE)
            except requests.ConnectionError:
                break
            statuses.add((answer.status_code, answer.headers.get("connection")))
        assert (503, "close") in statuses
        assert statuses <= {(503, "close"), (200, None)}


def test_a_kept_connection_is_answered_once_more(tmp_path: Path, artifact: Path) -> None:
    """A request that comes on an idle connection just after the signal is answered, and ends the connection."""
    with run_server(tmp_path, [artifact]) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        statuses = []
        for before in (lambda: None, lambda: server.process.send_signal(signal.SIGTERM)):
            before()
            sleep(0.2)  # the stop has begun, and is announced for half a second
            connection.request("GET", "/ping")
            response = connection.getresponse()
            statuses.append((response.read(), response.headers["connection"]))
        assert statuses == [(b"PONG", None), (b"PONG", "close")]
        connection.close()


def test_a_connection_that_nobody_took_yet_is_answered(tmp_path: Path, artifact: Path) -> None:
    """A request that waits with the kernel at the very moment when the service closes its socket is answered."""
    with run_server(tmp_path, [artifact]) as server:
        server.process.send_signal(signal.SIGTERM)
        sleep(0.25)
        server.process.send_signal(signal.SIGSTOP)  # it takes nobody's connection, while its half second runs out
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
            connection.sendall(b"GET /ping HTTP/1.1\r\nHost: h\r\n\r\n")
            sleep(0.5)
            server.process.send_signal(signal.SIGCONT)
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 OK")
        assert server.process.wait(PATIENCE) == 0


def test_a_client_that_never_ends_does_not_hold_the_service(tmp_path: Path, artifact: Path) -> None:
    """The service is gone within ten seconds although a client sends its body for ever."""
    with run_server(tmp_path, [artifact], workers=2) as server, _hold(server):
        ended, seconds = server.stop(signal.SIGTERM)
        assert ended == 0
        assert 5 < seconds < 10


@pytest.mark.parametrize("workers", [1, 2])
def test_a_second_interrupt_ends_it_at_once(tmp_path: Path, artifact: Path, workers: int) -> None:
    """A second SIGINT waits for nobody."""
    with run_server(tmp_path, [artifact], workers=workers) as server, _hold(server):
        server.process.send_signal(signal.SIGINT)
        sleep(0.3)  # two signals sent at once may arrive as one
        children = server.find_workers()
        ended, seconds = server.stop(signal.SIGINT)
        assert ended == 130
        assert seconds < 2
        for pid in children:
            await_end(pid)


def _hold(server: Running) -> socket.socket:
    """Begin a request whose body never ends."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
    connection.sendall(b"POST /predict HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{")
    sleep(0.3)  # it has been read when the stop begins; if not, the test is easier, not wrong
    return connection


def test_a_worker_that_dies_is_replaced(tmp_path: Path, artifact: Path, record: dict[str, Any], model: Model) -> None:
    """A killed worker is replaced within seconds by one of the same model, although the file is another by then."""
    path = tmp_path / "churn.augury.json"
    path.write_bytes(artifact.read_bytes())
    with run_server(tmp_path, [path], workers=2) as server:
        before = set(server.find_workers())
        path.write_text("no artifact")
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        _await(lambda: victim not in server.find_workers() and len(server.find_workers()) == 2)
        for _ in range(20):
            answer = requests.post(f"{server.url}/predict", json=record, timeout=PATIENCE)
            assert answer.headers["augury-model"] == f"churn@{model.digest[7:19]}"
        assert server.stop(signal.SIGTERM)[0] == 0
        assert [line["status"] for line in server.read_log() if line["event"] == "worker died"] == [-9]


def test_workers_do_not_outlive_their_parent(tmp_path: Path, artifact: Path) -> None:
    """When the first process is killed, the workers stop by themselves."""
    with run_server(tmp_path, [artifact], workers=2) as server:
        children = server.find_workers()
        server.stop(signal.SIGKILL)
        for pid in children:
            await_end(pid)


def _fail_to_serve(paths: list[Path], **settings: object) -> str:
    ran = subprocess.run(make_command(paths, **settings), capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")  # the command line has the exit statuses
    assert ran.stderr.count("\n") == 1, ran.stderr
    return ran.stderr


@pytest.mark.parametrize("workers", [1, 2])
def test_a_port_in_use(artifact: Path, workers: int) -> None:
    """A port that somebody listens on is one sentence, with the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = _fail_to_serve([artifact], port=port, workers=workers)
    assert said.startswith(f"UsageError: --port: port {port} of 127.0.0.1 is in use; stop what listens there")


def test_a_bad_artifact_is_not_served(tmp_path: Path) -> None:
    """An artifact that is refused ends the start before anybody is told that it answers."""
    path = tmp_path / "bad.augury.json"
    path.write_text("{}")
    assert _fail_to_serve([path], workers=2).startswith("ArtifactError: ")


@pytest.mark.parametrize("in_pieces", [False, True])
def test_a_body_too_large_for_a_real_server(tmp_path: Path, artifact: Path, in_pieces: bool) -> None:
    """A client that sends far too much is told so, and its connection goes on to serve the next request."""
    pieces = [b"[" + b" " * (1024 * 1024)] * 17
    with run_server(tmp_path, [artifact]) as server, requests.Session() as session:
        body = iter(pieces) if in_pieces else b"".join(pieces)
        answer = session.post(f"{server.url}/predict", data=body, timeout=PATIENCE)
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:augury:problem:too-large")
        assert session.get(f"{server.url}/ping", timeout=PATIENCE).text == "PONG"
