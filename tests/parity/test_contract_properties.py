from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from augury.contract.check import Checked, find_values
from augury.contract.faults import CODES, MAX_LISTED
from augury.contract.fields import CategoryField, Contract, check_contract
from augury.contract.values import UNSEEN, Value
from augury.contract.wire import RecordDoor, Row
from augury.ir.check import check_predictor
from augury.ir.lower import lower_predictor
from augury.ir.nodes import Link
from augury.ir.reference import Reference
from augury.targets.record import compile_record
from tests.parity.strategies import bodies, contracts, member_lists, models, python_records


def _canonical_values(door: RecordDoor, row: Row) -> tuple[Value, ...]:
    """What a row holds, every listed spelling of a level replaced by the level."""
    values: list[Value] = []
    for index, field in enumerate(door.contract.features):
        value = getattr(row, f"f{index}")
        is_level = isinstance(field, CategoryField) and isinstance(value, str | int)
        values.append(door.checker.find_level(field, value) if is_level else value)  # type: ignore[arg-type]
    return tuple(values)


def _hold(door: RecordDoor, row: Row | None, slow: tuple[Row | None, Checked]) -> None:
    """Hold what the fast path said against what the slow path says, and the slow path against its promises."""
    slow_row, checked = slow
    assert (slow_row is None) == bool(checked.faults)
    assert {finding.code for finding in (*checked.faults, *checked.notes)} <= set(CODES)
    assert len(checked.faults) <= MAX_LISTED
    if row is not None:
        assert (checked.faults, checked.notes) == ((), ())
        # Compared as text: -0.0 is not 0.0, 1 is not 1.0 and True is not 1.
        assert repr(_canonical_values(door, row)) == repr(checked.values)


@given(st.data(), contracts())
def test_json_paths_agree(data: st.DataObject, contract: Contract) -> None:
    """What the struct takes has no fault, no note and the same values on the slow path, which never raises."""
    check_contract(contract)
    door = RecordDoor(contract)
    body = data.draw(bodies(contract))
    row = door.decode_fast(body)
    slow = door.decode_slow(body)
    _hold(door, row, slow)
    answer = door.decode(body)
    assert answer == (slow if row is None else row)


@given(contracts(), st.binary(max_size=40))
def test_any_bytes(contract: Contract, body: bytes) -> None:
    """Any bytes at all are answered, and by both paths alike."""
    door = RecordDoor(contract)
    _hold(door, door.decode_fast(body), door.decode_slow(body))


@given(st.data(), contracts())
def test_python_paths_agree(data: st.DataObject, contract: Contract) -> None:
    """The same holds of Python records, whatever objects they hold."""
    door = RecordDoor(contract)
    record = data.draw(python_records(contract))
    _hold(door, door.convert_fast(record), door.convert_slow(record))


def _write_canonical(contract: Contract, values: tuple[Value, ...]) -> dict[str, Any]:
    """Write checked values as a record again; what is missing is null where that is accepted, else absent."""
    named = zip(contract.features, values, strict=True)
    return {field.name: value for field, value in named if value is not None or field.null == "impute"}


@given(st.data(), contracts())
def test_checking_twice_is_checking_once(data: st.DataObject, contract: Contract) -> None:
    """The canonical values of an accepted record are accepted again, as the very same values."""
    door = RecordDoor(contract)
    members = data.draw(member_lists(contract))
    checked = door.checker.check(members)
    if checked.faults or UNSEEN in checked.values:
        return
    again = door.checker.check(_write_canonical(contract, checked.values).items())
    assert again.faults == ()
    assert repr(again.values) == repr(checked.values)
    assert {note.code for note in again.notes} <= {"range", "imputed"}


def _score(reference: Reference, values: dict[str, Value]) -> str:
    try:
        return repr(reference.compute_margin(values))
    except OverflowError:
        return "overflow"


def _compute(compute_margin: Any, row: Row) -> str:
    try:
        margin = compute_margin(row)
    except (OverflowError, ValueError):
        return "overflow"
    return repr(margin) if margin - margin == 0.0 else "overflow"


@given(st.data(), models())
def test_every_bit_is_kept(data: st.DataObject, model: tuple[Contract, Link]) -> None:
    """The lowered model and the function generated from it score to the last bit as the law does."""
    contract, predictor = model
    check_predictor(contract, predictor)
    lowered = lower_predictor(contract, predictor)
    door = RecordDoor(contract)
    checked = door.checker.check(data.draw(member_lists(contract)))
    if checked.faults:
        return
    values = dict(find_values(contract, checked))
    expected = _score(Reference(contract, predictor), values)
    assert _score(Reference(contract, lowered), values) == expected
    assert _compute(compile_record(contract, lowered).compute_margin, door.make_row(checked.values)) == expected
