"""Fit one small model of each kind with the scikit-learn of *this* interpreter, and write down what it answers.

``make_pickles.py`` runs this file in an environment for each version, so it keeps to Python 3.7 and to what every
scikit-learn from 0.20 on has; a kind that a version does not know is left out there. The table is made up here.
"""

# ruff: noqa: T201, UP006, UP035 - it reports to the terminal, and Python 3.7 has no dict[str, int]

from __future__ import annotations

import json
import pickle
import sys
import warnings
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction import DictVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, SGDClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

try:
    import joblib
except ImportError:  # scikit-learn 0.20 brings its own
    from sklearn.externals import joblib

Prepare = Callable[[pd.DataFrame], Any]
"""From rows of a table to what the estimator takes."""

Fitted = Tuple[Any, pd.DataFrame, Prepare]
"""What is pickled, the table that it saw, and how rows reach it."""

VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
ROWS = 160  # enough for every level to be seen, few enough for small files
SCORED = 8  # rows whose answers are written down
NUMBERS = ["months", "spend", "visits"]


def make_table(rows: int) -> Tuple[pd.DataFrame, np.ndarray]:
    """Draw a table with text, integers, floats, booleans and missing values; the target depends on most of it."""
    rng = np.random.RandomState(20)  # the generator that every version of NumPy draws alike
    plan = rng.choice(["monthly", "yearly", "Two years", "trial"], size=rows, p=[0.5, 0.3, 0.15, 0.05])
    months = rng.randint(0, 61, size=rows)
    spend = np.round(rng.gamma(3.0, 20.0, size=rows), 2)
    paperless = rng.rand(rows) < 0.6
    margin = 0.8 * (plan == "monthly") - 0.05 * months + 0.01 * spend + 0.4 * paperless + rng.normal(size=rows)
    table = pd.DataFrame(
        {
            "plan": plan,
            "region": rng.choice(["north", "south", "östlich"], size=rows),
            "months": months,
            "spend": np.where(rng.rand(rows) < 0.1, np.nan, spend),
            "visits": rng.poisson(4.0, size=rows),
            "senior": rng.randint(0, 2, size=rows),
            "paperless": paperless,
        }
    )
    return table, np.where(margin > np.median(margin), "yes", "no")


TABLE, TARGET = make_table(ROWS)
WHOLE = TABLE.fillna({"spend": 50.0})
MATRIX = WHOLE[NUMBERS].values.astype("f8")


