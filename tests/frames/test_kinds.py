"""The kinds of tables, and of their columns: the same kind comes out, row by row, whatever the columns are made of."""

import datetime as dt
import json
import uuid
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from msgspec.structs import replace

from augury.artifact.canonical import seal
from augury.contract.fields import IdentifierField
from augury.errors import ContractError, TableError, UsageError
from augury.model import Model
from tests.contract.models import make_model

CUSTOMER = {
    "customerID": "7590",
    "Contract": "One year",
    "SeniorCitizen": 1,
    "Paperless": True,
    "tenure": 12,
    "MonthlyCharges": 29.85,
}
MODEL = make_model("customer")
PROBABILITY = MODEL.predict_one(CUSTOMER).probability
OUTCOMES = ["churn_probability", "churn", "faults"]


def make_frame(**columns: Any) -> pd.DataFrame:
    """Make a frame of two customers in which these columns are otherwise."""
    return pd.DataFrame({key: [value, value] for key, value in CUSTOMER.items()} | columns)


def find_faults(column: str, cells: Any, model: Any = MODEL) -> list[str | None]:
    """Find the faults of each row, where one column has these cells."""
    answers = model.predict(make_frame(**{column: cells}))
    return [None if pd.isna(faults) else str(faults) for faults in answers["faults"]]


# --- what is no table


@pytest.mark.parametrize("table", [None, 1, {"tenure": 1}, b"rows", np.zeros((2, 2)), pd.Series([1]), object()])
def test_what_is_no_table_is_refused(table: Any) -> None:
    """What has no named columns is refused with what may be passed."""
    with pytest.raises(TableError, match="is not a table; pass a frame of pandas, Polars, Arrow"):
        MODEL.predict(table)


def test_an_unknown_word_for_refused_rows_is_refused() -> None:
    """The one option that is a word takes two."""
    with pytest.raises(UsageError, match="refused='ignore' is not known; give \"null\""):
        MODEL.predict([CUSTOMER], refused="ignore")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (pd.DataFrame([[1, 2]], columns=["tenure", "tenure"]), "column 'tenure' stands twice in the header"),
        (pd.DataFrame([[1, 2]], columns=["tenure", "Tenure"]), "columns 'tenure' and 'Tenure' differ in case only"),
        (pa.table([[1], [2]], names=["tenure", "tenure"]), "column 'tenure' stands twice in the header"),
        (pd.DataFrame([[1, 2]], columns=["tenure", 1]), "the name of column 2 is a number, not text"),
        (pl.LazyFrame({"tenure": [1], "TENURE": [1]}), "columns 'tenure' and 'TENURE' differ in case only"),
        (pd.DataFrame(index=[1, 2]), "the table has no columns"),
        ([{"tenure": 1}, 1], "row 2 is a number, not a dict"),
        ([{"tenure": 1, 2: 3}], "the name of column 2 is a number, not text"),
        ([{"tenure": 1}, {"Tenure": 1}], "columns 'tenure' and 'Tenure' differ in case only"),
        ([{}], "the table has no columns"),
        ("no-such-table.csv", "there is no such file"),
    ],
)
def test_columns_that_can_name_no_fields_are_refused(table: Any, sentence: str) -> None:
    """A table that cannot be read is refused with the reader's own sentence, whatever it is made of."""
    with pytest.raises(TableError, match=sentence):
        MODEL.predict(table)


def test_two_columns_that_spell_one_field_are_refused() -> None:
    """Nobody guesses which of two columns is meant."""
    table = pd.DataFrame([CUSTOMER | {"customer id": 1, "customer-id": 2}])
    with pytest.raises(ContractError, match="columns 'customer id' and 'customer-id' are spellings of 'customer_id'"):
        _rename_identifier("customer_id").predict(table)


def test_an_identifier_with_the_name_of_an_outcome_is_refused() -> None:
    """No two columns of the result have one name."""
    with pytest.raises(UsageError, match="two columns of the result would be called 'faults'; rename that column"):
        _rename_identifier("faults").predict(pd.DataFrame([CUSTOMER | {"faults": 1}]))
    with pytest.raises(UsageError, match="two columns of the result would be called 'faults'"):
        _rename_identifier("faults").predict(duckdb.sql("SELECT 1 AS faults, 2 AS tenure"))


