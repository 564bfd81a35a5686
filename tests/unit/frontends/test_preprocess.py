"""Every transformer in every setting scores as scikit-learn's own, level by level and number by number."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from augury.contract.fields import BooleanField, CategoryField, NumberField
from augury.ir.walk import Rules, find_rules
from tests.unit.frontends.living import check_pipeline, fit_columns, make_table

NUMBERS = ["age", "income"]
CATEGORIES = [["Cork", "Bath", "Dijon", "Essen", "Faro", "Ghent"]]


def chain(*steps: Any) -> Pipeline:
    """Answer an unfitted pipeline with numbered steps."""
    return Pipeline([(f"step{at}", step) for at, step in enumerate(steps)])


def bins(**options: Any) -> KBinsDiscretizer:
    """Answer a discretizer by equal widths."""
    return KBinsDiscretizer(**{"n_bins": 4, "strategy": "uniform", **options})


ALL_LEVELS = {
    "one_hot": [("a", OneHotEncoder(), ["city", "size"])],
    "one_hot_dense": [("a", OneHotEncoder(sparse_output=False), ["city"])],
    "one_hot_integers": [("a", OneHotEncoder(), ["stars"])],
    "one_hot_booleans": [("a", OneHotEncoder(), ["member"])],
    "one_hot_drop_first": [("a", OneHotEncoder(drop="first"), ["city", "size", "stars", "member"])],
    "one_hot_drop_if_binary": [("a", OneHotEncoder(drop="if_binary"), ["city", "size", "member"])],
    "one_hot_drop_named": [("a", OneHotEncoder(drop=["Cork", "large"]), ["city", "size"])],
    "one_hot_one_column_dropped": [("a", OneHotEncoder(drop="first"), ["size"]), ("b", "passthrough", ["age"])],
    "one_hot_categories": [("a", OneHotEncoder(categories=CATEGORIES), ["city"])],
    "one_hot_int_dtype": [("a", OneHotEncoder(dtype=int), ["city"])],
    "one_hot_single_beside_double": [("a", OneHotEncoder(dtype=np.float32), ["city"]), ("b", "passthrough", ["age"])],
    "one_hot_infrequent_count": [("a", OneHotEncoder(min_frequency=12), ["city", "size"])],
    "one_hot_infrequent_share": [("a", OneHotEncoder(min_frequency=0.15), ["city"])],
    "one_hot_infrequent_most": [("a", OneHotEncoder(max_categories=3), ["city", "size"])],
    "one_hot_infrequent_dropped": [("a", OneHotEncoder(max_categories=3, drop="first"), ["city", "size"])],
    "one_hot_infrequent_binary": [("a", OneHotEncoder(max_categories=2, drop="if_binary"), ["city", "stars"])],
    "one_hot_centred": [("a", chain(OneHotEncoder(sparse_output=False), StandardScaler()), ["city", "member"])],
    "one_hot_scaled_sparse": [("a", chain(OneHotEncoder(), StandardScaler(with_mean=False)), ["city", "stars"])],
    "one_hot_largest": [("a", chain(OneHotEncoder(), MaxAbsScaler()), ["city"])],
    "one_hot_stretched": [("a", chain(OneHotEncoder(sparse_output=False), MinMaxScaler((-1, 2))), ["city"])],
    "ordinal": [("a", OrdinalEncoder(), ["city", "size", "stars", "member"])],
    "ordinal_categories": [("a", OrdinalEncoder(categories=CATEGORIES), ["city"])],
    "ordinal_int_dtype": [("a", OrdinalEncoder(dtype=np.int8), ["city"])],
    "ordinal_infrequent": [("a", OrdinalEncoder(max_categories=3), ["city"])],
    "ordinal_scaled": [("a", chain(OrdinalEncoder(), StandardScaler()), ["city", "size"])],
    "ordinal_then_one_hot": [("a", chain(OrdinalEncoder(), OneHotEncoder(drop="first")), ["city"])],
    "ordinal_then_bins": [("a", chain(OrdinalEncoder(), bins(n_bins=3)), ["city"])],
    "standard": [("a", StandardScaler(), NUMBERS)],
    "standard_mean_only": [("a", StandardScaler(with_std=False), NUMBERS)],
    "standard_std_only": [("a", StandardScaler(with_mean=False), NUMBERS)],
    "standard_nothing": [("a", StandardScaler(with_mean=False, with_std=False), ["age"])],
    "robust": [("a", RobustScaler(), NUMBERS)],
    "robust_centred": [("a", RobustScaler(with_scaling=False), NUMBERS)],
    "robust_unit_variance": [("a", RobustScaler(with_centering=False, unit_variance=True), NUMBERS)],
    "min_max": [("a", MinMaxScaler(), NUMBERS)],
    "min_max_clip": [("a", MinMaxScaler((-2, 3), clip=True), NUMBERS)],
    "max_abs": [("a", MaxAbsScaler(), NUMBERS)],
    "bins_one_hot": [("a", bins(encode="onehot"), NUMBERS)],
    "bins_dense": [("a", bins(encode="onehot-dense"), NUMBERS)],
    "bins_ordinal": [("a", bins(encode="ordinal"), NUMBERS)],
    "bins_kmeans": [("a", bins(strategy="kmeans"), NUMBERS)],
    "bins_scaled": [("a", chain(StandardScaler(), bins(), MaxAbsScaler()), NUMBERS)],
    "bins_then_one_hot": [("a", chain(bins(encode="ordinal"), OneHotEncoder(drop="first")), NUMBERS)],
    "bins_centred": [("a", chain(bins(encode="onehot-dense"), StandardScaler()), NUMBERS)],
    "passthrough": [("a", "passthrough", ["age", "member"]), ("b", "drop", ["income"])],
    "identity": [("a", FunctionTransformer(), ["age"])],
    "flag_read_twice": [("a", OneHotEncoder(), ["member"]), ("b", "passthrough", ["member"])],
    "integer_read_twice": [("a", OneHotEncoder(), ["stars"]), ("b", StandardScaler(), ["stars"])],
    "level_read_twice": [("a", OneHotEncoder(), ["city"]), ("b", OrdinalEncoder(), ["city"])],
    "number_read_thrice": [("a", StandardScaler(), ["age"]), ("b", bins(), ["age"]), ("c", "passthrough", ["age"])],
}


@pytest.mark.parametrize("name", ALL_LEVELS)
def test_a_transformer_scores_as_its_own_library(name: str) -> None:
    """A pipeline's margins are within the bound, its labels equal, on every row of its table and beyond its range."""
    table = make_table()
    beyond = table.head(20).assign(age=[-5, 0, 200, 1000] * 5, income=[-1.0, 0.0, 1e6, 3.14] * 5)
    check_pipeline(fit_columns(*ALL_LEVELS[name]), pd.concat([table, beyond]))


