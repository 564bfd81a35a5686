"""Whatever was saved is read, or refused with every reason at once."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    StandardScaler,
)

from augury.contract.fields import CategoryField
from augury.errors import EstimatorError, UnsupportedError
from augury.frontends.estimator import read_estimator
from augury.frontends.fitted import Options
from augury.frontends.unpickle import read_pickle
from tests.unit.frontends.living import fit_columns, list_records, make_table, make_target
from tests.unit.frontends.margins import check_margins

TEXTS = [
    "gender", "partner", "dependents", "phoneservice", "multiplelines", "internetservice", "onlinesecurity",
    "onlinebackup", "deviceprotection", "techsupport", "streamingtv", "streamingmovies", "contract", "paperlessbilling",
    "paymentmethod",
]  # fmt: skip
ALL = "age, city, income, member, size and stars"
FIELDS = [*TEXTS, "seniorcitizen", "tenure", "monthlycharges", "totalcharges"]


def prepare_lab_table(path: Path) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Prepare the raw table as the lab does: lower case, underscores, blanks of a number to 0."""
    table = pd.read_csv(path)
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce").fillna(0)
    table.columns = table.columns.str.lower().str.replace(" ", "_")
    for name in (*TEXTS, "churn"):
        table[name] = table[name].str.lower().str.replace(" ", "_")
    return list_records(table[FIELDS]), (table["churn"] == "yes").to_numpy().astype(int)


def test_the_labs_pair_decides_as_scikit_learn_on_every_customer(telco_csv: Path) -> None:
    """On all 7,043 customers the margins are within the bound and every decision is scikit-learn's."""
    records, churn = prepare_lab_table(telco_csv)
    rows, _ = train_test_split(range(len(records)), test_size=0.2, random_state=1)
    vectorizer = DictVectorizer(sparse=False)
    columns = vectorizer.fit_transform([records[row] for row in rows])
    model = LogisticRegression(solver="liblinear", C=0.5).fit(columns, churn[rows])
    fitted = read_estimator(
        read_pickle(pickle.dumps((vectorizer, model))), options=Options(kinds={"seniorcitizen": "category"})
    )
    assert len(records) == 7043
    check_margins(fitted, records, model.decision_function(vectorizer.transform(records)))
    assert CategoryField(name="seniorcitizen", levels=(0, 1)) in fitted.features
    assert sorted(field.name for field in fitted.features) == sorted(FIELDS)


def fit_pair() -> tuple[DictVectorizer, LogisticRegression]:
    """Fit a small pair."""
    vectorizer = DictVectorizer()
    # dense, for scikit-learn 1.9.1's liblinear refuses the vectorizer's sparse columns
    columns = vectorizer.fit_transform(list_records(make_table())).toarray()
    return vectorizer, LogisticRegression(solver="liblinear").fit(columns, make_target())


def refuse(estimator: object, kind: type[Exception] = EstimatorError) -> str:
    """Answer the sentence with which an estimator is refused."""
    with pytest.raises(kind) as caught:
        read_estimator(estimator)
    return str(caught.value)


def test_a_turned_pair_is_refused() -> None:
    """The classifier first is the wrong order, and the sentence says the right one."""
    assert refuse(fit_pair()[::-1]) == (
        "the pair is (LogisticRegression, DictVectorizer), the classifier first; save it as (vectorizer, classifier), "
        "the other way round"
    )


def test_other_shapes_are_refused() -> None:
    """Three things, a dict, a vectorizer alone and a pipeline without a classifier: one sentence each."""
    vectorizer, model = fit_pair()
    assert refuse((vectorizer, StandardScaler(), model)).startswith("3 things were saved (DictVectorizer, Standard")
    assert refuse({"dv": vectorizer, "model": model}).startswith("a dict was saved, with 'dv', 'model'; save the pair")
    assert refuse(vectorizer).startswith("DictVectorizer alone prepares columns and predicts nothing; save it with")
    pipeline = make_pipeline(StandardScaler(), StandardScaler()).fit(make_table()[["age"]])
    assert refuse(pipeline).startswith("its last step predicts nothing; save the pipeline that ends in the classifier")


def test_other_values_are_refused() -> None:
    """A value that is no estimator is refused by what it is."""
    assert "str is no fitted estimator" in refuse("model")
    assert "NoneType is no fitted estimator" in refuse(None)


