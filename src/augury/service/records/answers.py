"""The answers to a request's records as bytes: one, an array's or a stream's, and what is told about them beside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from augury.contract.check import Suggestions
from augury.contract.faults import Fault, Note, find_pointer
from augury.errors import RecordError
from augury.prediction import Scorer
from augury.service.exchange import Exchange, count_faults, count_notes
from augury.service.notes import NotesHeader
from augury.service.problems import Refusal
from augury.service.records.rows import find_first_byte, split_rows
from augury.service.reply import Reply
from augury.service.settings import Settings

_EXPLAIN = {"true": True, "false": False}


class RefusedRow(Struct, frozen=True, omit_defaults=True):
    """The answer to a refused row of an array, or line of a stream."""

    faults: tuple[Fault, ...]
    more: int = 0


class Scored(Struct, frozen=True):
    """The answer to an accepted record, before anybody has counted it."""

    answer: bytes
    probability: float
    notes: tuple[Note, ...] = ()


def read_explain(asked: Sequence[str]) -> bool:
    """Read whether reasons are asked for, from each ``explain`` of the query; the last one counts.

    Raises:
        Refusal: it says neither.
    """
    said = asked[-1] if asked else "false"
    if said not in _EXPLAIN:
        raise Refusal("bad-query", "explain is true or false")
    return _EXPLAIN[said]


class Answers:
    """Answer the records of one request of the exchange's model, one after the other."""

    def __init__(self, exchange: Exchange, *, explain: bool) -> None:
        self._notes = NotesHeader()
        self._refused = 0
        self._model: Scorer = exchange.model
        self._exchange = exchange
        self._explain = explain
        self._answer_fast = _leave_to_slow_path if explain else exchange.model.answer_fast
        self._suggestions = Suggestions()  # one allowance for the whole request

    def split(self, body: bytes, settings: Settings) -> list[bytes] | None:
        """Split a body into the bytes of each record; None when it is one record.

        Raises:
            RecordError: the body cannot be read as the array that it begins as.
            Refusal: there are too many records, or one is too large.
        """
        if find_first_byte(body) != b"[":
            return None
        rows = split_rows(body, max_rows=settings.max_rows, max_record=settings.max_record)
        self._exchange.rows = len(rows)
        return rows

    def reply_record(self, body: bytes) -> Reply:
        """Reply to one record.

        Raises:
            RecordError: the contract refuses it.
        """
        scored = self.score(body)
        self.count(scored)
        return Reply(scored.answer, headers=self.find_notes())

    def reply_rows(self, answered: Sequence[bytes]) -> Reply:
        """Reply to an array with the answers to its rows."""
        headers = {"Augury-Refused": str(self._refused), **self.find_notes()}
        return Reply(b"[" + b",".join(answered) + b"]", headers=headers)

    def answer_rows(self, rows: Iterable[bytes], first: int = 0) -> list[bytes]:
        """Answer rows that follow each other, each with its faults where it is refused; ``first`` is one's index."""
        return [self.answer_row(row, index) for index, row in enumerate(rows, first)]

    def answer_row(self, row: bytes, index: int) -> bytes:
        """Answer one row of an array, with its faults where it is refused."""
        # Ten thousand rows come here for one request: what the fast path takes is not wrapped into anything.
        fast = self._answer_fast(row)
        if fast is None:
            return self._answer_slowly(row, index)
        self._exchange.meter.count_score(self._model, fast[1])
        return fast[0]

    def refuse_row(self, error: RecordError) -> bytes:
        """Answer one row with its faults."""
        self._refused += 1
        count_faults(self._exchange, error.faults)
        return msgspec.json.encode(RefusedRow(error.faults, error.more))

    def score(self, body: bytes) -> Scored:
        """Score one record without counting it.

        Raises:
            RecordError: the contract refuses it.
        """
        fast = self._answer_fast(body)
        return self._score_slowly(body) if fast is None else Scored(*fast)

    def count(self, scored: Scored, place: str = "") -> None:
        """Count an answer that is given; its record stands at the pointer ``place`` of the body."""
        self._exchange.meter.count_score(self._model, scored.probability)
        count_notes(self._exchange, scored.notes)
        self._notes.add(scored.notes, place)

    def find_notes(self) -> dict[str, str]:
        """Find the header that tells the notes of what was counted."""
        return self._notes.find_headers()

    def _answer_slowly(self, row: bytes, index: int) -> bytes:
        try:
            scored = self._score_slowly(row)
        except RecordError as error:
            return self.refuse_row(error)
        self.count(scored, find_pointer(str(index)))
        return scored.answer

    def _score_slowly(self, body: bytes) -> Scored:
        prediction = self._model.predict_json(body, explain=self._explain, suggestions=self._suggestions)
        return Scored(self._model.write_answer(prediction), prediction.probability, prediction.notes)


def _leave_to_slow_path(_body: bytes) -> None:
    """Take no record: the fast path knows no reasons."""
