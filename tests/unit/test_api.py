"""The front door's functions take what a person has at hand."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

import augury
from augury.errors import UsageError


@pytest.mark.parametrize(("positive", "classes"), [(0, (1, 0)), (1, (0, 1)), ("0", (1, 0)), (None, (0, 1))])
def test_the_positive_class_is_given_as_the_estimator_has_it(
    positive: str | int | None, classes: tuple[int, int]
) -> None:
    """A class that is an integer is named by the integer or by its text, and 0 is a class like any other."""
    dv = DictVectorizer(sparse=False)
    model = LogisticRegression().fit(dv.fit_transform([{"x": 1.0}, {"x": 2.0}]), [0, 1])
    target = augury.compile((dv, model), target="left", positive=positive).document.model.target
    assert (target.negative, target.positive) == classes


@pytest.mark.parametrize("option", ["identifiers", "fields", "optional"])
def test_one_name_is_no_list_of_names(option: str) -> None:
    """A text in place of a list would declare each of its letters, and so is refused with the way to write it."""
    vectorizer = DictVectorizer()
    estimator = LogisticRegression().fit(vectorizer.fit_transform([{"c": 1}, {"c": 2}]), [0, 1])
    said: dict[str, Any] = {option: "c"}
    with pytest.raises(UsageError, match=rf"{option} is a text, not a list of names; say {option}=\['c'\]"):
        augury.compile((vectorizer, estimator), target="left", **said)