def test_a_search_is_refused_with_the_way_out() -> None:
    """A living search is refused like one in a pickle: its best estimator is what can be compiled."""
    search = GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2).fit(make_table()[["age"]], make_target())
    assert "a search: save its best_estimator_" in refuse(search)


def test_every_part_that_cannot_be_compiled_is_told_at_once() -> None:
    """Unknown classes, unknown settings and the classifier are refused together, each with where it stands."""
    table = make_table()
    prepare = ColumnTransformer(
        [
            ("power", PowerTransformer(), ["age"]),
            ("deep", make_pipeline(SimpleImputer(missing_values=-1), PolynomialFeatures()), ["income", "stars"]),
            ("own", FunctionTransformer(np.log1p), ["age"]),
            ("words", OneHotEncoder(), ["city"]),
            ("coded", make_pipeline(StandardScaler(), OneHotEncoder(handle_unknown="ignore")), ["age"]),
        ]
    )
    pipeline = Pipeline([("prepare", prepare), ("forest", RandomForestClassifier(2))]).fit(table, make_target())
    with pytest.raises(UnsupportedError) as caught:
        read_estimator(pipeline)
    inside = "prepare (ColumnTransformer) > "
    assert [part for part, _ in caught.value.parts] == [
        inside + "power (PowerTransformer)",
        inside + "deep (Pipeline) > polynomialfeatures (PolynomialFeatures)",
        "forest (RandomForestClassifier)",
        inside + "deep (Pipeline) > simpleimputer (SimpleImputer) > missing_values",
        inside + "own (FunctionTransformer) > func",
        inside + "coded (Pipeline) > onehotencoder (OneHotEncoder) > categories_",
    ]
    whys = [why for _, why in caught.value.parts]
    assert whys[0].startswith("sklearn.preprocessing._data.PowerTransformer is a part of scikit-learn that Augury does")
    assert whys[3] == "-1 stands for missing; make it NaN in the table and fit again"
    assert whys[4].startswith("it calls a function of your own")
    assert whys[5].endswith("is neither text nor integer nor boolean")


