"""A server that says what it is told to say, byte for byte, and remembers what it was asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

# What is said to one connection: bytes, then it is closed; or a function that is given the connection.
Line = bytes | Callable[[socket.socket], None]


class Scripted:
    """Answers each connection at ``url`` with the next line of its script, and with the last one for ever after."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.asked: list[bytes] = []
        self._lines = list(lines)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening, and await that the last answer is said."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # it was closed
                return
            with connection:
                self.asked.append(_read_request(connection))
                line = self._lines.pop(0) if len(self._lines) > 1 else self._lines[0]
                if isinstance(line, bytes):
                    connection.sendall(line)
                else:
                    line(connection)


def _read_request(connection: socket.socket) -> bytes:
    """Read one request, whose length its head declares."""
    read = b""
    while b"\r\n\r\n" not in read:
        piece = connection.recv(65_536)
        if not piece:
            return read
        read += piece
    head, _, body = read.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def write_answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """Write an answer after which the connection closes; ``retry_after`` is the header ``Retry-After``."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status} so", f"content-length: {len(body)}", "connection: close", *lines])
    return head.encode() + b"\r\n\r\n" + body


@contextmanager
def run_script(*lines: Line) -> Iterator[Scripted]:
    """Run a server of this script."""
    server = Scripted(lines)
    try:
        yield server
    finally:
        server.close()
