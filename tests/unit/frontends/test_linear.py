"""Linear classifiers: whose probability they give, and in which version of scikit-learn."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from augury.errors import EstimatorError, UnsupportedError
from augury.frontends.arrays import Array
from augury.frontends.estimator import read_estimator
from augury.frontends.fitted import Options
from augury.frontends.linear import Weights, read_logistic, read_sgd
from augury.frontends.unpickle import read_pickle
from augury.ir.link import sigmoid
from augury.ir.nodes import Number
from tests.unit.frontends.living import check_pipeline, fit_columns, make_table, make_target

NUMBERS = ["age", "income", "stars"]

FITTED_2 = {
    "coef_": Array((1, 2), (0.1, -3.0), "f8"),
    "intercept_": Array((1,), (0.7,), "f8"),
    "classes_": Array((2,), ("no", "yes"), "U3"),
}

CLASSIFIERS = {
    "liblinear": LogisticRegression(solver="liblinear"),
    "lbfgs": LogisticRegression(max_iter=500),
    "newton": LogisticRegression(solver="newton-cholesky"),
    "without_intercept": LogisticRegression(fit_intercept=False, max_iter=500),
    "balanced": LogisticRegression(class_weight="balanced", max_iter=500),
    "validated": LogisticRegressionCV(
        Cs=2, cv=2, solver="liblinear", l1_ratios=(0.0,), use_legacy_attributes=False, scoring="accuracy"
    ),
    "sgd": SGDClassifier(loss="log_loss", random_state=1),
    "sgd_averaged": SGDClassifier(loss="log_loss", random_state=1, average=True),
}


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_scores_as_its_own_library(name: str) -> None:
    """Whatever solver found the weights, margins and probabilities are scikit-learn's."""
    pipeline = fit_columns(("a", StandardScaler(), NUMBERS), classifier=CLASSIFIERS[name])
    fitted = check_pipeline(pipeline, make_table())
    assert (fitted.negative, fitted.positive) == ("goes", "stays")
    probabilities = pipeline.predict_proba(make_table())[:, 1]
    margins = pipeline.decision_function(make_table())
    assert [sigmoid(margin) for margin in margins] == pytest.approx(list(probabilities), rel=0, abs=1e-15)


def test_sparse_weights_are_read() -> None:
    """Weights that sparsify() turned into a sparse matrix are the same weights."""
    pipeline = fit_columns(("a", StandardScaler(), NUMBERS))
    before = read_estimator(pipeline)
    pipeline.steps[-1][1].sparsify()
    assert read_estimator(pipeline) == before
    assert read_estimator(read_pickle(pickle.dumps(pipeline))) == before


def test_a_bare_classifier_reads_the_columns_of_its_frame() -> None:
    """A classifier that was fitted on a frame of numbers needs nothing else."""
    table = make_table()[["age", "stars"]]
    model = LogisticRegression().fit(table, make_target())
    fitted = check_pipeline(model, table)  # type: ignore[arg-type] - it scores like one
    assert fitted.estimator == "sklearn.linear_model._logistic.LogisticRegression"
    assert fitted.predictor.margins[0].inputs == (Number("age"), Number("stars"))


def test_a_bare_classifier_without_names_is_not_enough() -> None:
    """The lab's first file holds the model alone: the sentence says what is lacking and the way out."""
    model = LogisticRegression().fit(make_table()[["age", "stars"]].to_numpy(), make_target())
    with pytest.raises(EstimatorError) as caught:
        read_estimator(read_pickle(pickle.dumps(model)))
    assert str(caught.value) == (
        "LogisticRegression alone is not enough: it has 2 weights for columns without names, and how a record becomes "
        "those columns is in the vectorizer, which was not saved; save both, pickle.dump((vectorizer, classifier), "
        "file), or name the columns in order (--fields)"
    )
    fitted = read_estimator(model, options=Options(fields=("age", "stars")))
    assert [field.name for field in fitted.features] == ["age", "stars"]


@pytest.mark.parametrize(
    ("multi_class", "version", "factor"),
    [
        ("multinomial", (0, 22), 2.0),
        ("multinomial", (1, 7), 2.0),
        ("multinomial", (1, 8), 1.0),
        ("auto", (0, 22), 1.0),
        ("ovr", (0, 22), 1.0),
        ("warn", (0, 20), 1.0),
        ("deprecated", (1, 7), 1.0),
        (None, (1, 9), 1.0),
    ],
)
def test_multinomial_means_what_its_version_meant(multi_class: str, version: tuple[int, int], factor: float) -> None:
    """Below 1.8 two classes fitted as multinomial are the sigmoid of twice the margin, exactly."""
    weights = read_logistic({**FITTED_2, "multi_class": multi_class}, version)
    assert weights == Weights((0.1 * factor, -3.0 * factor), 0.7 * factor, "no", "yes", is_single=False)


