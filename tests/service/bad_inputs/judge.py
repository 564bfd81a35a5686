"""Who judges any bytes: what the edge answers is held to what the application alone answers to the same requests.

The requests are what llhttp finds in the bytes, read in one piece by a parser of its own.
"""

from __future__ import annotations

import re
import socket
from contextlib import suppress

import httptools
import msgspec
from msgspec import Struct
from starlette.applications import Starlette

from tests.service.asking import ask
from tests.service.edging import Answer, Running, parse_answers, read_all

# What the edge refuses by itself, of bytes in which llhttp may see a request all the same.
_OF_THE_EDGE = frozenset(
    f"urn:augury:problem:{kind}"
    for kind in ("bad-request", "target-too-long", "head-too-large", "expectation-failed", "not-implemented")
) | {"urn:augury:problem:version-not-supported", "urn:augury:problem:too-large", "urn:augury:problem:overloaded"}
_INSTANCE = re.compile(rb"urn:augury:request:[A-Za-z0-9._-]{1,64}")


class Asked(Struct, frozen=True):
    """A request as llhttp reads it."""

    method: str
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    is_whole: bool = True


class _Reader:
    """What llhttp tells of bytes: the requests whose heads are complete in them."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.parser = httptools.HttpRequestParser(self)

    def on_message_begin(self) -> None:
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []

    def on_url(self, target: bytes) -> None:
        self._target += target

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        method = self.parser.get_method().decode()
        self.requests.append(Asked(method, self._target, tuple(self._headers), b"", is_whole=False))

    def on_body(self, piece: bytes) -> None:
        self.requests[-1] = msgspec.structs.replace(self.requests[-1], body=self.requests[-1].body + piece)

    def on_message_complete(self) -> None:
        self.requests[-1] = msgspec.structs.replace(self.requests[-1], is_whole=True)


def read_requests(sent: bytes) -> list[Asked]:
    """Read the requests in what was sent, up to what is none."""
    reader = _Reader()
    with suppress(httptools.HttpParserError, httptools.HttpParserUpgrade):
        reader.parser.feed_data(sent)
    return reader.requests


def split_answers(read: bytes) -> list[Answer]:
    """Take apart answers of which some are chunked: a stream may be followed by another answer."""
    answers: list[Answer] = []
    while read:
        head, _, rest = read.partition(b"\r\n\r\n")
        if b"\r\ntransfer-encoding: chunked" not in head:
            return [*answers, *parse_answers(read)]
        # No answer of ours holds a line of these bytes but as its last chunk.
        stream, found, read = (b"\r\n" + rest).partition(b"\r\n0\r\n\r\n")
        answers += parse_answers(head + b"\r\n" + stream + found)
    return answers


class Judge:
    """Send bytes to a running edge, and hold what comes back to what the application alone answers."""

    def __init__(self, running: Running, app: Starlette) -> None:
        self._running = running
        self._app = app
        self._known: dict[Asked, tuple[int, bytes]] = {}

    def check(self, sent: bytes) -> list[int]:
        """Check everything that comes back; the statuses of the answers."""
        answers = split_answers(self._exchange(sent))
        if any(answer.status == 503 for answer in answers):  # the machine was busy with something else meanwhile
            answers = split_answers(self._exchange(sent))
        asked = read_requests(sent)
        assert len(answers) <= len(asked) + 1, (sent, answers)
        for at, answer in enumerate(answers):
            try:
                self._check_answer(answer, asked[at] if at < len(asked) else None)
                # A stream whose question turns out to be malformed is cut; nothing else is, and nothing follows it.
                assert answer.is_whole or (answer is answers[-1] and answer.header("content-length") is None)
            except (AssertionError, ValueError) as error:
                raise AssertionError(f"{sent!r}: answer {at}: {answer}: {error}") from error
        return [answer.status for answer in answers]

    def _exchange(self, sent: bytes) -> bytes:
        with self._running.connect() as connection:
            with suppress(OSError):  # it was refused before it was all sent
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
            return read_all(connection)

    def _check_answer(self, answer: Answer, asked: Asked | None) -> None:
        assert answer.header("x-request-id")
        if answer.status == 200:
            assert asked is not None
            if answer.is_whole:
                assert asked.is_whole or asked.method != "POST"  # who asks with GET asks nothing by a body
                assert self._ask(asked) == (200, answer.body)
            return
        problem = answer.json()
        assert problem["status"] == answer.status
        is_protocols = answer.header("content-type") == "application/json"
        assert is_protocols or answer.header("content-type") == "application/problem+json"
        assert ("error" in problem) == is_protocols
        if problem["type"] not in _OF_THE_EDGE:
            assert answer.status < 500
            assert asked is not None
            # What is refused before all of it has come is not refused for what it holds.
            assert asked.is_whole or problem["type"] != "urn:augury:problem:record-refused"
            assert self._ask(asked) == (answer.status, _INSTANCE.sub(b"", answer.body))

    def _ask(self, asked: Asked) -> tuple[int, bytes]:
        """Ask the application without an edge; what was asked before is known."""
        if asked not in self._known:
            path, _, query = asked.target.partition(b"?")
            if not path.startswith(b"/"):  # an absolute target
                path = b"/" + path.partition(b"://")[2].partition(b"/")[2]
            told = ask(
                self._app, asked.method, _unquote(path), asked.body, asked.headers, query=query.decode("latin-1")
            )
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[asked] = (told.status, told.body if told.status == 200 else _INSTANCE.sub(b"", told.body))
        return self._known[asked]


def _unquote(path: bytes) -> str:
    """Take escapes apart as RFC 3986 has them, by other code than that of the project."""
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), path).decode(errors="replace")
