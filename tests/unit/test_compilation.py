"""Compiling from Python: classes, keys, the author's own scores, corrections, and what an answer is made of."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import augury
from augury.compilation import Options, compile_estimator
from augury.errors import ContractError, ParityError, TableError, UnsupportedError, UsageError

ROWS = [
    {"plan": plan, "age": float(age), "visits": visits}
    for plan, age, visits in zip(["a", "b", "c d"] * 20, range(20, 80), [0, 1, 5, 7] * 15, strict=True)
]


@pytest.fixture(scope="module")
def pair() -> tuple[Any, Any]:
    """A pair over three fields, with text classes."""
    dv = DictVectorizer(sparse=False)
    target = np.where(np.random.default_rng(3).random(len(ROWS)) < 0.4, "yes", "no")
    return dv, LogisticRegression().fit(dv.fit_transform(ROWS), target)


def probabilities(pair: tuple[Any, Any]) -> list[float]:
    """Ask scikit-learn for the second class."""
    return [float(p) for p in pair[1].predict_proba(pair[0].transform(ROWS))[:, 1]]


def test_the_other_class_is_the_complement(pair: tuple[Any, Any]) -> None:
    """`positive` turns the model round: the probability is of that class."""
    yes = augury.compile(pair, sample=ROWS, target="left")
    no = augury.compile(pair, sample=ROWS, target="left", positive="No")
    for row in ROWS:
        assert no.predict_one(row).probability == pytest.approx(1 - yes.predict_one(row).probability, abs=1e-15)
    assert (no.document.model.target.positive, no.document.model.target.negative) == ("no", "yes")


def test_a_class_that_is_none_is_refused(pair: tuple[Any, Any]) -> None:
    """The sentence names the classes there are."""
    with pytest.raises(UsageError, match="no class 'maybe'; say --positive no or --positive yes"):
        augury.compile(pair, target="left", positive="maybe")


@pytest.mark.parametrize(
    ("target", "name", "key"),
    [
        ("Left us?", None, "left_us"),
        ("Churn", "model-7", "churn"),
        ("notes", "left", "left"),
        ("1st", "left", "left"),
        (None, "left", "left"),
    ],
)
def test_the_key_of_the_answer(pair: tuple[Any, Any], target: str | None, name: str | None, key: str) -> None:
    """It is the target column's name as a slug, or the model's where that cannot be a key."""
    assert augury.compile(pair, target=target, name=name).target == key


@pytest.mark.parametrize(("target", "name"), [(None, None), ("notes", None), ("7", "8")])
def test_no_key_is_refused(pair: tuple[Any, Any], target: str | None, name: str | None) -> None:
    """A model whose answer has no key says which option gives it one."""
    with pytest.raises(UsageError, match="--name NAME"):
        augury.compile(pair, target=target, name=name)


def write_scores(path: Path, scores: list[str], header: str = "left_probability") -> Path:
    """Write a file of scores."""
    path.write_text("\n".join([header, *scores]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("form", ["{!r}", "{:.3f}", "{:.2e}"])
def test_expected_scores_agree_as_rounded(pair: tuple[Any, Any], tmp_path: Path, form: str) -> None:
    """Scores agree to as many decimals as they have, and the proof is in the document."""
    path = write_scores(tmp_path / "scores.csv", [form.format(p) for p in probabilities(pair)])
    model = augury.compile(pair, sample=ROWS, expect=path, target="left")
    assert model.document.model.provenance.proofs[-1].rows == len(ROWS)


def test_a_score_that_differs_names_its_row(pair: tuple[Any, Any], tmp_path: Path) -> None:
    """One score off by a unit of its last decimal is found, and its row is named."""
    scores = [f"{p:.4f}" for p in probabilities(pair)]
    scores[6] = f"{float(scores[6]) + 0.0002:.4f}"
    path = write_scores(tmp_path / "scores.csv", scores)
    with pytest.raises(ParityError, match=r"row 7 should score"):
        augury.compile(pair, sample=ROWS, expect=path, target="left")


@pytest.mark.parametrize(
    ("scores", "header", "sentence"),
    [
        (["0.5"], "left_probability", "it has 1 scores, and the sample has 60 rows"),
        (["1.5"] * 60, "left_probability", "is no probability"),
        (["x"] * 60, "left_probability", "is no probability"),
        (["0.5,1"] * 60, "a,b", "no column left_probability among a, b"),
    ],
)
def test_a_file_that_holds_no_scores(
    pair: tuple[Any, Any], tmp_path: Path, scores: list[str], header: str, sentence: str
) -> None:
    """A file of scores that cannot be one is refused in one sentence."""
    path = write_scores(tmp_path / "scores.csv", scores, header)
    with pytest.raises(TableError, match=sentence):
        augury.compile(pair, sample=ROWS, expect=path, target="left")


def test_scores_need_a_sample(pair: tuple[Any, Any], tmp_path: Path) -> None:
    """Scores without the rows that they belong to are refused."""
    path = write_scores(tmp_path / "scores.csv", ["0.5"])
    with pytest.raises(UsageError, match="--sample TABLE"):
        augury.compile(pair, expect=path, target="left")


def test_contributions_sum_to_the_margin_and_average_to_nothing(pair: tuple[Any, Any]) -> None:
    """Against the training average: each sum is the margin, and each field's mean over the sample is zero."""
    model = augury.compile(pair, sample=ROWS, target="left")
    totals = dict.fromkeys(("plan", "age", "visits"), 0.0)
    for row, probability in zip(ROWS, probabilities(pair), strict=True):
        prediction = model.explain(row)
        assert prediction.contributions is not None
        assert prediction.base is not None
        values = [item.value for item in prediction.contributions]
        margin = math.fsum((prediction.base, *values))
        assert 1 / (1 + math.exp(-margin)) == pytest.approx(probability, abs=1e-12)
        for item in prediction.contributions:
            totals[item.field] += item.value
    assert all(abs(total) < 1e-12 * len(ROWS) for total in totals.values())


