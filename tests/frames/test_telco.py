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


@pytest.fixture(scope="module")
def table(telco_csv: Path) -> pd.DataFrame:
    """The table, with the totals of those who have not paid yet null."""
    return pd.read_csv(telco_csv, na_values={"TotalCharges": " "})


@pytest.fixture(scope="module")
def alone(table: pd.DataFrame) -> list[tuple[str, float, bool]]:
    """The identifier, the probability and the decision of each record."""
    predictions = map(MODEL.predict_one, table.to_dict("records"))
    return [(name, each.probability, each.label) for name, each in zip(table["customerID"], predictions, strict=True)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_is_decided_as_its_record(
    kind: str, table: pd.DataFrame, alone: list[tuple[str, float, bool]]
) -> None:
    """Whatever holds the table, a decision is that of the record, and a probability but for its last bits."""
    hold(MODEL.predict(KINDS[kind](table), refused="raise"), alone)


def test_every_row_of_the_file_is_decided_as_its_record(telco_csv: Path, alone: list[tuple[str, float, bool]]) -> None:
    """The file itself, in which a blank is null and every number is a text, gives the same."""
    hold(MODEL.predict(telco_csv), alone)


def test_probabilities_are_those_of_predict_proba(table: pd.DataFrame) -> None:
    """Both ways to score a table agree within rounding."""
    slow = MODEL.predict_proba(table)[:, 1]
    assert MODEL.predict(table)["churn_probability"].tolist() == pytest.approx(slow, rel=1e-13)


def hold(found: Any, alone: list[tuple[str, float, bool]]) -> None:
    """Hold answers of any kind to those of the records."""
    if isinstance(found, list):
        found = pa.Table.from_pylist(found)
    elif isinstance(found, pl.LazyFrame):
        found = found.collect().to_arrow()
    elif isinstance(found, pd.DataFrame):
        found = pa.Table.from_pandas(found)
    elif not isinstance(found, pa.Table):
        found = found.to_arrow() if isinstance(found, pl.DataFrame) else found.to_arrow_table()
    names, probabilities, labels = map(list, zip(*alone, strict=True))
    assert found["customerID"].to_pylist() == names
    assert found["churn"].to_pylist() == labels
    assert found["churn_probability"].to_pylist() == pytest.approx(probabilities, rel=1e-13)
    assert found["faults"].null_count == len(alone) == 7043
