"""The answers to the records of one request, as bytes, and what is told about them beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from augury.contract.check import Suggestions
from augury.contract.faults import Fault, find_pointer
from augury.errors import RecordError
from augury.prediction import Scorer
from augury.service.exchange import Exchange
from augury.service.notes import NotesHeader


class RefusedRow(Struct, frozen=True, omit_defaults=True):
    """The answer to a refused row of an array."""

    faults: tuple[Fault, ...]
    more: int = 0


class Answers:
    """Answer the records of one request, one after the other.

    ``notes`` is the header of all of them; ``refused`` counts the rows that were refused.
    """

    def __init__(self, model: Scorer, exchange: Exchange, *, explain: bool) -> None:
        self.notes = NotesHeader()
        self.refused = 0
        self._model = model
        self._exchange = exchange
        self._explain = explain
        self._suggestions = Suggestions()  # one allowance for the whole request

    def answer_record(self, body: bytes, place: str = "") -> bytes:
        """Answer one record, which stands at the pointer ``place`` of the body.

        Raises:
            RecordError: the contract refuses it.
        """
        answer = None if self._explain else self._model.answer_fast(body)
        if answer is not None:
            return answer
        prediction = self._model.predict_json(body, explain=self._explain, suggestions=self._suggestions)
        count_codes(self._exchange.notes, prediction.notes)
        self.notes.add(prediction.notes, place)
        return self._model.write_answer(prediction)

    def answer_row(self, row: bytes, index: int) -> bytes:
        """Answer one row of an array, with its faults where it is refused."""
        try:
            return self.answer_record(row, find_pointer(str(index)))
        except RecordError as error:
            self.refused += 1
            count_codes(self._exchange.faults, error.faults)
            return msgspec.json.encode(RefusedRow(error.faults, error.more))


def count_codes(counts: dict[str, int], items: Iterable[Fault]) -> None:
    """Add the codes of faults or notes to an exchange's counts."""
    for code, count in Counter(item.code for item in items).items():
        counts[code] = counts.get(code, 0) + count
