import pytest

from augury.contract.fields import (
    BooleanField,
    Bounds,
    CategoryField,
    Contract,
    IdentifierField,
    IntegerField,
    NumberField,
)
from augury.contract.wire import RecordDoor, Row

CONTRACT = Contract(
    fields=(
        IdentifierField(name="customerid", spellings=("customerID",)),
        CategoryField(
            name="contract", spellings=("Contract",), levels=("one_year",), level_spellings={"One year": "one_year"}
        ),
        IntegerField(name="tenure", seen=Bounds(0, 72), accepted=Bounds(0, 144)),
        NumberField(name="charges", spellings=("Charges",)),
        BooleanField(name="paid", absent="optional"),
    )
)
DOOR = RecordDoor(CONTRACT)
MODEL = b'{"contract":"one_year","tenure":41.0,"charges":1}'
TABLE = b'{"customerID":"7","Contract":"One year","tenure":41,"Charges":1.0,"paid":true}'


@pytest.mark.parametrize("body", [MODEL, TABLE, MODEL.replace(b"one_year", b"One year")])
def test_the_spellings_of_model_and_table_are_fast(body: bytes) -> None:
    """A record in the model's spelling or in the table's is decoded without the slow path."""
    row = DOOR.decode_fast(body)
    assert row is not None
    assert (row.f1, row.f2) == (41.0, 1.0)  # type: ignore[attr-defined]
    assert DOOR.decode(body) == row


@pytest.mark.parametrize(
    "body",
    [
        MODEL.replace(b"tenure", b"Tenure"),
        MODEL.replace(b"one_year", b"ONE_YEAR"),
        MODEL.replace(b"41.0", b"100"),
        MODEL[:-1] + b',"extra":1}',
        MODEL[:-1] + b',"tenure":41}',
        MODEL[:-1] + b',"customerid":"a:b"}',
        MODEL[:-1] + b',"customerid":"a\\u0001"}',
        MODEL[:-1],
        b"",
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_the_fast_path_leaves_doubt_to_the_slow_one(body: bytes) -> None:
    """What has a fault or a note, or might have, the fast path does not take."""
    assert DOOR.decode_fast(body) is None


def test_a_slow_record_becomes_the_same_row() -> None:
    """A record in a spelling that is not listed becomes a row that holds what the listed one's holds."""
    answer = DOOR.decode(b'{"CONTRACT":"One-Year","TENURE":41,"CHARGES":1}')
    assert not isinstance(answer, Row)
    row, checked = answer
    listed = DOOR.decode_fast(MODEL)
    assert row is not None
    assert listed is not None
    assert [getattr(row, f"f{index}") for index in range(len(DOOR.contract.features))] == [
        getattr(listed, f"f{index}") for index in range(len(DOOR.contract.features))
    ]
    assert (checked.notes, checked.faults) == ((), ())


def test_python_records() -> None:
    """A dict of plain scalars is converted on the fast path, another mapping on the slow one."""
    record = {"contract": "one_year", "tenure": 41, "charges": 1.0}
    assert DOOR.convert_fast(record) == DOOR.decode_fast(MODEL)
    for doubtful in (
        {**record, "tenure": float("nan")},
        {**record, "charges": float("inf")},
        {**record, "customerid": "\ud800"},
    ):
        assert DOOR.convert_fast(doubtful) is None


def test_no_more_types_than_tables_need() -> None:
    """A field with many spellings does not make many types, and each spelling is understood."""
    spellings = tuple(f"x{index}" for index in range(20))
    door = RecordDoor(Contract(fields=(NumberField(name="x", spellings=spellings),)))
    assert len(door._types) == 4
    rows = [door.decode(b'{"%s":1}' % spelling.encode()) for spelling in spellings]
    assert all((row if isinstance(row, Row) else row[0]) is not None for row in rows)