UNSEEN = {
    "ignored": ([("a", OneHotEncoder(handle_unknown="ignore"), ["city"])], True),
    "ignored_and_dropped": ([("a", OneHotEncoder(handle_unknown="ignore", drop="first"), ["city"])], True),
    "ignored_beside_infrequent": ([("a", OneHotEncoder(handle_unknown="ignore", max_categories=3), ["city"])], True),
    "ignored_and_centred": (
        [("a", chain(OneHotEncoder(handle_unknown="ignore", sparse_output=False), StandardScaler()), ["city"])],
        True,
    ),
    "ignored_and_scaled": (
        [("a", chain(OneHotEncoder(handle_unknown="ignore"), MaxAbsScaler()), ["city"])],
        True,
    ),
    "infrequent": (
        [("a", OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=3), ["city"])],
        True,
    ),
    "infrequent_dropped": (
        [("a", OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=3, drop="first"), ["city"])],
        True,
    ),
    "infrequent_scaled": (
        [
            (
                "a",
                chain(OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=3), MaxAbsScaler()),
                ["city"],
            )
        ],
        True,
    ),
    "no_infrequent": ([("a", OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=1), ["city"])], True),
    "warned": ([("a", OneHotEncoder(handle_unknown="warn", max_categories=3), ["city"])], True),
    "coded": ([("a", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-3), ["city"])], True),
    "coded_infrequent": (
        [
            (
                "a",
                OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-3, max_categories=3),
                ["city"],
            )
        ],
        True,
    ),
    "coded_then_filled": (
        [
            (
                "a",
                chain(
                    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan),
                    SimpleImputer(strategy="median"),
                ),
                ["city"],
            )
        ],
        True,
    ),
    "refused": ([("a", OneHotEncoder(), ["city"])], False),
    "refused_by_one": (
        [("a", OneHotEncoder(handle_unknown="ignore"), ["city"]), ("b", OrdinalEncoder(), ["city"])],
        False,
    ),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_an_unseen_level_follows_the_encoders_rule(name: str) -> None:
    """An unseen level scores as in scikit-learn where the encoder has a rule, and has no rule where that raises."""
    parts, has_rule = UNSEEN[name]
    pipeline = fit_columns(*parts)
    table = make_table()
    unseen = table.head(12).assign(city="Ghent")
    if has_rule:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the encoder warns of what this test is about
            fitted = check_pipeline(pipeline, pd.concat([table, unseen]))
    else:
        fitted = check_pipeline(pipeline, table)
        with pytest.raises(ValueError, match="unknown categories"):
            pipeline.decision_function(unseen)
    assert find_rules(fitted.predictor)["city"].unseen is has_rule


