"""Fit what the rivals serve, once for a run: the lab's pair, and its twin for those that cannot serve a pair."""

from __future__ import annotations

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

    (folder / "pair.pickle").write_bytes(pickle.dumps(train_pair()))
    table = lab_pair.prepare(find_table())
    joblib.dump(_fit_twin(table), folder / "twin.joblib")
    joblib.dump(train_pair()[1], folder / "matrix.joblib")
    table[lab_pair.CATEGORICAL + lab_pair.NUMERICAL].head(1).to_csv(folder / "twin.csv", index=False)


def _fit_twin(table: Any) -> Any:
    """Fit the same regression on the same columns, from a table rather than from dicts."""
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    import lab_pair

    columns = ColumnTransformer(
        [
            ("levels", OneHotEncoder(sparse_output=False), lab_pair.CATEGORICAL),
            ("numbers", "passthrough", lab_pair.NUMERICAL),
        ]
    )
    pipeline = make_pipeline(columns, LogisticRegression(solver="liblinear", C=0.5))
    return pipeline.fit(table[lab_pair.CATEGORICAL + lab_pair.NUMERICAL], (table["churn"] == "yes").to_numpy())
