"""A record a line, as it arrives: NDJSON 1.0 (https://github.com/ndjson/ndjson-spec), in memory of one line.

Empty lines, and lines of nothing but spaces, are no records and get no answer; that specification leaves it to us.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from augury.contract.faults import Fault
from augury.errors import RecordError
from augury.service.exchange import Exchange
from augury.service.records.answers import Answers

# What JSON calls whitespace; a carriage return is among it, so CRLF ends a line as well.
_SPACES = b" \t\r"
# After this many lines what was answered is sent and other requests get their turn: a refused one takes up to a
# millisecond. Sooner where answers are long, for 60 kB of `{}` lines are answered with 40 MB of faults.
_LINES_A_TURN = 100
_MAX_BATCH = 64 * 1024


class LineTooLong(Struct, frozen=True):
    """What stands in the place of a line that is longer than the limit: none of its bytes are kept."""

    limit: int


class Lines:
    """Cut a body into lines as its pieces arrive; of a line that has not ended no more than the limit is kept."""

    def __init__(self, max_line: int) -> None:
        self._max_line = max_line
        self._begun = bytearray()
        self._is_too_long = False

    def cut(self, piece: bytes) -> Iterator[bytes | LineTooLong]:
        """Cut a piece: the lines that end in it."""
        *ended, begun = piece.split(b"\n")
        for line in ended:
            if self._begun or self._is_too_long:
                self._add(line)
                yield from self.finish()
            elif len(line) > self._max_line:
                yield LineTooLong(self._max_line)
            elif line.strip(_SPACES):
                yield line
        self._add(begun)

    def finish(self) -> Iterator[bytes | LineTooLong]:
        """End the line that has begun, if one has: the last one of a body needs no newline."""
        line, is_too_long = bytes(self._begun), self._is_too_long
        self._begun.clear()
        self._is_too_long = False
        if is_too_long:
            yield LineTooLong(self._max_line)
        elif line.strip(_SPACES):
            yield line

    def _add(self, part: bytes) -> None:
        if self._is_too_long or len(self._begun) + len(part) > self._max_line:
            self._is_too_long = True
            self._begun.clear()
        else:
            self._begun += part


class LineAnswers:
    """Answer the lines of one request's body as its pieces arrive."""

    def __init__(self, exchange: Exchange, *, explain: bool, max_line: int) -> None:
        self._answers = Answers(exchange, explain=explain)
        self._lines = Lines(max_line)
        self._exchange = exchange
        exchange.rows = 0

    def answer(self, piece: bytes) -> Iterator[bytes]:
        """Answer the lines that end in a piece, in batches that are to be sent one by one."""
        return self._batch(self._lines.cut(piece))

    def finish(self) -> Iterator[bytes]:
        """Answer the line that has begun when the body ends."""
        return self._batch(self._lines.finish())

    def _batch(self, lines: Iterable[bytes | LineTooLong]) -> Iterator[bytes]:
        batch: list[bytes] = []
        size = 0
        for line in lines:
            answer = self._answer_line(line)
            batch.append(answer)
            size += len(answer)
            if len(batch) == _LINES_A_TURN or size >= _MAX_BATCH:
                yield _write_lines(batch)
                batch, size = [], 0
        if batch:
            yield _write_lines(batch)

    def _answer_line(self, line: bytes | LineTooLong) -> bytes:
        index = self._exchange.rows or 0
        self._exchange.rows = index + 1
        if not isinstance(line, LineTooLong):
            return self._answers.answer_row(line, index)
        detail = f"the line is longer than {line.limit:,} bytes, so it was not read; send one record a line"
        return self._answers.refuse_row(RecordError([Fault("malformed", "", detail)]))


def _write_lines(answers: Sequence[bytes]) -> bytes:
    return b"\n".join(answers) + b"\n"
