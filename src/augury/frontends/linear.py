"""Linear classifiers: ``LogisticRegression``, ``LogisticRegressionCV``, ``SGDClassifier``; two classes.

Their decision function is ``X @ coef_.T + intercept_``; the probability of the second class is its sigmoid.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from msgspec import Struct

from augury.contract.fields import Level
from augury.errors import UnsupportedError
from augury.frontends.arrays import Array
from augury.frontends.plain import Attributes, is_single, make_series, read_finite

# From this version on, `multi_class` is no longer an option and two classes are always the sigmoid of the margin.
_WITHOUT_MULTI_CLASS = (1, 8)


class Weights(Struct, frozen=True):
    """A linear model of two classes: one weight a column."""

    weights: tuple[float, ...]
    intercept: float
    negative: Level | bool
    positive: Level | bool
    is_single: bool


def read_logistic(attributes: Attributes, version: tuple[int, int]) -> Weights:
    """Read a logistic regression.

    Below 1.8, ``multi_class="multinomial"`` answers the softmax of (−d, d), which is the sigmoid of 2d: doubling the
    weights says that exactly. ``auto`` (``warn`` and ``deprecated`` as defaults of their time) is the sigmoid of d for
    two classes. Source: ``LogisticRegression.predict_proba`` of 0.20.4 to 1.9.1.
    """
    doubled = version < _WITHOUT_MULTI_CLASS and attributes.get("multi_class") == "multinomial"
    return _read_weights(attributes, 2.0 if doubled else 1.0)


def read_sgd(attributes: Attributes, version: tuple[int, int]) -> Weights:  # noqa: ARG001 - a reader's signature
    """Read a classifier fitted by stochastic gradient descent; ``log_loss`` was called ``log`` until 1.1."""
    loss = attributes.get("loss")
    if loss not in ("log", "log_loss"):
        why = f"loss={loss!r} gives no logistic probability; fit it with loss='log_loss'"
        raise UnsupportedError([("loss", why)])
    return _read_weights(attributes, 1.0)


LinearReader = Callable[[Mapping[str, object], tuple[int, int]], Weights]


def _read_weights(attributes: Attributes, factor: float) -> Weights:
    negative, positive = read_classes(attributes)
    coefficients = attributes.get("coef_")
    if not isinstance(coefficients, Array):
        raise UnsupportedError([("coef_", "it is not there: the classifier is not fitted")])
    intercept = _read_intercept(attributes)
    if len(coefficients.shape) != 2 or coefficients.shape[0] != 1:
        raise UnsupportedError([("coef_", f"it has the shape {coefficients.shape}, not one row for two classes")])
    weights = tuple(weight * factor for weight in read_finite(attributes, "coef_"))
    if not all(map(math.isfinite, (*weights, intercept * factor))):
        raise UnsupportedError([("coef_", "a weight is not finite when doubled")])
    return Weights(weights, intercept * factor, negative, positive, is_single(coefficients.dtype))


def _read_intercept(attributes: Attributes) -> float:
    """Read the one intercept; ``fit_intercept=False`` left the number 0.0 in old versions."""
    intercept = attributes.get("intercept_")
    if isinstance(intercept, int | float):
        attributes = {"intercept_": [intercept]}
    found = read_finite(attributes, "intercept_")
    if len(found) != 1:
        raise UnsupportedError([("intercept_", f"it has {len(found)} numbers, not one")])
    return found[0]


def read_classes(attributes: Attributes) -> tuple[Level | bool, Level | bool]:
    """Read the two classes, the negative one first."""
    classes = make_series(attributes.get("classes_"), "classes_")
    if len(classes) != 2:
        why = f"it has {len(classes)} classes; Augury compiles two, so make the target one class against the rest"
        raise UnsupportedError([("classes_", why)])
    negative, positive = map(_read_class, classes)
    return negative, positive


def _read_class(value: object) -> Level | bool:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str | int):
        return value
    raise UnsupportedError([("classes_", f"the class {value!r} is neither text nor integer nor boolean")])
