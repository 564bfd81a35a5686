"""A model beside what the file of cases asks of it: reasons that are no numbers, and many callers at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from augury.artifact.canonical import seal
from augury.artifact.document import FORMAT, NEEDS, Baseline, Document, Golden, ModelBody, Provenance, Target
from augury.contract.fields import Contract, NumberField
from augury.errors import RecordError
from augury.ir.nodes import Decide, Linear, Link, Number
from augury.model import Model


def _make_model(baseline: float) -> Model:
    body = ModelBody(
        name="m",
        target=Target("y", "y", 0, 1),
        contract=Contract(fields=(NumberField(name="x"), NumberField(name="z"))),
        predictor=Link((Linear((Number("x"), Number("z")), (1.0, 1.0), 0.0),)),
        decision=Decide(0.5),
        evaluation=None,
        baseline=Baseline("average", (baseline, -baseline)),
        profile=None,
        golden=(Golden({"x": 0.5, "z": 0.0}, 0.5),),
        provenance=Provenance("none", {}),
    )
    document, _ = seal(Document(FORMAT, NEEDS, "", body))
    return Model(document)


def test_reasons_that_are_no_numbers() -> None:
    """A record whose reasons are beyond a double is refused as an overflow where reasons are asked for, else scored."""
    model, record = _make_model(-1.7e308), {"x": 1.7e308, "z": -1.6e308}
    assert model.predict_one(record).probability == 1.0
    with pytest.raises(RecordError) as refused:
        model.explain(record)
    assert [fault.code for fault in refused.value.faults] == ["overflow"]


def test_many_callers_at_once() -> None:
    """A model keeps nothing of a record, so that threads which share it get the answers that they would get alone."""
    model = _make_model(0.25)
    records = [{"x": at / 7, "z": None if at % 3 == 0 else 1.0, "q": at} for at in range(300)]

    def ask(record: dict[str, float | None]) -> object:
        try:
            return model.explain(record)
        except RecordError as refused:
            return refused.faults

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, records)) == [ask(record) for record in records]