def plain_records(table: pd.DataFrame) -> List[Dict[str, Any]]:
    """Answer rows as dicts of what JSON can hold: null for a missing value."""
    return [{name: plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def plain(value: Any) -> Any:
    """Answer a Python scalar."""
    value = value.item() if hasattr(value, "item") else value
    return None if value != value else value  # noqa: PLR0124 - NaN


def logistic(**options: Any) -> LogisticRegression:
    """Answer an unfitted LogisticRegression of which every version has the defaults spelt out."""
    return LogisticRegression(**{"solver": "lbfgs", "C": 0.5, "max_iter": 1000, **options})


def columns(*parts: Tuple[str, Any, Any], **options: Any) -> Pipeline:
    """Answer an unfitted pipeline of a ColumnTransformer and a LogisticRegression."""
    return Pipeline([("prepare", ColumnTransformer(list(parts), **options)), ("model", logistic())])


def dense_one_hot(**options: Any) -> OneHotEncoder:
    """Answer a OneHotEncoder that writes dense rows, whose option was renamed in 1.2."""
    return OneHotEncoder(**{"sparse_output" if VERSION >= (1, 2) else "sparse": False, **options})


def binned(**options: Any) -> KBinsDiscretizer:
    """Answer a KBinsDiscretizer; 1.7 asks which quantiles are meant."""
    if VERSION >= (1, 7) and options.get("strategy") == "quantile":
        options["quantile_method"] = "averaged_inverted_cdf"
    return KBinsDiscretizer(**options)


def fit_pair(estimator: Any) -> Fitted:
    """Answer what the lab pickles: a vectorizer and a model, and how they score."""
    vectorizer = DictVectorizer(sparse=False)
    estimator.fit(vectorizer.fit_transform(plain_records(WHOLE)), TARGET)
    return (vectorizer, estimator), WHOLE, lambda table: vectorizer.transform(plain_records(table))


def fit_on_records(pipeline: Pipeline) -> Fitted:
    """Fit a pipeline that takes dicts."""
    return pipeline.fit(plain_records(WHOLE), TARGET), WHOLE, plain_records


def fit_on_table(pipeline: Pipeline, table: pd.DataFrame = WHOLE) -> Fitted:
    """Fit a pipeline that takes a frame."""
    return pipeline.fit(table, TARGET), table, lambda rows: rows


def fit_on_matrix(estimator: Any, dtype: str = "f8") -> Fitted:
    """Fit an estimator that takes numbers without names, with 0 and 1 as its classes."""
    fitted = estimator.fit(MATRIX.astype(dtype), (TARGET == "yes").astype(int))
    return fitted, WHOLE[NUMBERS], lambda rows: rows.values.astype(dtype)


def fit_sparsified() -> Fitted:
    """Fit a model whose weights are kept as a sparse matrix."""
    fitted, table, prepare = fit_on_matrix(logistic())
    return fitted.sparsify(), table, prepare


def fit_labelled() -> Fitted:
    """Fit a pipeline whose columns are given as pandas labels, as ``frame.columns`` answers them."""
    texts = TABLE.columns[:2]
    return fit_on_table(columns(("words", dense_one_hot(), texts), remainder="passthrough"))


def fit_missing_text() -> Fitted:
    """Fit a pipeline that fills missing text."""
    table = WHOLE.assign(plan=WHOLE["plan"].where(WHOLE["plan"] != "trial", np.nan).astype(object))
    words = Pipeline([("fill", SimpleImputer(strategy="most_frequent")), ("code", dense_one_hot())])
    constant = Pipeline([("fill", SimpleImputer(strategy="constant", fill_value="none")), ("code", dense_one_hot())])
    return fit_on_table(columns(("words", words, ["plan"]), ("again", constant, ["plan"])), table)


KINDS = {
    "pair": lambda: fit_pair(logistic(solver="liblinear")),
    "pair_lbfgs": lambda: fit_pair(logistic()),
    "pair_multinomial": lambda: fit_pair(logistic(multi_class="multinomial")),
    "pair_cv": lambda: fit_pair(LogisticRegressionCV(Cs=2, cv=3, solver="liblinear")),
    "estimator": lambda: fit_on_matrix(logistic()),
    "estimator_float32": lambda: fit_on_matrix(logistic(), "f4"),
    "estimator_sparse": fit_sparsified,
    "pipeline_records": lambda: fit_on_records(Pipeline([("dv", DictVectorizer()), ("lr", logistic())])),
    "sgd": lambda: fit_on_records(
        Pipeline(
            [
                ("dv", DictVectorizer()),
                ("scale", StandardScaler(with_mean=False)),
                (
                    "sgd",
                    SGDClassifier("log_loss" if VERSION >= (1, 1) else "log", random_state=1, max_iter=50, tol=1e-3),
                ),
            ]
        )
    ),
    "columns": lambda: fit_on_table(
        columns(
            ("words", OneHotEncoder(handle_unknown="ignore"), ["plan", "region"]),
            ("fill", Pipeline([("mean", SimpleImputer()), ("scale", StandardScaler())]), ["spend"]),
            ("robust", RobustScaler(), ["months"]),
            ("as_is", "passthrough", ["senior"]),
            ("left_out", "drop", ["visits"]),
        ),
        TABLE,
    ),
    "columns_first_dropped": lambda: fit_on_table(columns(("words", dense_one_hot(drop="first"), ["plan", "senior"]))),
    "columns_binary_dropped": lambda: fit_on_table(
        columns(("words", dense_one_hot(drop="if_binary"), ["plan", "paperless"]))
    ),
    "columns_infrequent": lambda: fit_on_table(
        columns(
            ("words", OneHotEncoder(min_frequency=0.15, handle_unknown="infrequent_if_exist"), ["plan", "region"]),
            ("most", dense_one_hot(max_categories=2, handle_unknown="ignore"), ["plan"]),
        )
    ),
    "columns_ordinal": lambda: fit_on_table(columns(("words", OrdinalEncoder(), ["plan", "region", "paperless"]))),
    "columns_ordinal_unknown": lambda: fit_on_table(
        columns(("words", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), ["plan"]))
    ),
    "columns_indicator": lambda: fit_on_table(
        columns(("fill", SimpleImputer(strategy="median", add_indicator=True), NUMBERS)), TABLE
    ),
    "columns_constant": lambda: fit_on_table(
        columns(("fill", SimpleImputer(strategy="constant", fill_value=-1.5), ["spend"])), TABLE
    ),
    "columns_missing_text": fit_missing_text,
    "columns_scaled": lambda: fit_on_table(
        columns(
            ("standard", StandardScaler(), ["months"]),
            ("range", MinMaxScaler(feature_range=(-1, 1)), ["spend"]),
            ("largest", MaxAbsScaler(), ["visits"]),
            remainder="drop",
        )
    ),
    "columns_binned": lambda: fit_on_table(
        columns(
            ("quantile", binned(n_bins=4, encode="onehot-dense", strategy="quantile"), ["months", "spend"]),
            ("uniform", binned(n_bins=3, encode="ordinal", strategy="uniform"), ["visits"]),
            ("sparse", binned(n_bins=2, encode="onehot", strategy="uniform"), ["months"]),
        )
    ),
    "columns_labelled": fit_labelled,
    "columns_by_position": lambda: fit_on_table(
        columns(("words", dense_one_hot(), [0, 1]), ("rest", "passthrough", slice(2, 5)))
    ),
}

WRITERS = {
    "pkl": lambda fitted, path: path.write_bytes(pickle.dumps(fitted)),
    "protocol0.pkl": lambda fitted, path: path.write_bytes(pickle.dumps(fitted, 0)),
    "newest.pkl": lambda fitted, path: path.write_bytes(pickle.dumps(fitted, pickle.HIGHEST_PROTOCOL)),
    "joblib": lambda fitted, path: joblib.dump(fitted, str(path)),
    "zlib.joblib": lambda fitted, path: joblib.dump(fitted, str(path), compress=3),
    "gzip.joblib": lambda fitted, path: joblib.dump(fitted, str(path), compress=("gzip", 3)),
    "bz2.joblib": lambda fitted, path: joblib.dump(fitted, str(path), compress=("bz2", 3)),
    "xz.joblib": lambda fitted, path: joblib.dump(fitted, str(path), compress=("xz", 3)),
    "lzma.joblib": lambda fitted, path: joblib.dump(fitted, str(path), compress=("lzma", 3)),
}
"""By what a file's name ends with. Every kind is a plain pickle; two kinds are written in every way."""

WRITTEN_IN_EVERY_WAY = ("pair", "columns")
NO_SUCH_OPTION = (TypeError, ValueError)
"""What a version raises for an option or value that it does not know."""


def describe(fitted: Any, table: pd.DataFrame, prepare: Prepare) -> Dict[str, Any]:
    """Answer the weights and what this version says of some rows; floats print in the shortest exact spelling."""
    model = fitted
    if isinstance(fitted, (tuple, Pipeline)):
        model = fitted[1] if isinstance(fitted, tuple) else fitted.steps[-1][1]
    scorer = model if isinstance(fitted, tuple) else fitted
    seen = table.head(SCORED)
    coefficients = model.coef_.toarray() if hasattr(model.coef_, "toarray") else model.coef_
    return {
        "scikit_learn": sklearn.__version__,
        "classes": [plain(value) for value in model.classes_],
        "coef": coefficients.tolist(),
        "intercept": model.intercept_.tolist(),
        "vocabulary": fitted[0].vocabulary_ if isinstance(fitted, tuple) else None,
        "seen": score(scorer, seen, prepare),
        "unseen": score(scorer, seen.assign(plan="weekly"), prepare) if is_tolerant(fitted) else None,
    }


def score(scorer: Any, table: pd.DataFrame, prepare: Prepare) -> Dict[str, Any]:
    """Answer the rows as records, and the margin and the second class's probability of each."""
    rows = prepare(table)
    return {
        "records": plain_records(table),
        "margins": scorer.decision_function(rows).tolist(),
        "probabilities": scorer.predict_proba(rows)[:, 1].tolist(),
    }


def is_tolerant(fitted: Any) -> bool:
    """Tell whether a pipeline of columns has a rule for levels that it never saw, in every part that has levels."""
    if not isinstance(fitted, Pipeline) or not isinstance(fitted.steps[0][1], ColumnTransformer):
        return False
    parts = [part for _, part, _ in fitted.steps[0][1].transformers]
    rules = [part.handle_unknown for part in parts if hasattr(part, "handle_unknown")]
    return bool(rules) and "error" not in rules


def write_kind(folder: Path, name: str) -> None:
    """Fit one kind and write its pickles and its answers, if this version has it."""
    try:
        fitted, table, prepare = KINDS[name]()
    except NO_SUCH_OPTION as fault:
        print(sklearn.__version__, "has no", name, "-", str(fault).split("\n")[0][:90])
        return
    for ending, write in WRITERS.items():
        if ending == "pkl" or name in WRITTEN_IN_EVERY_WAY:
            write(fitted, folder / (name + "." + ending))
    answers = json.dumps(describe(fitted, table, prepare), ensure_ascii=False, allow_nan=False, sort_keys=True)
    (folder / (name + ".json")).write_text(answers + "\n", encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # old versions warn of what newer ones do
    for kind in KINDS:
        write_kind(Path(sys.argv[1]), kind)