def _rename_identifier(name: str) -> Model:
    """Make the model with an identifier of another name."""
    body = MODEL.document.model
    _, *features = body.contract.fields
    contract = replace(body.contract, fields=(IdentifierField(name=name), *features))
    document, _ = seal(replace(MODEL.document, model=replace(body, contract=contract)))
    return Model(document)


def test_the_extra_is_named_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the libraries one sentence says what installs them."""
    monkeypatch.setattr("augury.needs.find_spec", lambda name: None if name == "narwhals" else object())
    with pytest.raises(UsageError, match=r'narwhals cannot be found; .*pip install "augury\[batch\]"'):
        MODEL.predict([CUSTOMER])


def test_a_frame_of_spark_needs_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame of Spark is scored by Spark alone, and its rows are never collected into this process."""
    monkeypatch.setattr("augury.needs.find_spec", lambda name: None if name == "pyspark" else object())
    spark_frame = type("DataFrame", (), {"__module__": "pyspark.sql.classic.dataframe"})()
    with pytest.raises(UsageError, match=r'pyspark cannot be found; .*pip install "augury\[spark\]"'):
        MODEL.predict(spark_frame)


@pytest.mark.parametrize(
    "cells",
    [
        pd.Series(["One year", "\ud800"], dtype=object),
        pd.Series([1, "\ud800"], dtype=object),
        pd.Series(["One year", "\ud800"], dtype=pd.StringDtype("python")),
    ],
    ids=["texts", "mixed", "string"],
)
def test_a_text_that_is_half_a_character_is_refused(cells: pd.Series) -> None:
    """A text that no file can hold is named with its row, whatever the column is made of."""
    with pytest.raises(TableError, match="row 2 holds half of a surrogate pair under 'Contract'"):
        MODEL.predict(make_frame(Contract=cells))


# --- the kinds of columns

FIT = [
    pd.Series(["One year", "one-year"], dtype=object),
    pd.Series(["One year", "one_year"], dtype="string[python]"),
    pd.Series(["One year", "one_year"], dtype="str"),
    pd.Series(["One year", "one_year"], dtype="category"),
    pd.Series(["One year", "one_year"], dtype=pd.ArrowDtype(pa.string())),
    pd.Series(["One year", "one_year"], dtype=pd.ArrowDtype(pa.string_view())),
    pd.Series(["One year", "one_year"], dtype=pd.ArrowDtype(pa.dictionary(pa.int8(), pa.string()))),
    pd.Series([np.str_("One year"), "one_year"], dtype=object),
]
TWELVES = [
    np.array([12, 12], "int8"),
    np.array([12, 12], "uint64"),
    np.array([12, 12], "float16"),
    np.array([12, 12], "float32"),
    np.array([12, 12], "longdouble"),
    pd.array([12, 12], "Int64"),
    pd.array([12, 12], "Float32"),
    pd.array([12, 12], pd.ArrowDtype(pa.decimal128(4, 2))),
    pd.array([12, 12], pd.ArrowDtype(pa.decimal128(30, 20))),
    pd.array([12, 12], pd.ArrowDtype(pa.decimal256(60, 20))),
    pd.array([12, 12], pd.SparseDtype("int64")),
    pd.Series([12, 12], dtype="category"),
    pd.Series([Decimal(12), Decimal("12.0")], dtype=object),
    pd.Series([np.int32(12), np.float16(12)], dtype=object),
    pd.Series([12, np.array(12)], dtype=object),
    pd.Series(["12", " 12.0 "], dtype=object),
    pd.Series(["12", "1.2e1"], dtype="category"),
]


@pytest.mark.parametrize("cells", FIT, ids=lambda cells: str(cells.dtype))
def test_a_column_of_texts_is_read_whatever_it_is_made_of(cells: pd.Series) -> None:
    """A category is its texts, in every type that pandas has for them."""
    assert MODEL.predict(make_frame(Contract=cells))["churn_probability"].tolist() == [PROBABILITY] * 2