MISSING = {
    "own_column": ([("a", OneHotEncoder(), ["city"])], "city", True),
    "own_column_dropped": ([("a", OneHotEncoder(drop=[np.nan]), ["city"])], "city", True),
    "own_column_infrequent": ([("a", OneHotEncoder(max_categories=3), ["city"])], "city", True),
    "ordinal_coded": ([("a", OrdinalEncoder(encoded_missing_value=-1), ["city"])], "city", True),
    "ordinal_coded_infrequent": (
        [("a", OrdinalEncoder(encoded_missing_value=-1, max_categories=3), ["city"])],
        "city",
        True,
    ),
    "ordinal_filled": ([("a", chain(OrdinalEncoder(), SimpleImputer(add_indicator=True)), ["city"])], "city", True),
    "text_most_frequent": (
        [("a", chain(SimpleImputer(strategy="most_frequent"), OneHotEncoder()), ["city", "size"])],
        "city",
        True,
    ),
    "text_constant": (
        [("a", chain(SimpleImputer(strategy="constant", fill_value="none"), OneHotEncoder()), ["city"])],
        "city",
        True,
    ),
    "text_constant_ordinal": (
        [("a", chain(SimpleImputer(strategy="constant", fill_value="none"), OrdinalEncoder()), ["city"])],
        "city",
        True,
    ),
    "text_constant_infrequent": (
        [
            (
                "a",
                chain(
                    SimpleImputer(strategy="constant", fill_value="none"),
                    OneHotEncoder(max_categories=3, drop="first"),
                ),
                ["city"],
            )
        ],
        "city",
        True,
    ),
    "mean": ([("a", SimpleImputer(), NUMBERS)], "income", True),
    "median": ([("a", SimpleImputer(strategy="median"), NUMBERS)], "income", True),
    "most_frequent": ([("a", SimpleImputer(strategy="most_frequent"), NUMBERS)], "income", True),
    "constant": ([("a", SimpleImputer(strategy="constant", fill_value=-1.0), NUMBERS)], "income", True),
    "indicator": ([("a", SimpleImputer(add_indicator=True), NUMBERS)], "income", True),
    "scaled_then_filled": (
        [("a", chain(StandardScaler(), SimpleImputer(add_indicator=True)), NUMBERS)],
        "income",
        True,
    ),
    "filled_twice": ([("a", chain(SimpleImputer(), SimpleImputer(strategy="median")), NUMBERS)], "income", True),
    "filled_then_scaled": ([("a", chain(SimpleImputer(), RobustScaler()), NUMBERS)], "income", True),
    "filled_then_clipped": ([("a", chain(SimpleImputer(), MinMaxScaler(clip=True)), NUMBERS)], "income", True),
    "filled_then_binned": ([("a", chain(SimpleImputer(), bins()), NUMBERS)], "income", True),
    "only_others": ([("a", "passthrough", ["age"]), ("b", SimpleImputer(), ["income"])], "age", False),
}


@pytest.mark.parametrize("name", MISSING)
def test_a_missing_value_follows_the_pipelines_rule(name: str) -> None:
    """A missing value scores as in scikit-learn where a step has a rule for it, and has none where that raises."""
    parts, field, has_rule = MISSING[name]
    pipeline = fit_columns(*parts, blanks=True)
    fitted = check_pipeline(pipeline, make_table(blanks=True))
    assert find_rules(fitted.predictor)[field].missing is has_rule
    if not has_rule:
        with pytest.raises(ValueError, match="NaN"):
            pipeline.decision_function(make_table(blanks=True).assign(**{field: np.nan}))


