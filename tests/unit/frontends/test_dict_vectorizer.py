"""A DictVectorizer's columns become fields again."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

from augury.contract.fields import BooleanField, CategoryField, Contract, IntegerField, NumberField
from augury.contract.values import UNSEEN
from augury.errors import UnsupportedError, UsageError
from augury.frontends.estimator import read_estimator
from augury.frontends.fitted import Fitted, Kind, Options
from augury.frontends.unpickle import read_pickle
from augury.ir.nodes import Impute, Number
from augury.ir.reference import Reference
from augury.ir.walk import Rules, find_rules
from tests.unit.frontends.living import list_records, make_table, make_target
from tests.unit.frontends.margins import check_margins

RECORDS = list_records(make_table())


def fit_model(columns: Any) -> LogisticRegression:
    """Fit a model; on dense columns, for scikit-learn 1.9.1's liblinear refuses the vectorizer's sparse ones."""
    dense = columns.toarray() if hasattr(columns, "toarray") else columns
    return LogisticRegression(solver="liblinear").fit(dense, make_target()[: dense.shape[0]])


def fit_pair(records: list[dict[str, Any]], **options: Any) -> tuple[DictVectorizer, LogisticRegression]:
    """Fit what the lab pickles."""
    vectorizer = DictVectorizer(**options)
    columns = vectorizer.fit_transform(records)
    return vectorizer, fit_model(columns)


def check_pair(
    pair: tuple[DictVectorizer, Any], records: list[dict[str, Any]], options: Options | None = None
) -> Fitted:
    """Check that what is read from a pair scores records as the pair does, also through its pickle."""
    options = options or Options()
    fitted = read_estimator(pair, options=options)
    assert read_estimator(read_pickle(pickle.dumps(pair)), options=options) == fitted
    check_margins(fitted, records, pair[1].decision_function(pair[0].transform(records)))
    return fitted


@pytest.mark.parametrize(
    "options", [{}, {"sparse": False}, {"sort": False}, {"separator": " is "}, {"separator": "=="}], ids=str
)
def test_a_pair_scores_as_its_own_library(options: dict[str, Any]) -> None:
    """Sparse or dense, sorted or not, with whatever separator: the margins are scikit-learn's."""
    fitted = check_pair(fit_pair(RECORDS, **options), RECORDS)
    kinds = {field.name: type(field) for field in fitted.features}
    assert kinds == {
        "age": NumberField,
        "city": CategoryField,
        "income": NumberField,
        "member": NumberField,
        "size": CategoryField,
        "stars": NumberField,
    }
    assert fitted.estimator == "DictVectorizer + LogisticRegression"


def test_unsorted_fields_stand_in_the_order_of_training() -> None:
    """Fields come in the vectorizer's own order: sorted by name, or as they were met."""
    names = [field.name for field in read_estimator(fit_pair(RECORDS, sort=False)).features]
    assert names == ["city", "size", "stars", "age", "income", "member"]


def test_a_pipeline_of_a_vectorizer_scores_alike() -> None:
    """A Pipeline that starts with a DictVectorizer is the same, also when its sparse columns are scaled."""
    for scaler in (MaxAbsScaler(), StandardScaler(with_mean=False)):
        model = LogisticRegression(max_iter=500)
        pipeline = make_pipeline(DictVectorizer(), scaler, model).fit(RECORDS, make_target())
        fitted = read_estimator(pipeline)
        check_margins(fitted, RECORDS, pipeline.decision_function(RECORDS))
        assert fitted.estimator == f"Pipeline(DictVectorizer + {type(scaler).__name__} + LogisticRegression)"


def test_a_pair_may_be_a_list() -> None:
    """A list of vectorizer and model is the same as a tuple."""
    pair = fit_pair(RECORDS)
    assert read_estimator(list(pair)) == read_estimator(pair)


