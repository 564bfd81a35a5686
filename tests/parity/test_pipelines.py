"""Random pipelines of scikit-learn, fitted on random tables, against the compiled model."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction import DictVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from augury.compilation import Options, compile_estimator
from augury.contract.check import find_values
from augury.ir.reference import Reference
from augury.model import Model
from augury.targets.parity import find_bound
from tests.conftest import SOAK

# Shrinking a fitted pipeline takes minutes and explains little: the failing one is printed as it was drawn.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
LEVELS = ["a", "B", "c d", "é", "", "1", "month-to-month"]
Draw = st.DrawFn


@st.composite
def number_steps(draw: Draw, has_nulls: bool) -> Any:
    """Draw what prepares a number."""
    steps: list[Any] = []
    with_indicator = has_nulls and draw(st.booleans())
    if has_nulls:
        strategy = draw(st.sampled_from(["mean", "median", "most_frequent", "constant"]))
        steps.append(SimpleImputer(strategy=strategy, fill_value=0.25, add_indicator=with_indicator))
    scalers = [StandardScaler(), MinMaxScaler(clip=True), MinMaxScaler((-1, 3)), RobustScaler(), MaxAbsScaler()]
    steps.extend(draw(st.lists(st.sampled_from(scalers), max_size=2, unique_by=id)))
    if not with_indicator and draw(st.booleans()):  # an indicator has too few values to be binned
        steps.append(KBinsDiscretizer(n_bins=3, encode=draw(st.sampled_from(["onehot", "ordinal", "onehot-dense"]))))
    return make_pipeline(*steps) if steps else "passthrough"


@st.composite
def text_steps(draw: Draw, has_nulls: bool) -> Any:
    """Draw what prepares a text."""
    steps: list[Any] = []
    if has_nulls:
        imputer = {"strategy": "most_frequent"} if draw(st.booleans()) else {"strategy": "constant", "fill_value": "?"}
        steps.append(SimpleImputer(**imputer))
    encoder = draw(
        st.sampled_from(
            [
                OneHotEncoder(),
                OneHotEncoder(drop="first"),
                OneHotEncoder(drop="if_binary", handle_unknown="ignore"),
                OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=4),
                OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=2, sparse_output=False),
                OrdinalEncoder(),
                OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
            ]
        )
    )
    steps.append(encoder)
    return make_pipeline(*steps)


@st.composite
def tables(draw: Draw) -> pd.DataFrame:
    """Draw a table of 40 rows with numbers and texts, some of them null."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    columns: dict[str, Any] = {}
    for index in range(draw(st.integers(1, 3))):
        scale = draw(st.sampled_from([1.0, 1e-6, 1e6]))
        values = random.normal(draw(st.sampled_from([0.0, 5.0])) * scale, scale, 40)
        columns[f"n{index}"] = np.where(random.random(40) < draw(st.sampled_from([0.0, 0.2])), np.nan, values)
    for index in range(draw(st.integers(0, 3))):
        levels = draw(st.lists(st.sampled_from(LEVELS), min_size=2, max_size=5, unique=True))
        chosen: Any = random.choice(np.array(levels, dtype=object), 40)
        chosen[random.random(40) < draw(st.sampled_from([0.0, 0.2]))] = np.nan
        columns[f"t{index}"] = chosen
    return pd.DataFrame(columns)


def fit(table: pd.DataFrame, steps: dict[str, Any], seed: int) -> Pipeline:
    """Fit a pipeline whose columns go through the given steps."""
    transformer = ColumnTransformer([(name, step, [name]) for name, step in steps.items()])
    estimator = make_pipeline(transformer, LogisticRegression(C=3.0, max_iter=500))
    target = np.random.default_rng(seed).random(len(table)) < 0.5
    target[:2] = [False, True]
    return estimator.fit(table, target)


def check_model(model: Model, table: pd.DataFrame, margins: list[float]) -> None:
    """Check each row that the contract accepts: the same bits as the law, and theirs within the bound."""
    body = model.document.model
    reference = Reference(body.contract, body.predictor)
    for record, theirs in zip(table.to_dict(orient="records"), margins, strict=True):
        plain = {key: (None if value != value else value) for key, value in record.items()}  # noqa: PLR0124 - NaN
        row, checked = model.door.decode_slow(json.dumps(plain).encode())
        assert row is not None, checked.faults
        values = find_values(body.contract, checked)
        ours = model.function.compute_margin(row)
        assert ours == reference.compute_margin(values)
        assert abs(ours - theirs) <= find_bound(body.predictor.margins[0].intercept, reference.compute_products(values))


@given(data=st.data(), table=tables(), seed=st.integers(0, 100))
@settings(max_examples=2000 if SOAK else 40, phases=PHASES)
def test_random_column_pipelines(data: st.DataObject, table: pd.DataFrame, seed: int) -> None:
    """Whatever is imputed, scaled, binned and encoded: bits equal the law, margins are scikit-learn's."""
    steps = {}
    for name in table.columns:
        has_nulls = bool(table[name].isna().any())
        steps[name] = data.draw((number_steps if name.startswith("n") else text_steps)(has_nulls), label=name)
    estimator = fit(table, steps, seed)
    model = compile_estimator(estimator, sample=table, options=Options(name="random")).model
    assert [proof.flips for proof in model.document.model.provenance.proofs] == [0, 0]
    check_model(model, table, [float(margin) for margin in estimator.decision_function(table)])


@given(table=tables(), seed=st.integers(0, 100))
@settings(max_examples=2000 if SOAK else 40, phases=PHASES)
def test_random_vectorizer_pairs(table: pd.DataFrame, seed: int) -> None:
    """Records with fields left out, through a DictVectorizer: the same."""
    records = [
        {key: value for key, value in record.items() if value == value and value != ""}  # noqa: PLR0124 - NaN
        for record in table.to_dict(orient="records")
    ]
    dv = DictVectorizer(sparse=False)
    target = np.random.default_rng(seed).random(len(table)) < 0.5
    target[:2] = [False, True]
    pair = (dv, LogisticRegression(solver="liblinear").fit(dv.fit_transform(records), target))
    model = compile_estimator(pair, sample=records, options=Options(target="Left us?")).model
    assert model.target == "left_us"
    margins = pair[1].decision_function(dv.transform(records))
    for record, theirs in zip(records, margins, strict=True):
        prediction = model.predict_one(record)
        assert not prediction.notes
        assert prediction.label == (theirs >= 0.0) or abs(theirs) < 1e-12
