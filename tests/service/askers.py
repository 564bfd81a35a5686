"""Clients that ask a real server again and again, and judge every answer by the model that it says it is from.

A refusal because there is too much to do is no wrong answer: a busy machine has those. They are counted as ``shed``.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from msgspec import Struct

from tests.service.running import PATIENCE

_ROWS = 20


class Ask(Struct, frozen=True):
    """How a client asks: an array or a single record, on one connection or on a new one each time."""

    is_array: bool
    keeps: bool


ALL_WAYS = tuple(Ask(is_array, keeps) for is_array in (False, True) for keeps in (True, False))


class Asker(threading.Thread):
    """A client.

    Args:
        port: where it asks.
        record: what it asks.
        expected: by the label of a model, the answer to that record.
        way: how it asks.
    """

    def __init__(self, port: int, record: object, expected: Mapping[str, Any], way: Ask) -> None:
        super().__init__(daemon=True)
        self.answered = self.shed = 0
        self.label = ""
        self.wrong: list[str] = []
        self.cut: list[str] = []
        self._is_told_to_stop = threading.Event()
        self._port = port
        self._body = json.dumps([record] * _ROWS if way.is_array else record)
        self._expected = expected
        self._way = way

    def run(self) -> None:
        """Ask until told to stop."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        while not self._is_told_to_stop.is_set():
            try:
                self._ask(connection)
            except (OSError, http.client.HTTPException) as error:
                self.cut.append(repr(error))
                connection.close()
        connection.close()

    def stop(self) -> None:
        """Stop after the answer that is awaited."""
        self._is_told_to_stop.set()
        self.join(PATIENCE)

    def _ask(self, connection: http.client.HTTPConnection) -> None:
        headers = {"Content-Type": "application/json"} | ({} if self._way.keeps else {"Connection": "close"})
        connection.request("POST", "/predict", self._body, headers)
        response = connection.getresponse()
        content, label = response.read(), response.headers["augury-model"]
        expected = self._expected.get(label)
        if response.status == 503 and json.loads(content)["type"] == "urn:augury:problem:overloaded":
            self.shed += 1
            return
        if response.status != 200 or json.loads(content) != ([expected] * _ROWS if self._way.is_array else expected):
            self.wrong.append(f"{response.status} {label} {content[:200]!r}")
        self.label = label
        self.answered += 1


@contextmanager
def asking(
    port: int, record: object, expected: Mapping[str, Any], ways: Sequence[Ask] = ALL_WAYS
) -> Iterator[list[Asker]]:
    """Let clients ask meanwhile, once each has had an answer; afterwards none has been given a wrong one."""
    askers = [Asker(port, record, expected, way) for way in ways]
    for asker in askers:
        asker.start()
    with contextlib.ExitStack() as stack:
        for asker in askers:
            stack.callback(asker.stop)
        wait_until(lambda: all(asker.answered for asker in askers))
        yield askers
    wrong = [wrong for asker in askers for wrong in asker.wrong]
    assert not wrong, f"{len(wrong)} wrong answers, the first of them {wrong[0]}"


def wait_until(is_so: Callable[[], bool], patience: float = PATIENCE) -> float:
    """Wait until something is so, and tell how many seconds that took."""
    started = monotonic()
    while not is_so():
        assert monotonic() - started < patience, "it never came to be"
        sleep(0.005)
    return monotonic() - started