def test_a_restricted_vectorizer_reads_what_is_left() -> None:
    """restrict() leaves columns out, and so a level without a column is none of the field."""
    vectorizer = DictVectorizer().fit(RECORDS)
    vectorizer.restrict([at for at, name in enumerate(vectorizer.feature_names_) if name != "city=Cork"], indices=True)
    model = fit_model(vectorizer.transform(RECORDS))
    fitted = check_pair((vectorizer, model), RECORDS)
    assert fitted.features[1] == CategoryField(name="city", levels=("Bath", "Dijon", "Essen", "Faro"))


def test_unseen_counts_nothing_and_absent_has_no_rule() -> None:
    """An unseen level is all zeros, as the vectorizer has it; absent and null are not, for training never saw them."""
    pair = fit_pair(RECORDS)
    fitted = check_pair(pair, [*RECORDS, {**RECORDS[0], "city": "Ghent"}])
    rules = find_rules(fitted.predictor)
    assert rules["city"] == Rules(missing=False, unseen=True)
    assert rules["age"] == Rules(missing=False, unseen=False)


def test_an_optional_field_counts_as_zero_where_it_is_absent() -> None:
    """A field that training saw absent counts 0, number or text, exactly as the vectorizer has it."""
    records = [{name: value for name, value in record.items() if name != drop} for record, drop in
               zip(RECORDS, ["city", "age", "none"] * 40, strict=True)]  # fmt: skip
    pair = fit_pair(records)
    fitted = check_pair(pair, records, Options(optional=frozenset({"city", "age"})))
    assert find_rules(fitted.predictor)["city"] == Rules(missing=True, unseen=True)
    assert Impute(Number("age"), 0.0) in fitted.predictor.margins[0].inputs


def test_a_fill_is_what_the_author_put_there() -> None:
    """A blank scores as the value that the author's own preparation put in its place."""
    fitted = check_pair(fit_pair(RECORDS), RECORDS, Options(fill={"city": "Cork", "income": 12.5}))
    reference = Reference(Contract(fields=fitted.features), fitted.predictor)
    values: dict[str, Any] = {**RECORDS[0], "city": "Cork", "income": 12.5}
    blank = {**values, "city": None, "income": None}
    assert reference.compute_margin(blank) == reference.compute_margin(values)
    unseen = reference.compute_margin({**blank, "city": UNSEEN})
    assert unseen != reference.compute_margin(blank)


@pytest.mark.parametrize(
    ("fill", "what"),
    [
        ({"city": "Ghent"}, "'city' cannot be filled with 'Ghent', which is none of its levels"),
        ({"town": "Cork"}, "the model reads no field 'town'"),
    ],
)
def test_a_fill_that_cannot_be_is_refused(fill: dict[str, str], what: str) -> None:
    """A fill must name a field and be one of its levels."""
    with pytest.raises(UsageError, match=what):
        read_estimator(fit_pair(RECORDS), options=Options(fill=fill))


def test_text_cannot_fill_a_number() -> None:
    """A number's fill is a number."""
    with pytest.raises(UnsupportedError, match="> age: it is filled with the text 'x' and then read as a number"):
        read_estimator(fit_pair(RECORDS), options=Options(fill={"age": "x"}))


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("category", CategoryField(name="member", levels=(0, 1))),
        ("boolean", BooleanField(name="member")),
        ("integer", IntegerField(name="member")),
        ("number", NumberField(name="member")),
    ],
)
def test_a_number_may_be_of_another_kind(kind: Kind, field: object) -> None:
    """Who knows that a number is a flag, a boolean or whole says so, and the score is the same."""
    pair = fit_pair(RECORDS)
    said = read_estimator(pair, options=Options(kinds={"member": kind}))
    assert field in said.features
    assert said.predictor == read_estimator(pair).predictor
    records = [
        {**record, "member": record["member"] if kind == "boolean" else int(record["member"])} for record in RECORDS
    ]
    check_margins(said, records, pair[1].decision_function(pair[0].transform(RECORDS)))


