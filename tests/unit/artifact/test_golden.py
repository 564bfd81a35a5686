import math
from collections.abc import Callable

import pytest
from msgspec import structs

from augury.artifact.canonical import seal
from augury.artifact.document import Document, Golden
from augury.artifact.golden import Record, check_golden, draw_golden
from augury.artifact.read import parse_artifact
from augury.contract.check import RecordChecker, find_values
from augury.contract.fields import BooleanField, Contract, NumberField
from augury.errors import ArtifactError, RecordError
from augury.ir.reference import Reference
from tests.unit.artifact.documents import make_document

MODEL = make_document().model
CHECKER = RecordChecker(MODEL.contract)
REFERENCE = Reference(MODEL.contract, MODEL.predictor)


def _compute(record: Record) -> float:
    return REFERENCE.compute_margin(find_values(MODEL.contract, CHECKER.check(record.items())))


def _never(_record: Record) -> bool:
    return False


def _draw(
    seed: int = 1, *, profiled: bool = True, is_training_row: Callable[[Record], bool] = _never
) -> tuple[Golden, ...]:
    return draw_golden(MODEL.contract, MODEL.profile if profiled else None, seed, _compute, is_training_row)


def _with_golden(golden: tuple[Golden, ...]) -> Document:
    document = make_document()
    return structs.replace(document, model=structs.replace(document.model, golden=golden))


@pytest.mark.parametrize("profiled", [True, False])
def test_golden_rows_satisfy_the_contract(*, profiled: bool) -> None:
    """Sixteen to twenty-four different rows are drawn, none with a fault or a note, and the artifact is accepted."""
    rows = _draw(profiled=profiled)
    assert 16 <= len(rows) <= 24
    assert len({tuple(row.record.items()) for row in rows}) == len(rows)
    for row in rows:
        checked = CHECKER.check(row.record.items())
        assert (checked.faults, checked.notes) == ((), ())
        assert row.margin == _compute(row.record)
    assert parse_artifact(seal(_with_golden(rows))[1], "here").model.golden == rows


def test_the_seed_decides() -> None:
    """The same seed draws the same rows, another seed others."""
    assert _draw(1) == _draw(1) != _draw(2)


def test_golden_rows_reach_the_ends_and_the_levels() -> None:
    """Among the rows are both ends of every range, every level, and a record without its optional fields."""
    rows = [row.record for row in _draw()]
    for field in MODEL.contract.features:
        values = {record.get(field.name) for record in rows}
        if isinstance(field, BooleanField):
            assert values >= {True, False}
        elif isinstance(field, NumberField):
            assert field.seen is not None
            assert {field.seen.low, field.seen.high} <= values
        elif hasattr(field, "levels"):
            assert set(field.levels) <= values
    assert any("paperlessbilling" not in record for record in rows)


def test_a_training_row_is_drawn_again() -> None:
    """A row that equals one of the training table is left out, and another is drawn in its place."""
    known = [row.record for row in _draw()]
    rows = _draw(is_training_row=lambda record: record in known[:5])
    assert len(rows) == len(known)
    assert not [row for row in rows if row.record in known[:5]]


def test_a_contract_of_which_all_was_seen_has_golden_rows_too() -> None:
    """Where every possible record stands in the training table, one of them tells of nobody and is used."""
    contract = Contract(fields=(BooleanField(name="a"), BooleanField(name="b")))
    rows = draw_golden(contract, None, 1, lambda record: float(bool(record["a"])), lambda _record: True)
    assert sorted((row.record["a"], row.record["b"]) for row in rows) == [
        (False, False),
        (False, True),
        (True, False),
        (True, True),
    ]  # type: ignore[type-var]


def test_records_without_a_margin_are_passed_over() -> None:
    """A record whose margin overflows is no golden row; when all do, that is said."""
    contract = Contract(fields=(NumberField(name="a"),))

    def overflow(record: Record) -> float:
        if record["a"] != 0.5:
            raise OverflowError
        return 1.0

    assert draw_golden(contract, None, 1, overflow, _never) == (Golden({"a": 0.5}, 1.0),)

    def overflow_always(_record: Record) -> float:
        raise OverflowError

    with pytest.raises(ArtifactError, match="no golden row can be drawn"):
        draw_golden(contract, None, 1, overflow_always, _never)


def test_golden_rows_agree_with_the_scorer_that_made_them() -> None:
    """Checking passes when every bit of every margin comes out."""
    check_golden(_with_golden(_draw()), _compute)


@pytest.mark.parametrize("change", [lambda margin: math.nextafter(margin, math.inf), lambda _margin: math.nan])
def test_one_wrong_bit_is_refused(change: Callable[[float], float]) -> None:
    """A margin that differs in its last bit, or is no number, is refused with the row's number."""
    rows = _draw()

    def compute(record: Record) -> float:
        return change(_compute(record)) if record == rows[2].record else _compute(record)

    with pytest.raises(ArtifactError, match="golden row 3 of churn: the scorer computes the margin"):
        check_golden(_with_golden(rows), compute)


def test_the_sign_of_zero_counts() -> None:
    """A margin of -0.0 is not one of 0.0."""
    document = _with_golden((Golden(MODEL.golden[0].record, 0.0),))
    check_golden(document, lambda _record: 0.0)
    with pytest.raises(ArtifactError, match="golden row 1"):
        check_golden(document, lambda _record: -0.0)


@pytest.mark.parametrize("error", [OverflowError("too large"), RecordError(()), ValueError("no rule")])
def test_a_row_that_cannot_be_scored_is_refused(error: Exception) -> None:
    """A scorer that refuses a golden row refuses the artifact."""

    def compute(_record: Record) -> float:
        raise error

    with pytest.raises(ArtifactError, match="golden row 1 of churn: the row cannot be scored"):
        check_golden(_with_golden(_draw()), compute)