@pytest.mark.parametrize("cells", TWELVES, ids=lambda cells: f"{cells.dtype}-{type(cells[0]).__name__}")
def test_a_column_of_numbers_is_read_whatever_it_is_made_of(cells: Any) -> None:
    """A number is that number, in every type that pandas has for it, and in text."""
    assert MODEL.predict(make_frame(tenure=cells))["churn_probability"].tolist() == [PROBABILITY] * 2


YEAR = ["One year"]
ARROW = {
    "Contract": [
        pa.array(YEAR, pa.large_string()),
        pa.array(YEAR, pa.string_view()),
        pa.array(YEAR, pa.json_(pa.string())),
        pc.run_end_encode(pa.array(YEAR)),
        pa.chunked_array([pa.array(YEAR).dictionary_encode(), pa.array([], pa.string()).dictionary_encode()]),
    ],
    "Paperless": [pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1], pa.int8()))],
    "tenure": [
        pa.array([12], pa.decimal32(5, 1)),
        pa.array([12], pa.decimal64(15, 3)),
        pa.array([12], pa.uint8()).dictionary_encode(),
        pa.array([12], pa.float16()),
    ],
    "customerID": [pa.array([b"1" * 16], pa.uuid()), pa.array([b"7"]), pa.nulls(1), pa.array([1], pa.duration("s"))],
}


@pytest.mark.parametrize(
    ("column", "cells"),
    [(column, cells) for column, each in ARROW.items() for cells in each],
    ids=lambda each: each if isinstance(each, str) else str(each.type),
)
def test_a_column_of_arrow_is_read_whatever_its_type(column: str, cells: Any) -> None:
    """Arrow's many ways to hold a text, a number or a boolean are one, and an identifier may be anything."""
    table = pa.Table.from_pylist([CUSTOMER])
    table = table.set_column(table.column_names.index(column), column, cells)
    found = MODEL.predict(table)
    assert found["churn_probability"].to_pylist() == [PROBABILITY]
    assert found["customerID"].equals(table["customerID"])


@pytest.mark.parametrize(
    "changed",
    [
        pl.col("Contract").cast(pl.Categorical),
        pl.col("Contract").cast(pl.Enum(YEAR)),
        pl.col("tenure").cast(pl.UInt8),
        pl.col("tenure").cast(pl.Int128),
        pl.col("tenure").cast(pl.Decimal(38, 10)),
        pl.Series("tenure", [12], dtype=pl.Object),
        pl.Series("tenure", [" 12.0"]),
        pl.Series("customerID", [object()], dtype=pl.Object),
        pl.Series("customerID", [dt.date(2026, 1, 31)]),
    ],
    # A series shows its cells, and an object among them where it lies in memory.
    ids=lambda changed: f"{changed.name}-{changed.dtype}" if isinstance(changed, pl.Series) else str(changed),
)
def test_a_column_of_polars_is_read_whatever_its_type(changed: Any) -> None:
    """Polars' types are read as those of Arrow are, and objects as those of pandas."""
    found = MODEL.predict(pl.DataFrame([CUSTOMER]).with_columns(changed))
    assert found["churn_probability"].to_list() == [PROBABILITY]


