"""What stands before an application on its way to a browser: a prefix, a wish for a key, moments when it is busy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from starlette.types import ASGIApp

from tests.service.asking import Answer, ask

PREFIX = "/lab/churn"


class Host(ThreadingHTTPServer):
    """Serves an application under a prefix.

    Where it ``is_gone`` a question is cut off without a word. ``key`` is wanted of every question where there is one;
    ``busy`` questions are put off; a question that holds ``held`` is answered once ``release`` is set. ``asked`` are
    the bodies of the questions that came, ``answered`` of those that the application answered.
    """

    daemon_threads = True

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.app = app
        self.key: str | None = None
        self.busy = 0
        self.is_gone = False
        self.held: bytes | None = None
        self.release = threading.Event()
        self.asked: list[bytes] = []
        self.answered: list[bytes] = []

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_port}{PREFIX}/"

    def answer(self, path: str, body: bytes, key: str | None) -> Answer:
        """Answer a question as the application does, or as one that does not want to."""
        self.asked.append(body)
        if self.key is not None and key != self.key:
            return Answer(401, [("content-type", "application/problem+json")], b'{"title": "no"}')
        if self.busy:
            self.busy -= 1
            return Answer(503, [("retry-after", "0")], b"{}")
        if self.held is not None and self.held in body:
            assert self.release.wait(30), "nobody released the question"
        route, _, query = path.removeprefix(PREFIX).partition("?")
        answer = ask(self.app, "POST", route, body, query=query)
        self.answered.append(body)
        return answer


class _Handler(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        self._send(ask(self.server.app, "GET", self.path.removeprefix(PREFIX), headers={"host": "h"}))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.is_gone:
            return
        self._send(self.server.answer(self.path, body, self.headers["X-API-Key"]))

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _send(self, answer: Answer) -> None:
        try:
            self.send_response(answer.status)
            for name, value in answer.headers:
                if name != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
        except (BrokenPipeError, ConnectionResetError):
            return  # the page gave the question up


@contextmanager
def run_host(app: ASGIApp) -> Iterator[Host]:
    """Serve an application on a free port of this machine until the block ends."""
    with Host(app) as host:
        thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield host
        finally:
            host.release.set()
            host.shutdown()
            thread.join(30)
