"""Proofs of models whose numbers are beyond a double."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

import augury
from augury.errors import AuguryError, ContractError


def make_huge(coefficients: list[float], intercept: float = 0.0) -> tuple[Any, Any]:
    """A pair over `k` (a or b) and `x` whose weights are so large that sums overflow."""
    dv = DictVectorizer(sparse=False)
    model = LogisticRegression().fit(dv.fit_transform([{"k": "a", "x": 1.0}, {"k": "b", "x": 2.0}]), [0, 1])
    model.coef_, model.intercept_ = np.array([coefficients]), np.array([intercept])
    return dv, model


@pytest.mark.filterwarnings("ignore:overflow")  # NumPy's, in the same product
@pytest.mark.parametrize(
    ("pair_of", "sample", "sentence"),
    [
        (make_huge([0.0, 0.0, 100.0]), [1.0, 1e308], "the margin of row 2 is not finite"),
        (make_huge([0.0, 0.0, 1.0]), [1e308, 1.7e308], "the average .* is not finite"),
    ],
)
def test_a_sample_beyond_a_double_is_refused(pair_of: tuple[Any, Any], sample: list[float], sentence: str) -> None:
    """A row that the model itself cannot score, or an average that is no number, is one sentence."""
    rows = [{"k": level, "x": x} for level, x in zip("ab", sample, strict=True)]
    with pytest.raises(ContractError, match=sentence):
        augury.compile(pair_of, sample=rows, target="left")


def test_a_model_whose_plainest_record_overflows_is_refused() -> None:
    """Without a sample reasons are told against the reference record, whose margin must be a number."""
    with pytest.raises(AuguryError, match="is not finite"):
        augury.compile(make_huge([1e308, 1e308, 1.0], 1e308), target="left")
