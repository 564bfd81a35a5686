"""Who asks: one kept connection, every answer held to its case, and the log held to what it may say."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Self

import msgspec

from tests.service.bad_inputs.case import CANARY, Case
from tests.service.edging import PATIENCE, Answer, Running, parse_answers

PING = b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n"
# What an answer to a caller never holds: the traceback of a failure, a path of ours, a name of our code.
_LEAK = re.compile(rb'Traceback|File "|\.py\b|site-packages|msgspec|starlette|uvicorn|0x[0-9a-f]{6}|/(?:home|usr|tmp)/')
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Caller:
    """Ask bad inputs of a running edge, one after the other."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._connection: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._leave()

    def find_all(self, cases: Iterable[Case]) -> dict[str, str]:
        """Ask cases on one connection as long as it is kept: each is the next request after the one before it.

        Returns:
            What is wrong, by the case's name.
        """
        wrong = {case.name: found for case in cases if (found := self.find_wrong(case))}
        if self._connection is not None:
            self._connection.sendall(PING)
            told = read_answer(self._connection).body
            if told != b"PONG":
                wrong["the request after the last"] = repr(told)
        return wrong

    def find_wrong(self, case: Case) -> str:
        """Ask a case; what is for the lane twice, because a head that was judged before takes a shorter way.

        Returns:
            What is wrong with an answer, or with the end of its connection; empty where nothing is.
        """
        wrong = ""
        for _ in range(2 if case.is_for_lane() and not case.closes else 1):
            try:
                wrong = wrong or check_answer(case, self._ask(case))
            except (AssertionError, OSError, ValueError) as error:
                self._leave()
                return f"{type(error).__name__}: {error}"[:500]
        if not wrong and case.closes:
            wrong = self._find_rest()
        if wrong or case.closes:
            self._leave()
        return wrong

    def _ask(self, case: Case) -> Answer:
        if self._connection is None:
            self._connection = self._running.connect()
        self._connection.sendall(case.request)
        return read_answer(self._connection, is_head=case.is_head)

    def _find_rest(self) -> str:
        """Wait for the end of a connection that was said to end."""
        assert self._connection is not None
        try:
            rest = self._connection.recv(1000)
        except OSError as error:
            return f"the connection's end: {type(error).__name__}"
        return f"after the answer came {rest!r}" if rest else ""

    def _leave(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def read_answer(connection: socket.socket, *, is_head: bool = False) -> Answer:
    """Read one answer, and see that nothing follows it."""
    read, until = b"", monotonic() + PATIENCE
    while monotonic() < until:
        piece = connection.recv(65_536)
        assert piece, f"closed after {read[:200]!r}"
        read += piece
        answers = parse_answers(read, is_head=is_head)
        if answers and answers[-1].is_whole:
            assert len(answers) == 1, answers
            return answers[0]
    raise AssertionError(f"only {read[:200]!r}")


def check_answer(case: Case, answer: Answer) -> str:
    """Hold an answer to its case: what is wrong, empty where nothing is."""
    if answer.status != case.status:
        return f"status {answer.status}, body {answer.body[:300]!r}"
    for name, value in case.headers:
        if answer.header(name) != value:
            return f"{name}: {answer.header(name)}"
    if not _ID.fullmatch(answer.header("x-request-id") or ""):
        return f"X-Request-Id: {answer.header('x-request-id')}"
    if (answer.header("connection") == "close") != case.closes:
        return f"Connection: {answer.header('connection')}"
    if CANARY.encode() in answer.body or _LEAK.search(answer.body):
        return f"leaks: {answer.body[:300]!r}"
    if case.is_head:
        return "" if not answer.body else "HEAD has a body"
    return _check_rows(case, answer) if case.status == 200 else _check_problem(case, answer)


def _check_problem(case: Case, answer: Answer) -> str:
    media_type = "application/json" if case.says_error else "application/problem+json"
    if answer.header("content-type") != media_type:
        return f"Content-Type: {answer.header('content-type')}"
    problem = answer.json()
    if case.says_error and problem.pop("error", None) != problem["detail"]:
        return "the detail is not the error"
    found = (problem["type"], problem["status"], problem["instance"], _find_places(problem))
    kind, request_id = f"urn:augury:problem:{case.kind}", answer.header("x-request-id")
    expected = (kind, case.status, f"urn:augury:request:{request_id}", case.places)
    if found != expected:
        return f"{found} for {expected}"
    known = {"type", "title", "status", "detail", "instance", "faults", "more"}
    return "" if set(problem) <= known and problem["detail"] else f"members {set(problem)}"


def _check_rows(case: Case, answer: Answer) -> str:
    """Hold the answers to rows, or to one record where nothing is said of rows."""
    if case.rows is None:
        answer.json()
        return ""
    if answer.header("content-type") == "application/x-ndjson":
        rows = [msgspec.json.decode(line) for line in answer.body.splitlines()]
    else:
        rows = answer.json()
        refused = str(sum(map(bool, case.rows)))
        if answer.header("augury-refused") != refused:
            return f"Augury-Refused: {answer.header('augury-refused')}"
    found = tuple(map(_find_places, rows))
    return "" if found == case.rows else f"rows {found}"


def _find_places(told: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((fault["code"], fault["pointer"]) for fault in told.get("faults", ()))


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def hold_log() -> Iterator[None]:
    """Hold the log to what it may say: no failure, no cut answer, no error of the loop, and nothing of a record."""
    lines, loggers = _Lines(), [logging.getLogger(name) for name in ("augury.service", "asyncio")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(lines)
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(lines)
            logger.setLevel(level)
    assert lines.records
    bad = [vars(line) for line in lines.records if line.levelno > logging.INFO or CANARY in str(vars(line))]
    assert bad == []
