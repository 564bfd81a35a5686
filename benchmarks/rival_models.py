"""Fit what the rivals have, once for a run: the lab's pair, and its twin for those that cannot use a pair."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

from the_lab import find_table, train_pair


def fit_models(folder: Path) -> None:
    """Write the models into a folder, and ``twin.csv`` with one row of the twin's columns.

    They are ``pair.pickle``, ``twin.joblib``, and ``matrix.joblib``, which is the pair's regression alone.
    """
    import joblib

    import lab_pair

    vectorizer, regression = train_pair()
    (folder / "pair.pickle").write_bytes(pickle.dumps((vectorizer, regression)))
    table = lab_pair.prepare(find_table())[lab_pair.CATEGORICAL + lab_pair.NUMERICAL]
    joblib.dump(_make_twin(table, vectorizer, regression), folder / "twin.joblib")
    joblib.dump(regression, folder / "matrix.joblib")
    table.head(1).to_csv(folder / "twin.csv", index=False)


def fit_raw_models(folder: Path) -> None:
    """Write into a folder ``pair.pickle``, and ``raw.joblib``: its twin for the table in its own spelling."""
    import joblib
    import pandas as pd

    import lab_pair

    vectorizer, regression = train_pair()
    (folder / "pair.pickle").write_bytes(pickle.dumps((vectorizer, regression)))
    table = pd.read_csv(find_table())
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce").fillna(0)
    features = {*lab_pair.CATEGORICAL, *lab_pair.NUMERICAL}
    raw = table[[name for name in table if name.lower() in features]]
    joblib.dump(_make_twin(raw, vectorizer, regression), folder / "raw.joblib")


def _make_twin(table: Any, vectorizer: Any, regression: Any) -> Any:
    """Say the pair as a pipeline that takes a table: the same columns in another order, with the pair's own weights."""
    from pandas.api.types import is_numeric_dtype
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    numbers = [name for name in table if is_numeric_dtype(table[name])]
    texts = [name for name in table if name not in numbers]
    levels = OneHotEncoder(sparse_output=False)
    columns = ColumnTransformer([("levels", levels, texts), ("numbers", "passthrough", numbers)]).fit(table)
    found = zip(texts, columns.named_transformers_["levels"].categories_, strict=True)
    names = [*(f"{name}={level}" for name, each in found for level in each), *numbers]
    twin = copy.copy(regression)
    twin.coef_ = regression.coef_[:, [vectorizer.vocabulary_[name.lower().replace(" ", "_")] for name in names]]
    return make_pipeline(columns, twin)
