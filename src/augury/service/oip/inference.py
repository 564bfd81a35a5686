"""The rows of a request, scored one after the other by the record door; one refused row refuses the request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct

from augury.contract.check import Suggestions
from augury.contract.faults import MAX_LISTED, Fault, Note, find_pointer
from augury.errors import RecordError
from augury.service.exchange import Exchange, count_faults, count_notes
from augury.service.oip.columns import Column
from augury.service.oip.refusing import refuse_faults


class Answer(Struct, frozen=True):
    """The answer to one row: the probability, the decision, and the notes under which they may be doubtful."""

    probability: float
    label: bool
    notes: tuple[Note, ...] = ()


class Inference:
    """Score the rows of one request of the exchange's model.

    Nothing is counted as answered before all rows are, for a refused one takes the others' answers with it.
    """

    def __init__(self, exchange: Exchange, columns: Sequence[Column]) -> None:
        self._exchange = exchange
        self._model = exchange.model
        self._threshold = exchange.model.threshold
        self._columns: Mapping[str, Column] = {find_pointer(column.key): column for column in columns}
        self._suggestions = Suggestions()  # one allowance for the whole request
        self._answers: list[Answer] = []
        self._faults: list[Fault] = []
        self._more = 0

    def make_records(self) -> Iterator[bytes]:
        """Make each row the record that any other door takes."""
        keys = [column.key for column in self._columns.values()]
        cells = [column.cells for column in self._columns.values()]
        encode = msgspec.json.Encoder().encode
        return (encode(dict(zip(keys, row, strict=True))) for row in zip(*cells, strict=True))

    def score(self, record: bytes, row: int) -> None:
        """Score one row, or keep its faults."""
        fast = self._model.answer_fast(record)
        if fast is not None:
            probability = fast[1]
            self._answers.append(Answer(probability, probability >= self._threshold))
            return
        try:
            prediction = self._model.predict_json(record, suggestions=self._suggestions)
        except RecordError as error:
            self._keep(error, row)
            return
        notes = tuple(self._place(note, row) for note in prediction.notes)
        self._answers.append(Answer(prediction.probability, prediction.label, notes))

    def finish(self) -> Sequence[Answer]:
        """Finish with the answers to all rows, in order.

        Raises:
            RecordError: a row is refused; with the faults of every row.
        """
        refuse_faults(self._faults, self._more)
        for answer in self._answers:
            self._exchange.meter.count_score(self._model, answer.probability)
            count_notes(self._exchange, answer.notes)
        return self._answers

    def _keep(self, error: RecordError, row: int) -> None:
        """Keep the faults of a row that fit into one answer; the others are counted here, for nobody else sees them."""
        placed = [self._place(fault, row) for fault in error.faults]
        room = MAX_LISTED - len(self._faults)
        self._faults += placed[:room]
        self._more += len(placed[room:]) + error.more
        count_faults(self._exchange, placed[room:])

    def _place(self, fault: Fault, row: int) -> Fault:
        """Say where in the request something stands that was found in a record."""
        column = self._columns.get(fault.pointer)
        if column is None:
            return msgspec.structs.replace(fault, pointer="/inputs", detail=f"row {row}: {fault.detail}")
        return msgspec.structs.replace(fault, pointer=column.find_pointer(row))