def test_a_category_of_text_has_no_other_kind() -> None:
    """Text levels cannot be read as a number."""
    with pytest.raises(UsageError, match="'city' cannot be of kind integer"):
        read_estimator(fit_pair(RECORDS), options=Options(kinds={"city": "integer"}))


def make_ambiguous() -> tuple[DictVectorizer, LogisticRegression]:
    """Fit a pair with names that hold the separator more than once."""
    rows = [{**record, "plan": "a=b", "x=y": at % 7, "k=": "v"} for at, record in enumerate(RECORDS)]
    return fit_pair(rows)


def test_ambiguous_names_are_refused_by_name() -> None:
    """A name with two separators may be read in two ways, and both are told."""
    with pytest.raises(UnsupportedError) as caught:
        read_estimator(make_ambiguous())
    settle = "name the fields (--fields) to settle it"
    assert caught.value.parts == (
        (
            "vectorizer (DictVectorizer) > 'k==v'",
            "it may be level '=v' of field 'k' or level 'v' of field 'k='; " + settle,
        ),
        (
            "vectorizer (DictVectorizer) > 'plan=a=b'",
            "it may be level 'a=b' of field 'plan' or level 'b' of field 'plan=a'; " + settle,
        ),
    )


def test_fields_settle_ambiguous_names() -> None:
    """The names of the fields say where a name is to be split, and that one with a separator is a number."""
    pair = make_ambiguous()
    options = Options(fields=("plan", "x=y", "k="))
    fitted = read_estimator(pair, options=options)
    names = {field.name: field for field in fitted.features}
    assert names["plan"] == CategoryField(name="plan", levels=("a=b",))
    assert names["k="] == CategoryField(name="k=", levels=("v",))
    assert isinstance(names["x=y"], NumberField)
    rows = [{**record, "plan": "a=b", "x=y": at % 7, "k=": "v"} for at, record in enumerate(RECORDS)]
    check_pair(pair, rows, options)


def test_number_and_category_at_once_is_refused() -> None:
    """A field that was text in some records and a number in others is refused by its name."""
    rows = [{**record, "code": at if at % 2 else "none"} for at, record in enumerate(RECORDS)]
    with pytest.raises(UnsupportedError) as caught:
        read_estimator(fit_pair(rows))
    ((part, why),) = caught.value.parts
    assert part == "vectorizer (DictVectorizer) > code"
    assert why.startswith("it is number and category at once; training saw a number (or null) in some records and text")


def test_names_that_are_no_text_are_refused() -> None:
    """A key that is no text is none that a record can have."""
    rows = [{7: record["age"]} for record in RECORDS]
    with pytest.raises(UnsupportedError, match="> 7: a field's name that is not text"):
        read_estimator(fit_pair(rows))


def test_a_nameless_field_is_refused() -> None:
    """A column named only by a level has no field."""
    rows = [{**record, "": "x"} for record in RECORDS]
    with pytest.raises(UnsupportedError, match="'=x': its field has no name"):
        read_estimator(fit_pair(rows))


def test_numbers_in_single_precision_are_refused() -> None:
    """dtype=float32 rounds every number before it is weighed."""
    with pytest.raises(UnsupportedError, match="dtype=f4 rounds every number before it is used"):
        read_estimator(fit_pair(RECORDS, dtype=np.float32))


def test_a_vectorizer_that_was_not_fitted_is_refused() -> None:
    """Without a vocabulary there is nothing to read."""
    with pytest.raises(UnsupportedError, match="vocabulary_: it is not there: the vectorizer is not fitted"):
        read_estimator((DictVectorizer(), fit_pair(RECORDS)[1]))


def test_parts_that_were_not_fitted_together_are_refused() -> None:
    """A vectorizer and a model with another number of columns do not belong together."""
    other = fit_pair([{"age": record["age"]} for record in RECORDS])[1]
    with pytest.raises(UnsupportedError, match="it has 1 weights, and what comes before it makes 11 columns"):
        read_estimator((fit_pair(RECORDS)[0], other))
