"""The real table in every kind: each row is decided as its record is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from augury.api import load_bundled
from augury.ir.link import sigmoid
from tests.doors import Answer, hold_door
from tests.sql.telco_tables import find_law

MODEL = load_bundled()

KINDS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda table: table,
    "pandas of objects": lambda table: table.astype(object),
    "pandas of categories": lambda table: table.astype(dict.fromkeys(table.columns[1:], "category")),
    "pandas of Arrow": lambda table: table.convert_dtypes(dtype_backend="pyarrow"),
    "polars": pl.from_pandas,
    "lazy": lambda table: pl.from_pandas(table).lazy(),
    "arrow": pa.Table.from_pandas,
    "duckdb": lambda table: duckdb.from_arrow(pa.Table.from_pandas(table)),
    "dicts": lambda table: table.to_dict("records"),
}

# The door of a kind that is not called as it begins.
DOORS = {"lazy": "polars", "duckdb": "relation"}


@pytest.fixture(scope="module")
def table(telco_csv: Path) -> pd.DataFrame:
    """The table, with the totals of those who have not paid yet null."""
    return pd.read_csv(telco_csv, na_values={"TotalCharges": " "})


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_is_decided_as_the_law_says(kind: str, table: pd.DataFrame, telco_csv: Path) -> None:
    """Whatever holds the table, a decision is that of the law, and a probability but for its last bits."""
    hold(DOORS.get(kind, kind.partition(" ")[0]), MODEL.predict(KINDS[kind](table), refused="raise"), telco_csv)


def test_every_row_of_the_file_is_decided_as_the_law_says(telco_csv: Path) -> None:
    """The file itself, in which a blank is null and every number is a text, gives the same."""
    hold("path", MODEL.predict(telco_csv), telco_csv)


def test_a_record_has_the_numbers_of_the_law(table: pd.DataFrame, telco_csv: Path) -> None:
    """Each customer alone has the probability of the law, bit for bit."""
    predictions = list(map(MODEL.predict_one, table.to_dict("records")))
    law = find_law(telco_csv)
    assert [each.probability for each in predictions] == [sigmoid(each.margin or 0.0) for each in law]
    answers = [Answer(each.probability, each.label) for each in predictions]
    hold_door("record", MODEL.threshold, law, answers)


def test_probabilities_are_those_of_predict_proba(table: pd.DataFrame) -> None:
    """Both ways to score a table agree within rounding."""
    slow = MODEL.predict_proba(table)[:, 1]
    assert MODEL.predict(table)["churn_probability"].tolist() == pytest.approx(slow, rel=1e-13)


def hold(door: str, found: Any, telco_csv: Path) -> None:
    """Hold answers of any kind to the law."""
    if isinstance(found, list):
        found = pa.Table.from_pylist(found)
    elif isinstance(found, pl.LazyFrame):
        found = found.collect().to_arrow()
    elif isinstance(found, pd.DataFrame):
        found = pa.Table.from_pandas(found)
    elif not isinstance(found, pa.Table):
        found = found.to_arrow() if isinstance(found, pl.DataFrame) else found.to_arrow_table()
    law = find_law(telco_csv)
    assert found["customerID"].to_pylist() == [each.cells[0] for each in law]
    assert found["faults"].null_count == len(law) == 7043
    hold_door(
        door, MODEL.threshold, law, map(Answer, *(found[name].to_pylist() for name in ("churn_probability", "churn")))
    )