def test_without_a_sample_reasons_are_against_the_reference_record(pair: tuple[Any, Any]) -> None:
    """The reference record itself has no reasons, and its base is its margin."""
    model = augury.compile(pair, target="left")
    prediction = model.explain({"plan": "a", "age": 0.0, "visits": 0.0})
    assert model.document.model.baseline.kind == "reference"
    assert prediction.contributions is not None
    assert all(item.value == 0.0 for item in prediction.contributions)


def test_what_stays_unknown_without_a_sample_is_told(pair: tuple[Any, Any]) -> None:
    """Without a sample there are no ranges, nothing is nullable, and each unknown rule is a sentence."""
    compiled = compile_estimator(pair, options=Options(target="left"))
    assert compiled.unknown
    assert compiled.model.document.model.profile is None
    with pytest.raises(augury.RecordError):
        compiled.model.predict_one({"plan": "a", "age": None, "visits": 0.0})
    assert not compiled.model.predict_one({"plan": "a", "age": -1e9, "visits": 0.0}).notes


def test_blanks_are_filled_as_the_author_did(pair: tuple[Any, Any]) -> None:
    """With `fill` a null is what the author's preparation made of it, noted, and in the range."""
    rows = [{**row, "age": None if index < 5 else row["age"]} for index, row in enumerate(ROWS)]
    model = augury.compile(pair, sample=rows, target="left", fill={"age": 0.0})
    null = model.predict_one({"plan": "a", "age": None, "visits": 1})
    zero = model.predict_one({"plan": "a", "age": 0.0, "visits": 1})
    assert null.probability == zero.probability
    assert [note.code for note in null.notes] == ["imputed"]
    assert not zero.notes


def test_a_fill_for_no_field_is_refused(pair: tuple[Any, Any]) -> None:
    """A field that the model does not read cannot be filled: the option would be a no-op."""
    with pytest.raises(UsageError, match="agee"):
        augury.compile(pair, sample=ROWS, target="left", fill={"agee": 0.0})


@pytest.mark.parametrize("sample", [ROWS, None])
def test_an_optional_field_may_be_absent(pair: tuple[Any, Any], sample: object) -> None:
    """A field that training saw absent may be, whether or not the sample shows it, and counts as the vectorizer's 0."""
    model = augury.compile(pair, sample=sample, target="left", optional=["age"])
    expected = pair[1].predict_proba(pair[0].transform([{"plan": "a", "visits": 1}]))[0, 1]
    assert model.predict_one({"plan": "a", "visits": 1}).probability == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("sample", [ROWS, None])
def test_a_field_without_a_rule_cannot_be_optional(sample: object) -> None:
    """To let a field be absent of which the model knows nothing then is refused, with the option that gives a rule."""
    pipeline = make_pipeline(make_column_transformer(("passthrough", ["age", "visits"])), LogisticRegression())
    frame = pd.DataFrame(ROWS)
    pipeline.fit(frame, frame["age"] > 40)
    with pytest.raises(UsageError, match=r"no rule for a record without 'age', .*--fill FIELD=VALUE"):
        augury.compile(pipeline, sample=sample, target="left", optional=["age"])


def test_a_sample_that_lacks_a_field_is_refused(pair: tuple[Any, Any]) -> None:
    """A sample without a column that the model reads cannot be its table."""
    rows = [{"plan": row["plan"], "agee": row["age"], "visits": row["visits"]} for row in ROWS]
    with pytest.raises(ContractError, match=r"'age'.*nearest is 'agee'"):
        augury.compile(pair, sample=rows, target="left")


@pytest.mark.parametrize("threshold", [1.5, -0.1, math.nan])
def test_a_threshold_that_is_no_probability_is_refused(pair: tuple[Any, Any], threshold: float) -> None:
    """It is refused before any work, as bad usage."""
    with pytest.raises(UsageError, match=r"is no probability; give a number in \[0, 1\]"):
        augury.compile(pair, target="left", threshold=threshold)


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 65])
def test_a_name_that_cannot_be_served_is_refused(pair: tuple[Any, Any], name: str) -> None:
    """A model's name is a dictionary key of the service, so it is refused before any work."""
    with pytest.raises(UsageError, match="is no name for a model"):
        augury.compile(pair, target="left", name=name)


@pytest.mark.parametrize("thing", [None, 42])
def test_what_is_no_estimator_is_told(thing: object) -> None:
    """A thing that is no estimator is named for what it is."""
    with pytest.raises(UnsupportedError, match="is no fitted estimator"):
        augury.compile(thing, name="left")


@pytest.mark.parametrize("name", ["plan", "Plan"])
def test_a_field_of_the_model_is_no_identifier(pair: tuple[Any, Any], name: str) -> None:
    """An identifier is not read by the model; the sentence says which option to leave out."""
    with pytest.raises(ContractError, match=f"'plan' is read by the model.*leave out --id {name}"):
        augury.compile(pair, target="left", identifiers=[name])
