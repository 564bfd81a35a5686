"""The whole file of cases through the client: what it writes, what the service answers, and what it reads of that."""

from __future__ import annotations

import pytest

from augury.client.question import write_record
from augury.client.reading import Answered, read_prediction
from augury.errors import RecordError
from tests.contract.cases import Case, Outcome, find_differences, read_cases
from tests.service.asking import ask
from tests.service.test_cases import APP

CASES = read_cases()

# Where JSON cannot say what Python can, the client is the stricter: the code with which it refuses.
STRICTER = {"identified/date": "type", "python/key that is a number": "unknown_key"}


def _ask(case: Case) -> Outcome:
    try:
        body = write_record(case.find_python())
        answer = ask(APP, "POST", f"/models/{case.contract.replace(' ', '-')}/predict", body)
        prediction = read_prediction(Answered(answer.status, dict(answer.headers), answer.body, "http://here"))
    except RecordError as error:
        return Outcome(faults=error.faults, more=error.more)
    return Outcome(None, prediction.probability, prediction.notes)


@pytest.mark.parametrize("case", CASES.cases, ids=lambda case: case.name)
def test_client_door(case: Case) -> None:
    """A record asked through the client is answered as the model answers it in Python, or refused by name."""
    expected = case.find_expectation("python")
    if expected is None:
        assert case.python.cannot
        return
    outcome = _ask(case)
    if case.name in STRICTER:
        assert not expected.faults
        assert [fault.code for fault in outcome.faults] == [STRICTER[case.name]]
    else:
        assert find_differences(expected, outcome) == []