REFUSALS = {
    "fractions": (("a", OneHotEncoder(handle_unknown="ignore"), ["income"]), "is neither text nor integer nor boolean"),
    "narrow_bins": (
        ("a", KBinsDiscretizer(2, dtype=np.float32, strategy="uniform"), ["age"]),
        "dtype: it compares in 32 bits",
    ),
    "narrow_codes": (
        ("a", OrdinalEncoder(dtype=np.float16, handle_unknown="use_encoded_value", unknown_value=2049), ["city"]),
        "dtype: f2 does not hold the code 2049.0 exactly",
    ),
    "other_placeholder": (
        ("a", SimpleImputer(missing_values=0), ["age"]),
        "missing_values: 0 stands for missing",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_settings_that_cannot_be_compiled_are_refused(name: str) -> None:
    """A setting that Augury has no node for is refused by its name."""
    part, why = REFUSALS[name]
    assert why in refuse(fit_columns(part), UnsupportedError)


def test_levels_of_two_kinds_are_refused() -> None:
    """A field whose encoders know text and numbers has no kind."""
    pipeline = fit_columns(("a", OneHotEncoder(handle_unknown="ignore"), ["city"]))
    encoder = pipeline.steps[0][1].transformers_[0][1]
    encoder.categories_ = [np.array(["Bath", "Cork", "Dijon", "Essen", 3], dtype=object)]
    assert "city: its levels are text and numbers mixed" in refuse(pipeline, UnsupportedError)


def test_a_field_read_as_text_and_as_number_is_refused() -> None:
    """A field that one transformer encodes as text and another scales as a number is refused by its name."""
    texts = make_table().assign(stars=make_table()["stars"].astype(str).astype(object))
    prepare = ColumnTransformer([("a", OneHotEncoder(), ["stars"]), ("b", StandardScaler(), ["stars"])])
    pipeline = make_pipeline(prepare, LogisticRegression()).fit(texts, make_target())
    assert "stars: it is number and category at once" in refuse(pipeline, UnsupportedError)


def test_an_encoder_of_computed_numbers_is_refused() -> None:
    """Levels must be those of a field or of bins, not of numbers that a scaler computed."""
    scaled = make_pipeline(StandardScaler(with_std=False), OneHotEncoder(handle_unknown="ignore"))
    pipeline = fit_columns(("a", scaled, ["stars"]))
    encoder = pipeline.steps[0][1].transformers_[0][1].steps[1][1]
    encoder.categories_ = [np.array([-1.0, 0.0, 1.0, 2.0])]
    assert "it encodes numbers that were computed" in refuse(pipeline, UnsupportedError)


def test_a_boolean_of_which_one_value_was_seen_is_refused() -> None:
    """A flag that was true in every row says nothing about false."""
    table = make_table().assign(member=True)
    prepare = ColumnTransformer([("a", OneHotEncoder(), ["member"]), ("b", "passthrough", ["age"])])
    pipeline = make_pipeline(prepare, LogisticRegression()).fit(table, make_target())
    assert "member: training saw only True" in refuse(pipeline, UnsupportedError)


def test_too_many_centred_columns_are_refused() -> None:
    """Centring the one-hot columns of a field with many levels makes a table that no artifact should hold."""
    table = make_table()
    names = np.array([*sorted(set(table["city"])), *(f"t{at}" for at in range(996))], dtype=object)
    encoder = OneHotEncoder(categories=[names], sparse_output=False, handle_unknown="ignore")
    prepare = ColumnTransformer([("a", make_pipeline(encoder, StandardScaler()), ["city"])])
    pipeline = make_pipeline(prepare, LogisticRegression()).fit(table, make_target())
    assert "1001 centred columns of 1001 levels are too many numbers" in refuse(pipeline, UnsupportedError)


def test_none_and_nan_as_two_levels_are_refused() -> None:
    """A record has one null, so an encoder that tells None from NaN cannot be followed."""
    table = make_table().head(9).assign(city=[None, np.nan, "Bath"] * 3).astype({"city": object})
    encoder = OneHotEncoder(categories=[np.array(["Bath", None, np.nan], dtype=object)])
    prepare = ColumnTransformer([("a", encoder, ["city"])])
    pipeline = make_pipeline(prepare, LogisticRegression()).fit(table, make_target()[:9])
    assert "None and NaN are two levels of it" in refuse(pipeline, UnsupportedError)


def test_an_indicator_of_a_filled_column_is_refused() -> None:
    """A column that cannot be missing any more has nothing to indicate: such a file contradicts itself."""
    first = SimpleImputer()
    pipeline = fit_columns(("a", make_pipeline(first, SimpleImputer(add_indicator=True)), ["income"]), blanks=True)
    second = pipeline.steps[0][1].transformers_[0][1].steps[1][1]
    second.indicator_.features_ = np.array([0])
    assert "it indicates a column that a step before has already filled" in refuse(pipeline, UnsupportedError)


def test_a_file_without_a_version_is_refused() -> None:
    """What a file means depends on the version that wrote it, so one that does not say is refused."""
    content = pickle.dumps(fit_pair())
    unsigned = content.replace(b"_sklearn_version", b"_sklearn_versiom")
    assert "does not say which scikit-learn fitted it" in refuse(read_pickle(unsigned), UnsupportedError)


def test_what_stays_unknown_is_told() -> None:
    """Without a sample each unknown rule is one sentence; what an option settles is no longer unknown."""
    assert read_estimator(fit_pair()).unknown == (
        "The training range of age, income, member and stars is unknown, so no value is out of range.",
        "Whether age, income, member and stars are whole, a flag or any number is unknown.",
        f"What a blank in {ALL} means is unknown, so null is refused; --fill gives a rule.",
        f"Whether training saw records without {ALL} is unknown, so absent is refused.",
        "How the table itself spells the levels of city and size is unknown.",
    )
    options = Options(
        kinds={"age": "integer", "member": "boolean", "stars": "integer", "income": "number"},
        fill={"age": 0.0, "income": 0.0, "member": 0.0, "stars": 1.0, "size": "small", "city": "Bath"},
        optional=frozenset({"age", "city", "income", "member", "size", "stars"}),
    )
    assert read_estimator(fit_pair(), options=options).unknown == (
        "The training range of age, income and stars is unknown, so no value is out of range.",
        "How the table itself spells the levels of city and size is unknown.",
    )


def test_a_model_is_read_alike_with_another_classifier() -> None:
    """The name tells all steps, and the version is that of the file."""
    pipeline = fit_columns(("a", StandardScaler(), ["age"]), classifier=SGDClassifier(loss="log_loss", random_state=1))
    fitted = read_estimator(pipeline)
    assert fitted.estimator == "Pipeline(ColumnTransformer + SGDClassifier)"
    assert list(fitted.versions) == ["scikit-learn"]
