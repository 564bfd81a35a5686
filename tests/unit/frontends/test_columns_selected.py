"""A ColumnTransformer's columns are found however they were selected."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MaxAbsScaler, OneHotEncoder, StandardScaler

from augury.errors import UnsupportedError, UsageError
from augury.frontends.estimator import read_estimator
from augury.frontends.fitted import Options
from augury.frontends.unpickle import read_pickle
from tests.unit.frontends.living import check_pipeline, fit_columns, list_records, make_table, make_target
from tests.unit.frontends.margins import check_margins

TEXTS = OneHotEncoder()

SELECTIONS = {
    "names": ["city", "size"],
    "positions": [0, 1],
    "negative_positions": [-6, -5],
    "slice_of_positions": slice(0, 2),
    "slice_of_names": slice("city", "size"),
    "slice_to_a_name": slice(None, "size"),
    "mask": [True, True, False, False, False, False],
    "mask_array": np.array([True, True, False, False, False, False]),
    "name_array": np.array(["city", "size"]),
    "position_array": np.array([0, 1]),
    "labels": make_table().columns[:2],
    "selector": make_column_selector(dtype_include=object),
    "callable": lambda table: list(table.columns[:2]),
}


def name_features(pipeline: Pipeline, options: Options | None = None) -> list[str]:
    """List the names of the fields that are read."""
    return [field.name for field in read_estimator(pipeline, options=options or Options()).features]


@pytest.mark.parametrize("name", SELECTIONS)
def test_a_selection_finds_its_columns(name: str) -> None:
    """Names, positions, slices, masks, pandas' labels and what was called: the same two fields are read."""
    pipeline = fit_columns(("words", TEXTS, SELECTIONS[name]))
    fitted = read_estimator(pipeline)
    check_margins(fitted, list_records(make_table()), pipeline.decision_function(make_table()))
    assert [field.name for field in fitted.features] == ["city", "size"]


@pytest.mark.parametrize("selection", [["city"], [0], [True, False, False, False, False, False]])
def test_the_remainder_passes_through(selection: list[Any]) -> None:
    """What is left over is read too, in the order of the table, whichever way the rest was selected."""
    parts = [("words", TEXTS, selection), ("out", "drop", ["size"] if selection == ["city"] else [1])]
    if isinstance(selection[0], bool):
        parts = [parts[0], ("out", "drop", [False, True, False, False, False, False])]
    pipeline = fit_columns(*parts, remainder="passthrough")
    fitted = check_pipeline(pipeline, make_table())
    assert [field.name for field in fitted.features] == ["city", "stars", "age", "income", "member"]


def test_the_remainder_may_be_a_transformer() -> None:
    """What is left over goes through the transformer given for it."""
    pipeline = fit_columns(("words", TEXTS, ["city", "size"]), remainder=StandardScaler())
    assert len(check_pipeline(pipeline, make_table()).features) == 6


def test_an_empty_selection_makes_nothing() -> None:
    """A transformer that was given no column is passed over."""
    assert name_features(fit_columns(("none", StandardScaler(), []), ("age", "passthrough", ["age"]))) == ["age"]


def test_transformers_without_names_are_read() -> None:
    """make_column_transformer and make_pipeline name the steps; nothing else differs."""
    table = make_table()
    prepare = make_column_transformer((OneHotEncoder(drop="first"), ["city"]), (StandardScaler(), ["age"]))
    pipeline = make_pipeline(prepare, LogisticRegression()).fit(table, make_target())
    check_pipeline(pipeline, table)


def test_column_transformers_nest() -> None:
    """A ColumnTransformer within a pipeline within a ColumnTransformer selects by name like the outer one."""
    inner = make_pipeline(ColumnTransformer([("deep", StandardScaler(), ["age"])], remainder="passthrough"))
    pipeline = fit_columns(("words", TEXTS, ["city"]), ("rest", inner, ["income", "age"]))
    check_pipeline(pipeline, make_table())


@pytest.mark.parametrize(("threshold", "is_sparse"), [(1.0, True), (0.0, False)])
def test_a_scaler_after_joined_columns_scores_alike(threshold: float, is_sparse: bool) -> None:
    """Joined columns are sparse or dense as they were fitted, and are scaled as scikit-learn scales those."""
    prepare = ColumnTransformer(
        [("words", TEXTS, ["city", "stars"]), ("as_is", "passthrough", ["age"])], sparse_threshold=threshold
    )
    table = make_table()
    scaler = StandardScaler(with_mean=not is_sparse)
    pipeline = make_pipeline(prepare, scaler, MaxAbsScaler(), LogisticRegression()).fit(table, make_target())
    assert pipeline.steps[0][1].sparse_output_ is is_sparse
    check_pipeline(pipeline, table)


def test_a_later_step_selects_by_position() -> None:
    """A ColumnTransformer that stands second selects among the columns of the first."""
    table = make_table()[["age", "income", "stars"]]
    prepare = ColumnTransformer([("b", MaxAbsScaler(), [2, 0])], remainder="passthrough")
    pipeline = make_pipeline(StandardScaler(), prepare, LogisticRegression()).fit(table, make_target())
    check_pipeline(pipeline, table)


def test_a_later_step_that_selects_by_name_is_refused() -> None:
    """Columns that a step computed have no names of fields."""
    table = make_table()[["age", "income"]]
    scaler = StandardScaler().set_output(transform="pandas")
    prepare = ColumnTransformer([("b", MaxAbsScaler(), ["age"])])
    pipeline = make_pipeline(scaler, prepare, LogisticRegression()).fit(table, make_target())
    with pytest.raises(UnsupportedError, match="'age' is a name, and the columns have none here"):
        read_estimator(pipeline)


def fit_on_matrix() -> tuple[Pipeline, np.ndarray]:
    """Fit a pipeline on a matrix, whose columns have no names."""
    matrix = make_table()[["age", "income", "stars"]].to_numpy(dtype=float)
    prepare = ColumnTransformer([("a", StandardScaler(), [0, 2])], remainder="passthrough")
    return make_pipeline(prepare, LogisticRegression()).fit(matrix, make_target()), matrix


def test_columns_without_names_are_numbered() -> None:
    """A matrix has no names: its columns are x0, x1, … as in scikit-learn, and that is told as unknown."""
    pipeline, matrix = fit_on_matrix()
    fitted = read_estimator(read_pickle(pickle.dumps(pipeline)))
    records = [{f"x{at}": value for at, value in enumerate(row)} for row in matrix]
    check_margins(fitted, records, pipeline.decision_function(matrix))
    assert fitted.unknown[0] == "The names of the fields are unknown, so they are x0, x1, …; give them with --fields."


def test_fields_name_columns_without_names() -> None:
    """The author names the columns of a matrix in their order; another number of names is refused."""
    pipeline, matrix = fit_on_matrix()
    fitted = read_estimator(pipeline, options=Options(fields=("age", "income", "stars")))
    records = list_records(pd.DataFrame(matrix, columns=["age", "income", "stars"]))
    check_margins(fitted, records, pipeline.decision_function(matrix))
    with pytest.raises(UsageError, match="2 fields are named, and the estimator was fitted on 3 columns"):
        read_estimator(pipeline, options=Options(fields=("age", "income")))


def test_weighted_transformers_are_refused() -> None:
    """transformer_weights multiply whole outputs, which Augury does not compile."""
    pipeline = fit_columns(("a", StandardScaler(), ["age"]), transformer_weights={"a": 2.0})
    with pytest.raises(UnsupportedError, match="transformer_weights: it multiplies columns"):
        read_estimator(pipeline)
