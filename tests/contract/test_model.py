from collections.abc import Callable

import pytest

from augury.contract.wire import Row
from augury.errors import RecordError
from augury.prediction import Prediction
from tests.contract.cases import Case, Outcome, find_differences, read_cases
from tests.contract.models import make_model

each_case = pytest.mark.parametrize("case", read_cases().cases, ids=lambda case: case.name)


def _ask(predict: Callable[[], Prediction]) -> Outcome:
    try:
        prediction = predict()
    except RecordError as refusal:
        return Outcome(faults=refusal.faults, more=refusal.more)
    return Outcome(probability=prediction.probability, notes=prediction.notes)


@each_case
def test_predict_json(case: Case) -> None:
    """A model answers a JSON record as the case says; what it answers at once is what it answers at length."""
    expected = case.find_expectation("json")
    if expected is None:
        assert case.json.cannot
        return
    model, body = make_model(case.contract), case.find_body()
    assert find_differences(expected, _ask(lambda: model.predict_json(body))) == []
    at_once = model.answer_fast(body)
    if at_once is not None:
        prediction = model.predict_json(body)
        assert at_once == (model.write_answer(prediction), prediction.probability)


@each_case
def test_predict_one(case: Case) -> None:
    """A model answers a Python record as the case says."""
    expected = case.find_expectation("python")
    if expected is None:
        assert case.python.cannot
        return
    model, record = make_model(case.contract), case.find_python()
    assert find_differences(expected, _ask(lambda: model.predict_one(record))) == []


@each_case
def test_margin(case: Case) -> None:
    """The generated function computes the margin of the case, to the last bit."""
    expected = case.find_expectation("json")
    if expected is None or expected.margin is None:
        return
    model = make_model(case.contract)
    answer = model.door.decode(case.find_body())
    row = answer if isinstance(answer, Row) else answer[0]
    assert row is not None
    assert repr(model.function.compute_margin(row)) == repr(expected.margin)
