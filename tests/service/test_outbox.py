from __future__ import annotations

import asyncio

from augury.model import Model
from augury.service.edge.outbox import Outbox
from augury.service.settings import Settings
from tests.service.edging import Running, read_answers, run_edge
from tests.service.test_lane import BODY, write_request


class Wire:
    """What would be sent, and to whom."""

    def __init__(self, name: str, sent: list[tuple[str, bytes]]) -> None:
        self.name = name
        self.sent = sent
        self.is_closed = False

    def is_closing(self) -> bool:
        """Whether it ends."""
        return self.is_closed

    def write(self, content: bytes) -> None:
        """Send."""
        self.sent.append((self.name, content))


def test_answers_wait_for_the_end_of_the_turn_in_their_order() -> None:
    """What is put is sent once the loop has done what was ready, in order, and not to who is gone."""
    sent: list[tuple[str, bytes]] = []

    async def run() -> None:
        outbox = Outbox()
        one, two, gone = (Wire(name, sent) for name in ("one", "two", "gone"))
        for wire, content in ((one, b"1"), (gone, b"2"), (two, b"3"), (one, b"4")):
            outbox.put(wire, content)  # type: ignore[arg-type]
        gone.is_closed = True
        assert not sent
        await asyncio.sleep(0)
        assert sent == [("one", b"1"), ("two", b"3"), ("one", b"4")]
        outbox.put(two, b"5")  # type: ignore[arg-type]
        outbox.send()
        assert sent[-1] == ("two", b"5")
        await asyncio.sleep(0)
        assert len(sent) == 4

    asyncio.run(run())


def test_nothing_waits_for_more_than_a_few() -> None:
    """However many connections have something to read, no answer waits for all of them."""
    sent: list[tuple[str, bytes]] = []

    async def run() -> None:
        outbox = Outbox()
        for number in range(1000):
            outbox.put(Wire(str(number), sent), b"x")  # type: ignore[arg-type]
        assert len(sent) > 900

    asyncio.run(run())


def ask_both_ways(running: Running, after: bytes) -> list[int]:
    """Ask a record and something else in one piece, while another connection is open; the statuses as they come."""
    with running.connect(), running.connect() as connection:
        connection.sendall(write_request(BODY))
        read_answers(connection, 1)  # the head is known from now on
        connection.sendall(write_request(BODY) * 3 + after)
        return [answer.status for answer in read_answers(connection, 4)]


def test_what_waits_comes_before_what_does_not(model: Model) -> None:
    """Answers of the lane stand before those of the application, refusals and the last answer of a connection."""
    with run_edge([model], Settings()) as running:
        assert ask_both_ways(running, b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n") == [200, 200, 200, 200]
        assert ask_both_ways(running, b"nonsense\r\n\r\n") == [200, 200, 200, 400]
        assert ask_both_ways(running, write_request(b"{}", "Connection: close")) == [200, 200, 200, 422]
