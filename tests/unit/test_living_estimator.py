"""The proof against a living estimator: it is asked about the columns that it was fitted on, whatever else there is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import augury
from augury.errors import TableError, UsageError

TABLE = pd.DataFrame(
    {
        "customer": [f"c{index}" for index in range(40)],
        "plan": ["a", "b"] * 20,
        "age": np.linspace(20.5, 80, 40),
        "Paid Bills": [0, 1, 5, 7] * 10,
        "left": [0, 1, 1] * 13 + [0],
    }
)


def find_proofs(model: augury.Model) -> list[str]:
    """List what parity was proved against."""
    return [proof.against for proof in model.document.model.provenance.proofs]


@pytest.mark.parametrize("estimator", [LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression())])
@pytest.mark.parametrize("is_matrix", [False, True])
def test_a_sample_may_have_more_columns_than_the_model(estimator: Any, is_matrix: bool) -> None:
    """The table that a model was trained on also has the target and identifiers, and its columns in any order."""
    names = ["age", "paid_bills"]
    fitted_on = TABLE[["age", "Paid Bills"]].set_axis(names, axis=1)
    estimator.fit(fitted_on.to_numpy() if is_matrix else fitted_on, TABLE["left"])
    sample = TABLE[TABLE.columns[::-1]]
    model = augury.compile(estimator, sample=sample, target="left", fields=names if is_matrix else None)
    assert find_proofs(model)[1:] == ["the living estimator's decision_function"]


def test_a_sample_that_the_estimator_refuses_is_one_sentence() -> None:
    """Levels that only Augury reads as spelt otherwise are no level to scikit-learn, whose words are passed on."""
    encode = make_column_transformer((OneHotEncoder(), ["plan"]), ("passthrough", ["age"]))
    pipeline = make_pipeline(encode, LogisticRegression()).fit(TABLE, TABLE["left"])
    sample = TABLE.assign(plan=TABLE["plan"].str.upper())
    with pytest.raises(TableError, match="the estimator itself cannot score the sample: Found unknown categories"):
        augury.compile(pipeline, sample=sample, target="left")


def test_fields_named_alike_are_refused() -> None:
    """Two columns of one name could not be told apart in a record."""
    estimator = LogisticRegression().fit(TABLE[["age", "Paid Bills"]].to_numpy(), TABLE["left"])
    with pytest.raises(UsageError, match="two of the fields are named alike"):
        augury.compile(estimator, target="left", fields=["x", "x"])
