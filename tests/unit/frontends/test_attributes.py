"""A living estimator and its pickle are read alike."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction import DictVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, SGDClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, OrdinalEncoder, StandardScaler

from augury.frontends.arrays import Array
from augury.frontends.attributes import attributes, dotted_name, plain_value, sklearn_version
from augury.frontends.unpickle import read_pickle

ROWS = 40


def make_frame() -> pd.DataFrame:
    """A small table with text, numbers and missing values."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"plan": rng.choice(["a", "b", "c"], ROWS), "months": rng.integers(0, 9, ROWS)})
    return frame.assign(spend=np.where(rng.random(ROWS) < 0.2, np.nan, rng.random(ROWS)))


FRAME = make_frame()
TARGET = np.where(np.arange(ROWS) % 3 == 0, "yes", "no")


def fit_columns() -> Pipeline:
    """A pipeline with most of what is compiled."""
    columns = ColumnTransformer(
        [
            ("words", OneHotEncoder(), ["plan"]),
            # pandas labels of a kind that does not hang on whether pyarrow is there
            # Of text that pandas keeps in Arrow, where that is installed, a pickle is refused by name.
            ("codes", OrdinalEncoder(), pd.Index(["plan"], dtype=object)),
            ("fill", Pipeline([("mean", SimpleImputer(add_indicator=True)), ("scale", StandardScaler())]), ["spend"]),
            ("bins", KBinsDiscretizer(2, strategy="uniform", subsample=None), [1]),
        ],
        remainder="passthrough",
    )
    return Pipeline([("prepare", columns), ("model", LogisticRegression())]).fit(FRAME, TARGET)


def matrix() -> np.ndarray[Any, Any]:
    """Two columns of numbers."""
    return FRAME[["months"]].to_numpy().astype("f4")


def fit_cv() -> LogisticRegressionCV:
    """A search over penalties; newer versions warn that its defaults will change."""
    with warnings.catch_warnings(action="ignore"):
        return LogisticRegressionCV(Cs=2, cv=2, solver="liblinear", random_state=1).fit(matrix(), TARGET)


LIVING = [
    fit_columns(),
    DictVectorizer().fit([{"plan": "a", "months": 1}]),
    LogisticRegression().fit(matrix(), TARGET),
    LogisticRegression().fit(matrix(), TARGET).sparsify(),
    fit_cv(),
    SGDClassifier(loss="log_loss", random_state=1).fit(matrix(), TARGET),
]


def assert_alike(read: object, living: object) -> None:
    """Compare a stand-in with what it stands for, part by part."""
    assert dotted_name(read) == dotted_name(living) or not hasattr(living, "get_params")
    if hasattr(living, "get_params"):
        found, real = attributes(read), attributes(living)
        assert set(found) - {"_sklearn_version"} == set(real)
        for name, value in real.items():
            assert_alike(found[name], value)
    elif isinstance(living, list | tuple):
        assert isinstance(read, list | tuple)
        for part, real_part in zip(read, living, strict=True):
            assert_alike(part, real_part)
    elif isinstance(living, Array | dict | str | int | float | None):
        assert repr(read) == repr(living)


@pytest.mark.parametrize("estimator", LIVING, ids=lambda estimator: type(estimator).__name__)
def test_a_living_estimator_reads_like_its_pickle(estimator: object) -> None:
    """Attributes, arrays, scalars and names are the same, whichever way the estimator came."""
    read = read_pickle(pickle.dumps(estimator))
    assert_alike(read, estimator)
    assert sklearn_version(read) == sklearn_version(estimator) == sklearn.__version__


def test_sparse_weights_are_filled_up() -> None:
    """Weights that were made sparse read as the dense array that they mean."""
    dense = attributes(LIVING[2])["coef_"]
    sparse = attributes(LIVING[3])["coef_"]
    assert isinstance(dense, Array)
    assert isinstance(sparse, Array)
    assert sparse.nested() == dense.nested()


def test_float32_stays_itself() -> None:
    """A float32 becomes the double of the same value, and the array says in which width it was."""
    read = plain_value(np.array([0.1], dtype="f4"))
    assert read == Array((1,), (0.10000000149011612,), "f4")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.float32(0.1), 0.10000000149011612),
        (np.bool_(False), False),
        (np.str_("x"), "x"),
        ({np.int64(1): np.float64(2.0)}, {1: 2.0}),
        ((1, [np.int8(2)]), (1, [2])),
        ({np.int64(1)}, frozenset({1})),
        (np.array([[1, 2], [3, 4]]).T, Array((2, 2), (1, 3, 2, 4), "i8")),
        (np.array([np.float64(1.0), None], dtype=object), Array((2,), (1.0, None), "O")),
        (pd.Index(["a"]), Array((1,), ("a",), "O")),
        (pd.Series([1.5]), Array((1,), (1.5,), "f8")),
        (np.array(2.5), 2.5),
    ],
    ids=repr,
)
def test_living_values_become_plain(value: object, plain: object) -> None:
    """NumPy's and pandas' values become Python's own, nested ones too."""
    assert plain_value(value) == plain
    assert type(plain_value(value)) is type(plain)


def test_other_values_stay_as_they_are() -> None:
    """What has no plain form, a date or an object of the user, is answered unchanged for the caller to refuse."""
    dates = np.array(["2020-01-01"], dtype="M8[D]")
    assert plain_value(dates) is dates
    assert plain_value(len) is len


def test_names_of_living_things() -> None:
    """Classes and functions are named as a pickle names them."""
    assert dotted_name(LogisticRegression) == "sklearn.linear_model._logistic.LogisticRegression"
    assert dotted_name(LogisticRegression()) == dotted_name(LogisticRegression)
    assert sklearn_version(object()) is None
