"""Other people's tables: of other shapes than the lab's, trained beside plain scikit-learn on the same rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import augury
from augury.contract.fields import CategoryField, IntegerField, NumberField
from augury.errors import ContractError
from augury.scoring import score_table
from augury.tables.read import read_table
from tests.unit.training import public_tables
from tests.unit.training.tables import make_customers

# How much of the AUC of plain scikit-learn may be lost: less than its own standard error on a hundred rows.
MARGIN = 0.01
# Of the rows held out that a contract learned on four times as many may refuse, at most.
REFUSED = 0.02


def find_columns(trained: augury.Trained, code: str) -> set[str]:
    """Find the columns of which a thing was noticed."""
    return {notice.column for notice in trained.notices if notice.code == code}


def fit_plainly(fitting: pd.DataFrame, target: str) -> Any:
    """Fit what a person writes without Augury: numbers filled and scaled, texts indicated, logistic regression."""
    cells = fitting.drop(columns=target)
    numbers = cells.select_dtypes("number").columns.tolist()
    texts = [column for column in cells.columns if column not in numbers]
    preparation = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("texts", OneHotEncoder(handle_unknown="ignore"), texts),
        ]
    )
    return make_pipeline(preparation, LogisticRegression(max_iter=5000)).fit(cells, fitting[target])


@pytest.mark.parametrize(
    ("make", "target", "positive", "drop"),
    [
        (public_tables.make_breast_cancer, "tumour", "malignant", []),
        (public_tables.make_digits, "even", True, []),
        (public_tables.make_wine, "first", "yes", []),
        (public_tables.make_rare, "fraud", 1, []),
        (public_tables.make_affairs, "affair", 1, ["affairs"]),
        (public_tables.make_votes, "vote", 1, []),
        (public_tables.make_travellers, "choice", 1, []),
        (public_tables.make_insured, "seen", True, []),
        (
            public_tables.make_countries,
            "few",
            True,
            ["Country Name", "Country Code", "Indicator Name", "Indicator Code"],
        ),
    ],
)
def test_a_model_of_any_table_is_as_good_as_a_plain_one(
    make: Callable[[], pd.DataFrame], target: str, positive: object, drop: list[str], tmp_path: Path
) -> None:
    """It ranks the same rows as well, refuses nearly none, and says after a load what its estimator says."""
    frame = make().drop(columns=drop)
    fitting, held = train_test_split(frame, test_size=0.2, random_state=1, stratify=frame[target])
    trained = augury.train(fitting, target=target, positive=positive, test=held)
    plain = fit_plainly(fitting, target)
    chances = plain.predict_proba(held.drop(columns=target))[:, list(plain.classes_).index(positive)]
    auc = trained.evaluation.metrics.auc
    assert auc is not None
    assert auc.value >= roc_auc_score(held[target] == positive, chances) - MARGIN
    assert trained.evaluation.held_out.refused <= REFUSED * len(held)
    trained.model.save(tmp_path / "model.augury.json")
    # Reading scores every golden row again.
    scored = score_table(augury.load(tmp_path / "model.augury.json"), read_table(held))
    accepted = held.iloc[list(scored.rows.positions)][[field.name for field in trained.model.contract.features]]
    place = [str(each) for each in trained.estimator.classes_].index(str(positive))
    expected = trained.estimator.predict_proba(accepted)[:, place]
    np.testing.assert_allclose(scored.probabilities, expected, rtol=0, atol=1e-12)


def test_what_a_survey_asked_afterwards_is_told() -> None:
    """How often there was an affair gives away whether there was one; no answer to another question does."""
    trained = augury.train(public_tables.make_affairs(), target="affair")
    assert find_columns(trained, "leak") == {"affairs"}
    assert find_columns(trained, "code") == {"rate_marriage", "religious", "educ", "occupation", "occupation_husb"}
    (answer,) = (field for field in trained.model.contract.features if field.name == "religious")
    assert isinstance(answer, IntegerField)


def test_answers_on_a_scale_may_be_made_levels(tmp_path: Path) -> None:
    """The option of the notice works: whole numbers become levels, and a level that is new is refused."""
    (tmp_path / "contract.toml").write_text('[fields.occupation]\nkind = "category"\n')
    trained = augury.train(
        public_tables.make_affairs(), target="affair", drop=["affairs"], contract=tmp_path / "contract.toml"
    )
    (field,) = (field for field in trained.model.contract.features if field.name == "occupation")
    assert isinstance(field, CategoryField)
    assert field.levels == (1, 2, 3, 4, 5, 6)


def test_pixels_that_never_vary_are_dropped() -> None:
    """Of 64 pixels three are blank in every picture, and are no fields."""
    trained = augury.train(public_tables.make_digits(), target="even")
    assert find_columns(trained, "constant") == {"pixel_0_0", "pixel_4_0", "pixel_4_7"}
    assert len(trained.model.contract.features) == 61
    assert not find_columns(trained, "leak")


def test_a_rare_class_is_told() -> None:
    """With 2 in 100 positive the threshold and the figures are both told of."""
    trained = augury.train(public_tables.make_rare(), target="fraud")
    assert {"imbalance", "few_held"} <= {notice.code for notice in trained.notices}


def test_a_tiny_table_is_trained_and_told() -> None:
    """Of 32 students seven are held out, which is enough for a model and too few for its figures."""
    trained = augury.train(public_tables.make_grades(), target="GRADE")
    assert (trained.fitted, trained.evaluation.held_out.rows) == (25, 7)
    assert {"few_held", "chance"} <= {notice.code for notice in trained.notices}


def test_rows_of_one_traveller_stay_together() -> None:
    """The column of a group is no field, and what is left ranks the ways to travel."""
    trained = augury.train(public_tables.make_travellers(), target="choice", group="individual")
    assert "individual" not in [field.name for field in trained.model.contract.fields]
    assert trained.evaluation.held_out.rows % 4 == 0
    assert trained.evaluation.metrics.auc is not None
    assert trained.evaluation.metrics.auc.low > 0.5


def test_names_of_countries_are_no_fields() -> None:
    """Names and codes that differ on every row are dropped as identifiers, what never varies as constant."""
    trained = augury.train(public_tables.make_countries(), target="few")
    assert find_columns(trained, "identifier") == {"Country Name", "Country Code"}
    assert find_columns(trained, "constant") == {"Indicator Name", "Indicator Code"}
    years = trained.model.contract.features
    assert len(years) == 30
    assert {field.null for field in years} == {"impute"}
    assert find_columns(trained, "null") == {field.name for field in years}


def test_days_with_names_of_months_are_dates() -> None:
    """The dates of a share's prices are dropped with a line, and no price is a leak."""
    trained = augury.train(public_tables.make_prices(), target="rose")
    assert find_columns(trained, "date") == {"Date"}
    assert "Date" not in [field.name for field in trained.model.contract.fields]
    assert not find_columns(trained, "leak")