def test_missing_counts_as_unknown_where_training_saw_none() -> None:
    """A missing text is all zeros to an encoder that ignores what it does not know."""
    pipeline = fit_columns(("a", OneHotEncoder(handle_unknown="ignore"), ["city", "size"]))
    table = make_table().assign(city=np.nan).astype({"city": object})
    fitted = check_pipeline(pipeline, table)
    assert find_rules(fitted.predictor)["city"] == Rules(missing=True, unseen=True)


def test_a_column_without_values_is_left_out() -> None:
    """An imputer that saw no value of a column drops it, and so the field is not read."""
    table = make_table(blanks=True).assign(empty=np.nan)
    pipeline = fit_columns(("a", SimpleImputer(), NUMBERS), blanks=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the imputer warns of the empty column
        imputer = pipeline.steps[0][1]
        imputer.transformers = [("a", SimpleImputer(), ["empty", *NUMBERS])]
        pipeline.fit(table, pipeline.predict(table))
        fitted = check_pipeline(pipeline, table)
    assert [field.name for field in fitted.features] == NUMBERS


def test_an_empty_column_that_is_kept_is_filled() -> None:
    """An imputer that keeps empty columns fills them with 0, and uses a value where there is one."""
    table = make_table(blanks=True).assign(size=np.nan).astype({"size": float})
    pipeline = fit_columns(("a", SimpleImputer(), ["age"]))
    pipeline.steps[0][1].transformers = [("a", SimpleImputer(keep_empty_features=True), ["size", *NUMBERS])]
    pipeline.fit(table, pipeline.predict(table))
    check_pipeline(pipeline, pd.concat([table, table.head(9).assign(size=3.0)]))


def test_kinds_follow_what_an_encoder_saw() -> None:
    """Text and integer levels make categories, booleans a boolean field, and all else a number."""
    pipeline = fit_columns(
        ("a", OneHotEncoder(), ["city", "stars", "member"]), ("b", StandardScaler(), ["age"]), remainder="drop"
    )
    fitted = check_pipeline(pipeline, make_table())
    assert fitted.features == (
        CategoryField(name="city", levels=("Bath", "Cork", "Dijon", "Essen", "Faro")),
        CategoryField(name="stars", levels=(1, 2, 3, 4)),
        NumberField(name="age"),
        BooleanField(name="member"),
    )


def test_levels_are_those_that_every_strict_encoder_knows() -> None:
    """A level that one encoder refuses is none of the field, though another one knows it."""
    known = [["Bath", "Cork", "Dijon", "Essen", "Faro", "Ghent"]]
    parts = [("a", OneHotEncoder(categories=known), ["city"]), ("b", OrdinalEncoder(), ["city"])]
    fitted = check_pipeline(fit_columns(*parts), make_table())
    assert fitted.features[0] == CategoryField(name="city", levels=("Bath", "Cork", "Dijon", "Essen", "Faro"))


def test_a_level_that_one_encoder_ignores_is_one() -> None:
    """A level that only one encoder knows is a level of the field where the other has a rule for it."""
    few = OneHotEncoder(categories=[["Bath", "Cork"]], handle_unknown="ignore")
    coded = OrdinalEncoder(categories=[["Cork"]], handle_unknown="use_encoded_value", unknown_value=-1)
    parts = [("a", few, ["city"]), ("b", OneHotEncoder(), ["city"]), ("c", coded, ["city"])]
    fitted = check_pipeline(fit_columns(*parts), make_table())
    assert fitted.features[0] == CategoryField(name="city", levels=("Bath", "Cork", "Dijon", "Essen", "Faro"))


def test_a_level_that_one_encoder_knows_is_infrequent_to_another() -> None:
    """A level that one encoder knows is infrequent to one that does not, even if only one other level is."""
    rarest = make_table()["city"].value_counts().sort_values()
    merging = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=int(rarest.iloc[1]))
    pipeline = fit_columns(("a", merging, ["city"]), ("b", OneHotEncoder(categories=CATEGORIES), ["city"]))
    assert [len(part) for part in pipeline.steps[0][1].transformers_[0][1].infrequent_categories_] == [1]
    fitted = check_pipeline(pipeline, pd.concat([make_table(), make_table().head(9).assign(city="Ghent")]))
    assert fitted.features[0] == CategoryField(name="city", levels=("Bath", "Cork", "Dijon", "Essen", "Faro", "Ghent"))
