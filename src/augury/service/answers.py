"""The answers to the records of one request, as bytes, and what is told about them beside."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from augury.contract.check import Suggestions
from augury.contract.faults import Fault, find_pointer
from augury.errors import RecordError
from augury.prediction import Scorer
from augury.service.exchange import Exchange, count_faults, count_notes
from augury.service.notes import NotesHeader
from augury.service.problems import Refusal
from augury.service.reply import Reply
from augury.service.rows import find_first_byte, split_rows
from augury.service.settings import Settings

_EXPLAIN = {"true": True, "false": False}


class RefusedRow(Struct, frozen=True, omit_defaults=True):
    """The answer to a refused row of an array."""

    faults: tuple[Fault, ...]
    more: int = 0


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
        return Reply(self._answer_record(body), headers=self._notes.find_headers())

    def reply_rows(self, answered: Sequence[bytes]) -> Reply:
        """Reply to an array with the answers to its rows."""
        headers = {"Augury-Refused": str(self._refused), **self._notes.find_headers()}
        return Reply(b"[" + b",".join(answered) + b"]", headers=headers)

    def answer_row(self, row: bytes, index: int) -> bytes:
        """Answer one row of an array, with its faults where it is refused."""
        try:
            return self._answer_record(row, find_pointer(str(index)))
        except RecordError as error:
            self._refused += 1
            count_faults(self._exchange, error.faults)
            return msgspec.json.encode(RefusedRow(error.faults, error.more))

    def _answer_record(self, body: bytes, place: str = "") -> bytes:
        answered = None if self._explain else self._model.answer_fast(body)
        if answered is not None:
            answer, probability = answered
            self._exchange.meter.count_score(self._model, probability)
            return answer
        prediction = self._model.predict_json(body, explain=self._explain, suggestions=self._suggestions)
        count_notes(self._exchange, prediction.notes)
        self._exchange.meter.count_score(self._model, prediction.probability)
        self._notes.add(prediction.notes, place)
        return self._model.write_answer(prediction)
