"""The front door's functions."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

import augury
from augury.errors import UsageError


@pytest.mark.parametrize("option", ["identifiers", "fields", "optional"])
def test_one_name_is_no_list_of_names(option: str) -> None:
    """A text in place of a list would declare each of its letters, and so is refused with the way to write it."""
    vectorizer = DictVectorizer()
    estimator = LogisticRegression().fit(vectorizer.fit_transform([{"c": 1}, {"c": 2}]), [0, 1])
    said: dict[str, Any] = {option: "c"}
    with pytest.raises(UsageError, match=rf"{option} is a text, not a list of names; say {option}=\['c'\]"):
        augury.compile((vectorizer, estimator), target="left", **said)
