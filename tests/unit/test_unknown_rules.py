"""What stays unknown without a sample, when a person wrote some of it down."""

from __future__ import annotations

from pathlib import Path

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from augury.compilation import Options, compile_estimator

CONTRACT = """
[fields.age]
kind = "integer"
seen = { low = 18.0, high = 99.0 }

[fields.plan]
levels = ["a", "b"]
"""


def test_what_a_contract_says_is_no_longer_unknown(tmp_path: Path) -> None:
    """A range, a kind or a policy that stands in the contract's file is not told as unknown; the rest still is."""
    vectorizer = DictVectorizer()
    records = [{"plan": "a", "age": 20, "visits": 1}, {"plan": "b", "age": 30, "visits": 2}]
    pair = (vectorizer, LogisticRegression().fit(vectorizer.fit_transform(records), [0, 1]))
    path = tmp_path / "contract.toml"
    path.write_text(CONTRACT)
    assert compile_estimator(pair, options=Options(target="left", contract=str(path))).unknown == (
        "The training range of visits is unknown, so no value is out of range.",
        "Whether visits is whole, a flag or any number is unknown.",
        "What a blank in age, plan and visits means is unknown, so null is refused; --fill gives a rule.",
        "Whether training saw records without visits is unknown, so absent is refused.",
    )
