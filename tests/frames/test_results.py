"""The results: of the table's own kind, with its rows in their order, whatever is refused among them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from augury.errors import ContractError, ParityError, RecordError, TableError
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
OUTCOMES = ["churn_probability", "churn", "faults"]
COLUMNS = ["customerID", *OUTCOMES]
NO_LEVEL = '[{"code":"level","field":"contract"}]'


def make_rows(count: int) -> list[dict[str, Any]]:
    """Make customers, of whom every third is refused."""
    contracts = ("One year", "two_year", "never")
    return [
        CUSTOMER | {"customerID": f"c{row}", "tenure": row % 70, "Contract": contracts[row % 3]} for row in range(count)
    ]


ROWS = make_rows(7)


def answer_alone(record: dict[str, Any], model: Any = MODEL) -> tuple[float | None, bool | None]:
    """Answer a record alone."""
    try:
        prediction = model.predict_one(record)
    except RecordError:
        return None, None
    return prediction.probability, prediction.label


EXPECTED = [(row["customerID"], *answer_alone(row), NO_LEVEL if row["Contract"] == "never" else None) for row in ROWS]

LIST: dict[str, tuple[Callable[[list[dict[str, Any]]], Any], type, Callable[[Any], list[dict[str, Any]]]]] = {
    "pandas": (
        pd.DataFrame,
        pd.DataFrame,
        lambda found: found.astype(object).where(found.notna(), None).to_dict("records"),
    ),
    "polars": (pl.DataFrame, pl.DataFrame, lambda found: found.to_dicts()),
    "lazy": (pl.LazyFrame, pl.LazyFrame, lambda found: found.collect().to_dicts()),
    "arrow": (pa.Table.from_pylist, pa.Table, lambda found: found.to_pylist()),
    "batch": (pa.RecordBatch.from_pylist, pa.RecordBatch, lambda found: found.to_pylist()),
    "reader": (
        lambda rows: pa.Table.from_pylist(rows).to_reader(2),
        pa.RecordBatchReader,
        lambda found: found.read_all().to_pylist(),
    ),
    "duckdb": (
        lambda rows: duckdb.from_arrow(pa.Table.from_pylist(rows)),
        duckdb.DuckDBPyRelation,
        lambda found: found.to_arrow_table().to_pylist(),
    ),
    "dicts": (lambda rows: rows, list, lambda found: found),
    "tuple of dicts": (tuple, list, lambda found: found),
}

each_kind = pytest.mark.parametrize("kind", LIST)


@each_kind
def test_the_same_kind_comes_out_row_by_row(kind: str) -> None:
    """Each kind of table is answered by the same kind, its rows in their order, refused ones without an answer."""
    make, expected_type, list_rows = LIST[kind]
    found = MODEL.predict(make(ROWS))
    assert isinstance(found, expected_type)
    rows = list_rows(found)
    assert [list(row) for row in rows] == [COLUMNS] * len(ROWS)
    assert [tuple(row.values()) for row in rows] == EXPECTED


@each_kind
def test_refused_rows_are_an_exception_where_that_is_asked(kind: str) -> None:
    """The first three refused rows are told with their faults by the record checker, and the rest is counted."""
    make = LIST[kind][0]
    with pytest.raises(ContractError) as caught:
        MODEL.predict(make(make_rows(14)), refused="raise")
    sentence = str(caught.value)
    assert "4 of 14 rows are refused: row 3: 'never' is not a level of contract" in sentence
    assert "row 9: " in sentence
    assert "row 12" not in sentence
    assert "; and 1 more rows; mend them, or leave them out" in sentence


@each_kind
def test_nothing_is_raised_where_no_row_is_refused(kind: str) -> None:
    """Where every row has its answer, both ways of asking give it."""
    make, _, list_rows = LIST[kind]
    rows = [row for row in ROWS if row["Contract"] != "never"]
    assert list_rows(MODEL.predict(make(rows), refused="raise")) == list_rows(MODEL.predict(make(rows)))


def test_a_path_gives_an_arrow_table(tmp_path: Path) -> None:
    """A file is read as training reads it: text by text from CSV, with its own types from Parquet and JSON."""
    table = pa.Table.from_pylist(ROWS)
    pd.DataFrame(ROWS).to_csv(tmp_path / "rows.csv", index=False)
    pq.write_table(table, tmp_path / "rows.parquet")
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    for name in ("rows.csv", "rows.parquet", "rows.jsonl"):
        for path in (tmp_path / name, str(tmp_path / name)):
            found = MODEL.predict(path)
            assert isinstance(found, pa.Table)
            assert [tuple(row.values()) for row in found.to_pylist()] == EXPECTED


def test_a_blank_cell_of_a_file_is_null(tmp_path: Path) -> None:
    """A file of texts is read by the rule for files, and so is the sentence about a refused row."""
    (tmp_path / "rows.csv").write_text("Contract,SeniorCitizen,Paperless,tenure,MonthlyCharges\n ,1,true,12,1e400\n")
    found = MODEL.predict(tmp_path / "rows.csv")
    assert json.loads(found["faults"][0].as_py()) == [
        {"code": "null", "field": "contract"},
        {"code": "not_finite", "field": "monthlycharges"},
    ]
    with pytest.raises(ContractError, match=r"row 1: contract is null, .* monthlycharges is not a finite number"):
        MODEL.predict(tmp_path / "rows.csv", refused="raise")


INDICES = [
    pd.Index([5, 5, 5, 1, 1, 0, 9]),
    pd.Index(list("gfedcba"), name="letter"),
    pd.MultiIndex.from_product([["x"], range(7)], names=["first", None]),
    pd.date_range("2026-01-31", periods=7, freq="MS", name="month"),
    pd.RangeIndex(7, 0, -1),
]


@pytest.mark.parametrize("index", INDICES, ids=lambda index: type(index).__name__)
def test_the_index_of_pandas_is_kept(index: pd.Index) -> None:
    """An index stays what it was, duplicates, levels and names included, with identifiers beside it or without."""
    table = pd.DataFrame(ROWS).set_axis(index)
    for frame in (table, table.drop(columns="customerID"), table.assign(faults=1)):
        found = MODEL.predict(frame)
        pd.testing.assert_index_equal(found.index, index, exact=True)
        assert found["faults"].isna().tolist() == [row[3] is None for row in EXPECTED]
        assert list(found) == [name for name in COLUMNS if name in OUTCOMES or name in frame]


def test_pandas_gets_columns_that_may_be_null() -> None:
    """A probability is a 64-bit float, a decision a boolean that may be null, and both are so without a refused row."""
    for rows in (ROWS, ROWS[:2], ROWS[2:3], ROWS[:0]):
        found = MODEL.predict(pd.DataFrame(rows, columns=list(CUSTOMER)))
        assert found["churn_probability"].dtype == np.float64
        assert found["churn"].dtype == "boolean"
        assert len(found) == len(rows)


@pytest.mark.parametrize("kind", ["pandas", "polars", "lazy", "arrow", "reader", "duckdb"])
def test_a_table_without_rows_has_answers_without_rows(kind: str) -> None:
    """Of no rows none is refused, and the columns are those of any other table."""
    _, expected_type, list_rows = LIST[kind]
    empty = pa.Table.from_pylist(ROWS).slice(0, 0)
    frames = {"pandas": empty.to_pandas(), "polars": pl.from_arrow(empty), "lazy": pl.from_arrow(empty).lazy()}
    others = {"arrow": empty, "reader": empty.to_reader(), "duckdb": duckdb.from_arrow(empty)}
    found = MODEL.predict((frames | others)[kind], refused="raise")
    assert isinstance(found, expected_type)
    assert list_rows(found) == []


def test_empty_answers_have_the_types_of_others() -> None:
    """A schema does not depend on how many rows there are."""
    table = pa.Table.from_pylist(ROWS)
    assert MODEL.predict(table.slice(0, 0)).schema == MODEL.predict(table).schema
    assert MODEL.predict(pa.RecordBatch.from_pylist([], table.schema)).schema == MODEL.predict(table).schema
    frame = pl.from_arrow(table)
    assert MODEL.predict(frame.clear()).schema == MODEL.predict(frame).schema


def test_no_records_have_no_answers() -> None:
    """An empty list has an empty list of answers."""
    assert MODEL.predict([]) == []
    assert MODEL.predict((), refused="raise") == []


def test_answers_are_where_their_rows_are() -> None:
    """In a table of many chunks, which several threads read, every answer stands beside its own identifier."""
    chunk = pa.Table.from_pylist(make_rows(70 * 3))
    table = pa.concat_tables([chunk] * 2000)
    found = MODEL.predict(table)
    expected = MODEL.predict(chunk)
    assert found.num_rows == 420_000
    assert found.combine_chunks().equals(pa.concat_tables([expected] * 2000).combine_chunks())


def test_a_column_that_is_no_field_is_not_looked_at() -> None:
    """What a table holds beside the fields costs nothing, not even a complaint."""
    unreadable = pd.DataFrame(ROWS).assign(other=pd.Series(["\ud800"] * 7, dtype=object))
    assert MODEL.predict(unreadable).equals(MODEL.predict(pd.DataFrame(ROWS)))
    with pytest.raises(TableError, match="half of a surrogate pair"):
        MODEL.predict(unreadable.rename(columns={"Contract": "unused", "other": "Contract"}))


def test_a_lazy_frame_is_collected_for_its_fields_alone() -> None:
    """What would be computed for a column that is no field is not computed."""
    asked: list[str] = []

    def note(cells: pl.Series) -> pl.Series:
        # With cells of its own Polars asks only what type comes out.
        if len(cells) == len(ROWS):
            asked.append(cells.name)
        return cells

    computed = [pl.col("tenure").map_batches(note), pl.col("MonthlyCharges").alias("other").map_batches(note)]
    found = MODEL.predict(pl.LazyFrame(ROWS).with_columns(computed)).collect()
    assert found["faults"].to_list() == [row[3] for row in EXPECTED]
    assert asked == ["tenure"]


def test_a_table_of_no_fields_is_refused_row_by_row() -> None:
    """A field that is missing is a fault of every row, as it is of a record."""
    found = MODEL.predict(pl.DataFrame({"other": [1, 2]}))
    assert found.columns == OUTCOMES
    first = json.loads(found["faults"][0])
    assert found["faults"].n_unique() == 1
    assert [fault["code"] for fault in first] == ["absent"] * 5
    with pytest.raises(ContractError, match=r"2 of 2 rows are refused: row 1: contract is missing; send it, .*2 more"):
        MODEL.predict(pl.DataFrame({"other": [1, 2]}), refused="raise")


def test_a_key_that_a_record_lacks_is_no_null() -> None:
    """A list of dicts is its records: one that lacks a key is answered as one that does, whatever others have."""
    model = make_model("optional")
    whole = {"n": 1.0, "i": 2, "b": True, "c": "yes", "k": 1}
    records = [whole, {}, {"n": None}, *({key: value} for key, value in whole.items()), dict(list(whole.items())[:3])]
    found = model.predict(records * 3)
    assert [answer_alone(record, model) for record in records * 3] == [
        (answer["churn_probability"], answer["churn"]) for answer in found
    ]


def test_an_identifier_that_a_record_lacks_is_none() -> None:
    """An identifier need not be there; where it is, it is the object that was passed."""
    nameless = {key: value for key, value in CUSTOMER.items() if key != "customerID"}
    records = [CUSTOMER, CUSTOMER | {"customerID": 12}, nameless]
    found = MODEL.predict(records)
    assert [answer["customerID"] for answer in found] == ["7590", 12, None]
    assert [answer["churn_probability"] for answer in found] == [answer_alone(CUSTOMER)[0]] * 3


def test_notes_are_told_where_that_is_asked() -> None:
    """What was accepted and is worth knowing stands in a column of its own, null where there is nothing."""
    rows = [CUSTOMER, CUSTOMER | {"tenure": 100}, CUSTOMER | {"tenure": 100, "Contract": "never"}]
    found = MODEL.predict(pd.DataFrame(rows), notes=True)
    assert list(found) == [*COLUMNS, "notes"]
    assert found["notes"].fillna("").tolist() == ["", '[{"code":"range","field":"tenure"}]', ""]


def test_reasons_are_told_where_that_is_asked() -> None:
    """What each field adds to the margin is that of the record alone, within rounding, and null for a refused row."""
    found = MODEL.predict(pl.DataFrame(ROWS), explain=True).to_dicts()
    for row, answer in zip(ROWS, found, strict=True):
        reasons = {key.removesuffix("_reason"): value for key, value in answer.items() if key.endswith("_reason")}
        assert list(reasons) == [field.name for field in MODEL.contract.features]
        if answer["churn"] is None:
            assert set(reasons.values()) == {None}
            continue
        contributions = MODEL.explain(row).contributions
        assert contributions is not None
        assert reasons == pytest.approx({each.field: each.value for each in contributions}, rel=1e-12)


def test_a_margin_beyond_a_double_is_a_fault() -> None:
    """A row whose numbers are too large has the code of that, and the sentence of it where rows raise."""
    model = make_model("steep")
    big = {"x": 10, "y": 0}
    assert model.predict([big])[0]["faults"] == '[{"code":"overflow","field":""}]'
    with pytest.raises(ContractError, match="row 1: the numbers are so large that the margin is not finite"):
        model.predict([big], refused="raise")


def test_sql_and_record_checker_must_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that SQL refuses and the contract accepts is an error of ours, and is never passed over."""
    accepted = [row for row in ROWS if row["Contract"] != "never"]
    monkeypatch.setattr(
        "augury.frames.predict.find_answers",
        lambda _statements, _question: pa.table(
            {name: [NO_LEVEL if name == "faults" else None] * len(accepted) for name in OUTCOMES}
        ),
    )
    with pytest.raises(ParityError, match="row 1 was refused in SQL, and the contract accepts it; please report"):
        MODEL.predict(accepted, refused="raise")