@pytest.fixture(scope="module")
def titanic(tmp_path_factory: pytest.TempPathFactory) -> augury.Trained:
    """The Titanic, with blank cells where nothing is known."""
    path = public_tables.write_titanic(tmp_path_factory.mktemp("titanic") / "titanic.csv", "")
    return augury.train(path, target="survived")


def test_blank_cells_among_numbers_are_null(titanic: augury.Trained) -> None:
    """The age of every fifth passenger is not known: it is a number all the same, and null is filled."""
    fields = {field.name: field for field in titanic.model.contract.features}
    age, sex = fields["age"], fields["sex"]
    assert isinstance(age, NumberField)
    assert age.null == "impute"
    assert isinstance(sex, CategoryField)
    assert sex.levels == ("female", "male")
    assert {"age", "fare", "cabin", "embarked", "boat", "body"} == find_columns(titanic, "null")


def test_free_text_and_rare_levels_are_told(titanic: augury.Trained) -> None:
    """Names, homes and tickets are no levels; cabins of fewer than five people are one group."""
    assert find_columns(titanic, "free_text") == {"name", "ticket", "home.dest"}
    assert find_columns(titanic, "rare") == {"cabin", "boat"}
    assert find_columns(titanic, "code") == {"pclass"}


def test_the_boat_that_saved_a_passenger_is_a_leak(titanic: augury.Trained) -> None:
    """It was known only afterwards, and with it the model looks better than any can be."""
    assert find_columns(titanic, "leak") == {"boat"}
    assert titanic.evaluation.metrics.auc is not None
    assert titanic.evaluation.metrics.auc.value > 0.98


def test_a_word_for_not_known_is_told(tmp_path: Path) -> None:
    """With ? in its cells a number becomes a category, and the notice says why and in how many rows."""
    path = public_tables.write_titanic(tmp_path / "titanic.csv", "?")
    trained = augury.train(path, target="survived", drop=["boat", "body"])
    (age,) = (notice for notice in trained.notices if notice.column == "age" and notice.code == "text_number")
    assert age.sentence == "age holds numbers, but for '?' in 212 rows, and so became a category"
    assert find_columns(trained, "missing_word") == {"cabin", "embarked"}
    assert trained.evaluation.metrics.auc is not None
    assert 0.8 < trained.evaluation.metrics.auc.value < 0.98


def test_a_table_of_nothing_but_names_says_why() -> None:
    """Where every column is dropped, the sentence says what each was."""
    rows = [{"name": f"name {number}", "born": f"{1900 + number}-01-31", "y": number % 2} for number in range(40)]
    with pytest.raises(ContractError) as refused:
        augury.train(rows, target="y")
    assert "name looks like an identifier: no value stands twice; it was dropped" in str(refused.value)
    few = [{"name": f"name {number % 15}", "y": number % 2} for number in range(40)]
    with pytest.raises(ContractError) as refused:
        augury.train(few, target="y")
    assert "every level of name stands in fewer than 5 rows; it was dropped" in str(refused.value)


def test_rows_held_out_that_are_refused_are_told_with_every_reason() -> None:
    """Each reason stands with its rows, the most frequent first, and the option is what accepts that one."""
    rows = make_customers()
    others = make_customers(20, seed=2)
    for row in others[:3]:
        row["Charge"] = None
    others[5]["Plan"] = "Three year"
    trained = augury.train(rows, target="Churn", identifiers=["customerID"], test=others)
    (notice,) = (notice for notice in trained.notices if notice.code == "held_out")
    assert notice.sentence.startswith(
        "the contract refuses 4 of the 20 rows held out, which no figure counts: Charge is null"
    )
    assert "(3 rows); 'Three year' is not a level of Plan" in notice.sentence
    assert notice.sentence.endswith("(1 row)")
    assert (notice.column, notice.option) == ("Charge", '--contract FILE with null = "impute"')
    assert trained.evaluation.metrics.rows == 16
