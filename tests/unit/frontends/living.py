"""A small made-up table, and models fitted on it by the scikit-learn that is installed."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from augury.frontends.estimator import read_estimator
from augury.frontends.fitted import Fitted, Options
from augury.frontends.unpickle import read_pickle
from tests.unit.frontends.margins import check_margins

ROWS = 120


def make_table(*, blanks: bool = False) -> pd.DataFrame:
    """Draw a table: text, whole numbers, a flag, floats; with ``blanks`` some of the text and floats are missing."""
    rng = np.random.default_rng(11)
    table = pd.DataFrame(
        {
            "city": rng.choice(["Bath", "Cork", "Dijon", "Essen", "Faro"], ROWS, p=[0.4, 0.3, 0.2, 0.06, 0.04]),
            "size": rng.choice(["small", "large"], ROWS),
            "stars": rng.integers(1, 5, ROWS),
            "age": rng.integers(18, 80, ROWS),
            "income": np.round(rng.gamma(2.0, 900.0, ROWS), 2),
            "member": rng.random(ROWS) < 0.4,
        }
    ).astype({"city": object, "size": object})
    if blanks:
        table.loc[rng.random(ROWS) < 0.2, "city"] = np.nan
        table.loc[rng.random(ROWS) < 0.2, "income"] = np.nan
    return table


def make_target() -> np.ndarray:
    """Draw two classes that depend on the table."""
    table = make_table()
    margin = 0.02 * table["age"] - 0.0005 * table["income"] + 1.1 * (table["city"] == "Bath") + 0.3 * table["stars"]
    return np.where(margin > np.median(margin), "stays", "goes")


def fit_columns(*parts: Any, blanks: bool = False, classifier: Any = None, **options: Any) -> Pipeline:
    """Fit a pipeline of a ColumnTransformer and a classifier on the table."""
    steps = [
        ("prepare", ColumnTransformer(list(parts), **options)),
        ("model", LogisticRegression(solver="liblinear") if classifier is None else classifier),
    ]
    return Pipeline(steps).fit(make_table(blanks=blanks), make_target())


def list_records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Answer the rows of a table as dicts."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def check_pipeline(pipeline: Pipeline, table: pd.DataFrame, options: Options | None = None) -> Fitted:
    """Check that what is read from a pipeline scores a table as the pipeline does, also through its pickle."""
    fitted = read_estimator(pipeline, options=options or Options())
    assert read_estimator(read_pickle(pickle.dumps(pipeline)), options=options or Options()) == fitted
    check_margins(fitted, list_records(table), pipeline.decision_function(table))
    return fitted