def test_texts_that_are_no_text_are_told() -> None:
    """Bytes that call themselves texts are refused in one sentence."""
    buffers = [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")]
    table = pa.Table.from_pylist([CUSTOMER]).drop_columns("Contract")
    broken = table.append_column("Contract", pa.Array.from_buffers(pa.string(), 1, buffers))
    with pytest.raises(TableError, match=r"the Table passed: the columns cannot be read: .*UTF-?8"):
        MODEL.predict(broken)


def test_a_frame_of_another_library_gives_a_table_of_arrow() -> None:
    """Whatever hands out its columns by Arrow's protocol is a table."""

    class Stream:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return pa.Table.from_pylist([CUSTOMER]).__arrow_c_stream__(requested_schema)

    assert MODEL.predict(Stream())["churn_probability"].to_pylist() == [PROBABILITY]


@pytest.mark.parametrize(
    "changed",
    [
        "'One year'::ENUM('One year', 'x') AS Contract",
        "12::UHUGEINT AS tenure",
        "12::DECIMAL(38, 9) AS tenure",
        "' 12' AS tenure",
        "uuid() AS customerID",
        "'{}'::JSON AS customerID",
        "INTERVAL 1 DAY AS customerID",
    ],
)
def test_a_column_of_duckdb_is_read_whatever_its_type(changed: str) -> None:
    """An enumeration is its texts, and numbers of any size and identifiers of any type are what they are."""
    table = duckdb.from_arrow(pa.Table.from_pylist([CUSTOMER]))
    changed_table = table.project(f"* REPLACE ({changed})")
    found = MODEL.predict(changed_table)
    assert found.project("churn_probability").fetchall() == [(PROBABILITY,)]
    assert found.types[0] == changed_table.types[0]


@pytest.mark.parametrize(
    "cells",
    [
        pd.array([True, True], "boolean"),
        pd.Series([True, np.True_], dtype=object),
        pd.Series(["true", " TRUE "], dtype=object),
        pd.array([True, True], pd.ArrowDtype(pa.bool_())),
    ],
    ids=lambda cells: str(cells.dtype),
)
def test_a_column_of_booleans_is_read_whatever_it_is_made_of(cells: Any) -> None:
    """A boolean is that boolean, in every type that pandas has for it, and in text."""
    assert MODEL.predict(make_frame(Paperless=cells))["churn_probability"].tolist() == [PROBABILITY] * 2


@pytest.mark.parametrize(
    "cells",
    [
        pd.to_datetime(["2026-01-31", "2026-02-28"]),
        pd.to_timedelta([1, 2], "days"),
        pd.period_range("2026-01", periods=2, freq="M"),
        pd.interval_range(0, 2),
        np.array([1j, 2j]),
        pd.Series([dt.date(2026, 1, 31), dt.date(2026, 2, 28)], dtype=object),
        pd.Series([dt.time(12), dt.time(13)], dtype=object),
        pd.Series([b"12", b"13"], dtype=object),
        pd.Series([uuid.UUID(int=1), uuid.UUID(int=2)], dtype=object),
        pd.Series([[12], [13]], dtype=object),
        pd.Series([{"a": 1}, {"b": 2}], dtype=object),
        pd.Series([dt.date(2026, 1, 31), [1]], dtype=object),
        pd.array([b"1", b"2"], pd.ArrowDtype(pa.binary())),
        pd.array([[1], [2]], pd.ArrowDtype(pa.list_(pa.int64()))),
        pd.array([{"a": 1}, {"a": 2}], pd.ArrowDtype(pa.struct({"a": pa.int64()}))),
    ],
    ids=lambda cells: f"{cells.dtype}-{type(cells[0]).__name__}",
)
@pytest.mark.parametrize("column", ["Contract", "SeniorCitizen", "Paperless", "tenure", "MonthlyCharges"])
def test_what_no_field_takes_is_refused_row_by_row(column: str, cells: Any) -> None:
    """Dates, bytes, lists and the like are faults of their rows, and the other columns are still read."""
    field = column.lower()
    assert find_faults(column, cells) == [f'[{{"code":"type","field":"{field}"}}]'] * 2


@pytest.mark.parametrize(
    "cells",
    [
        pd.to_datetime(["2026-01-31", None]),
        pd.Series([dt.date(2026, 1, 31), dt.datetime(2026, 2, 28, tzinfo=dt.UTC)], dtype=object),
        pd.Series([uuid.UUID(int=1), "x"], dtype=object),
        pd.Series([1, "x"], dtype=object),
        pd.Series([np.nan, 2.5]),
        pd.Series([None, None], dtype=object),
        pd.Series([True, 2**64], dtype=object),
    ],
    ids=lambda cells: f"{cells.dtype}-{type(cells[0]).__name__}",
)
def test_an_identifier_is_any_scalar_and_comes_back_as_it_was(cells: Any) -> None:
    """Whatever identifies a customer is not looked into, but that it is one scalar."""
    table = make_frame(customerID=cells)
    answers = MODEL.predict(table)
    assert answers["faults"].isna().all()
    pd.testing.assert_series_equal(answers["customerID"], table["customerID"])


@pytest.mark.parametrize(
    ("cells", "code"), [(["a\nb", 1], "control_character"), ([np.inf, "x"], "not_finite"), ([[1], "x"], "type")]
)
def test_an_identifier_that_is_none_is_refused(cells: list[object], code: str) -> None:
    """What would break a log or a file is no identifier."""
    faults = find_faults("customerID", pd.Series(cells, dtype=object))
    assert faults == [f'[{{"code":"{code}","field":"customerid"}}]', None]


def test_a_column_of_objects_is_read_to_its_end() -> None:
    """Bytes below a thousand texts are a fault of their row, and take nothing from the texts above them."""
    table = make_frame().iloc[:1].loc[lambda frame: frame.index.repeat(1000)]
    table["Contract"] = pd.Series(["One year"] * 999 + [b"One year"], dtype=object, index=table.index)
    faults = MODEL.predict(table)["faults"]
    assert faults.isna().tolist() == [True] * 999 + [False]
    assert faults.iloc[-1] == '[{"code":"type","field":"contract"}]'


@pytest.mark.parametrize("null", [None, np.nan, pd.NA, pd.NaT, Decimal("nan"), np.datetime64("NaT")], ids=repr)
@pytest.mark.parametrize("other", [12, "12", 12.0], ids=repr)
def test_every_null_of_every_library_is_null(null: Any, other: Any) -> None:
    """None, NaN, NA and NaT among objects are null, and the column is what its other cells are."""
    cells = pd.Series([null, other], dtype=object)
    assert find_faults("tenure", cells) == ['[{"code":"null","field":"tenure"}]', None]


def test_numbers_are_read_to_the_last_bit() -> None:
    """Neither a decimal nor an integer is rounded twice on its way to a 64-bit float."""
    model = make_model("bare")
    texts = ["0.1", "29.85", "123456789012345678.9", "9007199254740993", "0.3000000000000000166"]
    expected = [model.predict_one({"x": float(text)}).probability for text in texts]
    columns = {
        "text": pd.Series(texts),
        "decimal": pd.array(list(map(Decimal, texts)), pd.ArrowDtype(pa.decimal128(38, 19))),
        "wide": pd.array(list(map(Decimal, texts)), pd.ArrowDtype(pa.decimal256(60, 30))),
        "objects": pd.Series(list(map(Decimal, texts)), dtype=object),
        "floats": pd.Series(list(map(float, texts))),
    }
    for name, cells in columns.items():
        assert model.predict(pd.DataFrame({"x": cells}))["churn_probability"].tolist() == expected, name


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ([2**53, 2**53 + 1], [None, "not_integer"]),
        ([2**63, -(2**64) + 1], ["not_integer", "not_integer"]),
        ([2**53 + 1, 1.5], ["not_integer", "not_integer"]),
        ([2**80, 3.0], ["not_integer", None]),
        ([10**400, 3], ["not_finite", None]),
        ([2**53 + 1, "3"], ["not_integer", "type"]),
        (np.array([2**64 - 1, 3], "uint64"), ["not_integer", None]),
        (pl.Series([2**100, 3], dtype=pl.Int128), ["not_integer", None]),
        (pl.Series([Decimal(9007199254740993), Decimal("3.5")]), ["not_integer", "not_integer"]),
    ],
    ids=str,
)
def test_integers_are_compared_as_they_came(cells: Any, codes: list[str | None]) -> None:
    """An integer beyond 2**53 is told from the double that it would become."""
    table = {"x": pd.Series(cells, dtype=object) if isinstance(cells, list) else cells}
    frame = pl.DataFrame(table) if isinstance(cells, pl.Series) else pd.DataFrame(table)
    faults = list(make_model("integer").predict(frame)["faults"])
    told = [None if pd.isna(each) else json.loads(each)[0]["code"] for each in faults]
    assert told == codes
