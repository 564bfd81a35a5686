"""A package index on loopback, as PEP 503 has it, which may ask for a password."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

from msgspec import Struct, field


class Index(Struct):
    """An index that answers: its address, and the paths that it was asked for by who may."""

    url: str
    paths: list[str] = field(default_factory=list)


@contextmanager
def serve_index(wheels: Path, *, user: str = "", password: str = "") -> Iterator[Index]:
    """Serve a folder of wheels as an index until the block ends."""
    expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode() if user else None
    index = Index("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if expected is not None and self.headers.get("Authorization") != expected:
                return self._answer(401, b"", ("WWW-Authenticate", "Basic"))
            path = unquote(self.path).removeprefix("/simple")
            index.paths.append(path)
            if path.startswith("/files/"):
                return self._answer(
                    200, (wheels / Path(path).name).read_bytes(), ("Content-Type", "binary/octet-stream")
                )
            names = [
                each.name for each in sorted(wheels.iterdir())
                if each.name.partition("-")[0].lower().replace("_", "-") == path.strip("/")
            ]  # fmt: skip
            links = "".join(f'<a href="/simple/files/{name}">{name}</a>' for name in names)
            return self._answer(200 if names else 404, links.encode(), ("Content-Type", "text/html"))

        def _answer(self, status: int, body: bytes, header: tuple[str, str]) -> None:
            self.send_response(status)
            self.send_header(*header)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its signature
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        index.url = f"http://127.0.0.1:{server.server_port}/simple"
        try:
            yield index
        finally:
            server.shutdown()
            thread.join()