@pytest.mark.parametrize("loss", ["log", "log_loss"])
def test_the_logistic_loss_has_two_names(loss: str) -> None:
    """The loss was renamed in 1.1, and both names are read."""
    assert read_sgd({**FITTED_2, "loss": loss}, (1, 0)).weights == (0.1, -3.0)


@pytest.mark.parametrize("loss", ["hinge", "modified_huber", "perceptron"])
def test_other_losses_are_refused(loss: str) -> None:
    """A loss without a logistic probability is refused by name, with the way out."""
    model = SGDClassifier(loss=loss, random_state=1).fit(make_table()[["age"]], make_target())
    with pytest.raises(UnsupportedError) as caught:
        read_estimator(model)
    why = f"loss='{loss}' gives no logistic probability; fit it with loss='log_loss'"
    assert caught.value.parts == (("classifier (SGDClassifier) > loss", why),)


def test_more_than_two_classes_are_refused() -> None:
    """Three classes are refused with how many there are and what to do."""
    table = make_table()
    model = LogisticRegression(max_iter=500).fit(table[["age"]], table["city"].where(table["city"] < "D", "other"))
    with pytest.raises(UnsupportedError, match="it has 3 classes; Augury compiles two"):
        read_estimator(model)


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ((0, 1), (0, 1)),
        ((0.0, 1.0), (0, 1)),
        ((False, True), (False, True)),
        (("no", "yes"), ("no", "yes")),
    ],
)
def test_classes_are_text_integers_or_booleans(classes: tuple[Any, ...], expected: tuple[Any, ...]) -> None:
    """Classes keep their kind; integral floats are integers."""
    weights = read_logistic({**FITTED_2, "classes_": Array((2,), classes, "O")}, (1, 9))
    assert [weights.negative, weights.positive] == list(expected)
    assert [type(weights.negative), type(weights.positive)] == [type(part) for part in expected]


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"classes_": Array((2,), (0.5, 1.0), "f8")}, "classes_: the class 0.5 is neither text nor integer"),
        ({"classes_": None}, "classes_: it is not there: the estimator is not fitted"),
        ({"coef_": None}, "coef_: it is not there: the classifier is not fitted"),
        ({"coef_": Array((2, 2), (0.0,) * 4, "f8")}, r"coef_: it has the shape \(2, 2\)"),
        ({"coef_": Array((1, 2), (0.0, math.nan), "f8")}, "coef_: it holds a number that is not finite"),
        ({"coef_": Array((1, 2), (0.0, 1e308), "f8"), "multi_class": "multinomial"}, "not finite when doubled"),
        ({"coef_": Array((1, 1), ("a",), "U1")}, "coef_: it holds str, not a number"),
        ({"intercept_": Array((2,), (0.0, 1.0), "f8")}, "intercept_: it has 2 numbers, not one"),
    ],
)
def test_broken_weights_are_refused(change: dict[str, Any], part: str) -> None:
    """Weights that contradict themselves are refused by the attribute that holds them."""
    with pytest.raises(UnsupportedError, match=part):
        read_logistic({**FITTED_2, **change}, (1, 7))


def test_an_intercept_may_be_a_number() -> None:
    """fit_intercept=False left a plain number in old versions."""
    assert read_logistic({**FITTED_2, "intercept_": 0.0}, (0, 20)).intercept == 0.0


def test_single_precision_is_refused_where_it_would_be_computed_in() -> None:
    """One-hot columns of 32 bits under weights of 32 bits are summed in 32 bits, which our 64 would not repeat."""
    table = make_table()[["city"]]
    encoder = OneHotEncoder(dtype=np.float32)
    pipeline = make_pipeline(encoder, LogisticRegression()).fit(table, make_target())
    assert pipeline.steps[-1][1].coef_.dtype == np.float32
    with pytest.raises(UnsupportedError, match="it computes in 32 bits, for the step before answers 32-bit floats"):
        read_estimator(pipeline)
    scaled = make_pipeline(encoder, StandardScaler(with_mean=False), LogisticRegression()).fit(table, make_target())
    with pytest.raises(UnsupportedError, match=r"StandardScaler.*: the step before answers 32-bit floats"):
        read_estimator(scaled)


def test_single_precision_weights_score_doubles_in_double() -> None:
    """Weights of 32 bits on 64-bit columns are summed in 64 bits, as scikit-learn does when fed with float64."""
    matrix = make_table()[["age", "stars"]].to_numpy(dtype=np.float32)
    model = LogisticRegression().fit(matrix, make_target())
    assert model.coef_.dtype == np.float32
    options = Options(fields=("age", "stars"))
    wide = LogisticRegression().fit(matrix.astype(float), make_target())
    wide.coef_, wide.intercept_ = model.coef_.astype(float), model.intercept_.astype(float)
    assert read_estimator(model, options=options).predictor == read_estimator(wide, options=options).predictor
