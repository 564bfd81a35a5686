"""What ``/invocations`` answers: ``{"predictions": […]}``, one for each record, or a problem for all of them.

Whoever calls this knows no answer but a prediction in its place, and joins the list to the rows that it sent. So where
one record is refused none is answered, and the problem names each fault where it stands in the body.
"""

from __future__ import annotations

import asyncio

import msgspec
from msgspec import Struct

from augury.contract.faults import MAX_LISTED, Fault
from augury.errors import RecordError
from augury.service.exchange import Exchange
from augury.service.invocations.body import read_invocation
from augury.service.invocations.records import Records
from augury.service.records.answers import Answers, Scored
from augury.service.reply import Reply
from augury.service.settings import Settings

# As for an array: a refused record takes up to a millisecond.
_RECORDS_A_TURN = 100


class _Outcome(Struct):
    """What came of the records so far; ``more`` counts faults beyond those that are listed."""

    scored: list[Scored]
    faults: list[Fault]
    more: int = 0


async def answer_invocation(exchange: Exchange, body: bytes, settings: Settings) -> Reply:
    """Answer the records of an invocation's body, and let other requests have their turns meanwhile.

    Raises:
        RecordError: the body cannot be read, or the contract refuses a record; the faults point into the body.
        Refusal: it holds more than an array may.
    """
    invocation = read_invocation(body, settings)
    records = invocation.records
    exchange.rows = len(records)
    answers = Answers(exchange, explain=invocation.explain)
    outcome = _Outcome([], [])
    for index in range(len(records)):
        _score(answers, records, index, outcome)
        if (index + 1) % _RECORDS_A_TURN == 0:
            await asyncio.sleep(0)
    if outcome.faults:
        raise RecordError(outcome.faults, more=outcome.more)
    for scored in outcome.scored:
        answers.count(scored)
    predictions = b",".join(scored.answer for scored in outcome.scored)
    return Reply(b'{"predictions":[' + predictions + b"]}", headers=answers.find_notes())


def _score(answers: Answers, records: Records, index: int, outcome: _Outcome) -> None:
    try:
        scored = answers.score(records.write(index))
    except RecordError as error:
        _add_faults(outcome, [_move(fault, records, index) for fault in error.faults], error.more)
        return
    if scored.notes:
        notes = tuple(_move(note, records, index) for note in scored.notes)
        scored = msgspec.structs.replace(scored, notes=notes)
    outcome.scored.append(scored)


def _add_faults(outcome: _Outcome, faults: list[Fault], more: int) -> None:
    # A column that is missing is missing in every record, and is told once.
    new = [fault for fault in faults if fault not in outcome.faults]
    room = MAX_LISTED - len(outcome.faults)
    outcome.faults += new[:room]
    outcome.more += len(new[room:]) + more


def _move(fault: Fault, records: Records, index: int) -> Fault:
    return msgspec.structs.replace(fault, pointer=records.find_place(index, fault.pointer))
