from __future__ import annotations

import csv
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

import augury
from augury.contract.fields import CategoryField, IdentifierField, IntegerField, NumberField
from augury.errors import ContractError, UsageError
from tests.unit.training.tables import make_customers, with_column

CUSTOMERS = make_customers()
LAB_CUSTOMER = Path(__file__).parents[3] / "examples" / "lab-05" / "customer.json"


def train(rows: Any = CUSTOMERS, **said: Any) -> augury.Trained:
    """Train on the made-up customers."""
    return augury.train(rows, **{"target": "Churn", "identifiers": ["customerID"], **said})


def make_record(row: dict[str, Any], **other: Any) -> dict[str, Any]:
    """Make the record of a row: without the target, and with other cells."""
    return {name: cell for name, cell in (row | other).items() if name != "Churn"}


def find_codes(trained: augury.Trained) -> dict[str, str]:
    """List what was noticed: column and code of each notice."""
    return {notice.column: notice.code for notice in trained.notices}


@pytest.fixture(scope="module")
def trained() -> augury.Trained:
    """The made-up customers, trained as one does without further words."""
    return train(by=["plan", "Tenure"])


# --- the lab


def test_the_lab_comes_out_number_for_number(telco_csv: Path) -> None:
    """Its customer and its AUC on its own test rows are the lab's, and so is the pair of estimators."""
    found = augury.train(telco_csv, target="Churn", positive="Yes", identifiers=["customerID"], recipe="lab")
    customer = json.loads(LAB_CUSTOMER.read_text())
    assert found.model.predict_one(customer).probability == pytest.approx(0.0596057, abs=1e-6)
    assert found.evaluation.metrics.auc is not None
    assert round(found.evaluation.metrics.auc.value, 3) == 0.858
    assert (found.evaluation.held_out.how, found.evaluation.held_out.rows, found.fitted) == ("random", 1409, 5634)
    vectorizer, classifier = found.estimator
    record = {name: value for name, value in customer.items() if name != "customerid"}
    probability = classifier.predict_proba(vectorizer.transform([record]))[0, 1]
    assert probability == pytest.approx(0.0596057, abs=1e-6)


def test_the_default_is_at_least_as_good_as_the_lab(telco_csv: Path, tmp_path: Path) -> None:
    """Fitted and held out on the lab's own rows, log loss and AUC are no worse."""
    with telco_csv.open(newline="") as file:
        header, *rows = csv.reader(file)
    fitting, held = train_test_split(np.arange(len(rows)), test_size=0.2, random_state=1)
    for name, places in (("fitting", sorted(fitting)), ("held", held)):
        with (tmp_path / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([header, *(rows[place] for place in places)])
    said = {"target": "Churn", "identifiers": ["customerID"], "test": tmp_path / "held.csv"}
    lab = augury.train(tmp_path / "fitting.csv", recipe="lab", **said).evaluation
    default = augury.train(tmp_path / "fitting.csv", **said).evaluation
    assert (default.held_out.how, default.held_out.rows) == ("table", 1409)
    assert default.metrics.auc is not None
    assert lab.metrics.auc is not None
    assert default.metrics.log_loss.value <= lab.metrics.log_loss.value
    assert default.metrics.auc.value >= lab.metrics.auc.value


# --- the model


def test_the_contract_is_the_tables(trained: augury.Trained) -> None:
    """Kinds and levels are as the table has them, and the identifier is declared."""
    fields = {field.name: field for field in trained.model.contract.fields}
    assert list(fields) == ["customerID", "Plan", "Tenure", "Charge", "Senior", "Paperless"]
    assert isinstance(fields["customerID"], IdentifierField)
    assert isinstance(fields["Plan"], CategoryField)
    assert fields["Plan"].levels == ("Month to month", "One year", "Two year")
    assert isinstance(fields["Tenure"], IntegerField)
    assert isinstance(fields["Charge"], NumberField)


def test_the_estimator_says_the_same(trained: augury.Trained) -> None:
    """The pipeline that comes with the model gives its probabilities, and names its classes as the table does."""
    names = [field.name for field in trained.model.contract.features]
    frame = pd.DataFrame(CUSTOMERS[:50])[names]
    frame = frame.astype({"Paperless": float, "Plan": object})
    theirs = trained.estimator.predict_proba(frame)[:, list(trained.estimator.classes_).index("Yes")]
    ours = [trained.model.predict_one(customer).probability for customer in CUSTOMERS[:50]]
    assert ours == pytest.approx(theirs.tolist(), abs=1e-12)
    assert trained.model.document.model.target.positive == "Yes"


def test_parity_with_the_estimator_is_proved(trained: augury.Trained) -> None:
    """The document holds a proof against the living pipeline on every fitting row."""
    proofs = trained.model.document.model.provenance.proofs
    assert [proof.rows >= 320 and proof.flips == 0 for proof in proofs] == [True, True]


def test_the_evaluation_is_of_rows_held_out(trained: augury.Trained) -> None:
    """A fifth is held out, stratified, and the groups that were asked for are told."""
    evaluation = trained.evaluation
    assert (evaluation.held_out.how, evaluation.held_out.rows, trained.fitted) == ("stratified", 80, 320)
    assert evaluation == trained.model.document.model.evaluation == trained.report.evaluation
    assert {group.field for group in evaluation.groups} <= {"Plan", "Tenure"}


def test_the_strength_is_the_one_with_the_least_loss(trained: augury.Trained) -> None:
    """Each C that was tried has its out-of-fold log loss, and the chosen one the least."""
    assert len(trained.losses) == 8
    assert trained.losses[trained.strength] == min(trained.losses.values())


def test_the_same_again_is_the_same_bytes(trained: augury.Trained, tmp_path: Path) -> None:
    """The same table, options and seed give the same file, page and digest; another seed another."""
    again = train(by=["plan", "Tenure"])
    trained.save(tmp_path / "first.augury.json")
    again.save(tmp_path / "second.augury.json")
    assert (tmp_path / "first.augury.json").read_bytes() == (tmp_path / "second.augury.json").read_bytes()
    assert train(by=["plan", "Tenure"], seed=2).model.digest != trained.model.digest


def test_it_shows_itself(trained: augury.Trained) -> None:
    """Its text names the model, and a notebook gets the report's short form."""
    assert repr(trained) == f"<augury.Trained churn@{trained.model.digest[7:19]}>"
    assert "churn" in trained._repr_html_()


def test_the_pickle_is_the_estimator(trained: augury.Trained, tmp_path: Path) -> None:
    """It compiles to the same weights, and a path that cannot be written to is one sentence."""
    trained.pickle(tmp_path / "churn-model.bin")
    loaded = pickle.loads((tmp_path / "churn-model.bin").read_bytes())
    assert loaded[-1].coef_.tolist() == trained.estimator[-1].coef_.tolist()
    assert augury.compile(tmp_path / "churn-model.bin", target="churn").contract.features
    with pytest.raises(UsageError, match="the pickle cannot be written"):
        trained.pickle(tmp_path / "absent" / "churn-model.bin")
    assert [path.name for path in tmp_path.iterdir()] == ["churn-model.bin"]


# --- options


def test_a_threshold_is_chosen_out_of_fold() -> None:
    """What chose it is in the document, and the evaluation is at that threshold."""
    found = train(benefit=100, cost=30, accept=0.8)
    decision = found.model.document.model.decision
    assert "the largest profit" in decision.chosen
    assert decision.threshold == found.model.threshold
    assert found.evaluation.metrics.confusion is not None
    assert found.evaluation.metrics.confusion.threshold == decision.threshold
    assert found.evaluation.profit is not None
    assert found.report.curves is not None
    assert found.report.curves.chosen_on is not None


def test_the_other_class_may_be_positive(trained: augury.Trained) -> None:
    """The probability of the one is what the other lacks."""
    other = train(positive="No")
    customer = CUSTOMERS[3]
    ours, theirs = (found.model.predict_one(customer).probability for found in (trained, other))
    assert ours + theirs == pytest.approx(1.0, abs=1e-9)


def test_a_fixed_strength_and_threshold_need_no_folds(tmp_path: Path) -> None:
    """Nothing is cross-validated where nothing is chosen."""
    (tmp_path / "mine.toml").write_text("[classifier]\nC = 0.7\n")
    steps: list[tuple[str, int, int]] = []
    found = train(recipe=tmp_path / "mine.toml", progress=lambda *told: steps.append(told))
    assert (found.strength, found.losses) == (0.7, {})
    assert max(total for _, _, total in steps) == 1
    assert [step for step, _, _ in steps] == [
        "reading the table",
        "learning the contract",
        "fitting",
        "fitting",
        "compiling and proving parity",
        "evaluating",
    ]


def test_rare_levels_never_reach_the_artifact() -> None:
    """They are one group to the model, no levels of the contract, and noted; how to have it otherwise is told."""
    plans = ["secret" if at in (3, 90, 200) else row["Plan"] for at, row in enumerate(CUSTOMERS)]
    rows = [{**row, "Plan": plan} for row, plan in zip(CUSTOMERS, plans, strict=True)]
    for recipe in ("logistic", "lab"):
        found = train(rows, recipe=recipe)
        [plan] = [field for field in found.model.contract.features if field.name.lower() == "plan"]
        assert isinstance(plan, CategoryField)
        assert len(plan.levels) == 3
        assert plan.unseen == "note"
        assert "secret" not in json.dumps([str(found.model.document)])
        assert find_codes(found)["Plan"] == "rare"
        answer = found.model.predict_one(make_record(CUSTOMERS[0], Plan="secret"))
        assert [note.code for note in answer.notes] == ["level"]
        another = found.model.predict_one(make_record(CUSTOMERS[0], Plan="another"))
        assert answer.probability == another.probability


def test_nulls_are_told_and_noted() -> None:
    """A number is imputed, a text is a level of its own, and each count is told."""
    rows = with_column(CUSTOMERS, "Usage", [None if at % 5 == 0 else at * 0.37 % 9 for at in range(len(CUSTOMERS))])
    rows = with_column(rows, "Site", [None if at % 4 == 0 else "ab"[at % 2] for at in range(len(CUSTOMERS))])
    for recipe in ("logistic", "lab"):
        found = train(rows, recipe=recipe)
        assert find_codes(found)["Usage"] == find_codes(found)["Site"] == "null"
        answer = found.model.predict_one(make_record(rows[1], Usage=None, Site=None))
        assert [note.code for note in answer.notes] == ["imputed", "imputed"]


def test_columns_that_are_no_fields_are_told() -> None:
    """Identifiers, constants, dates, addresses and a leak each have a line with the option."""
    count = len(CUSTOMERS)
    rows = with_column(CUSTOMERS, "mail", [f"user{at % 50}@example.org" for at in range(count)])
    rows = with_column(rows, "since", [f"2026-01-{1 + at % 28:02d}" for at in range(count)])
    rows = with_column(rows, "constant", ["x"] * count)
    rows = with_column(rows, "reason", ["moved" if row["Churn"] == "Yes" else "none" for row in rows])
    found = train(rows, identifiers=[])
    codes = find_codes(found)
    assert codes["mail"] == "email"
    assert (codes["since"], codes["constant"], codes["customerID"]) == ("date", "constant", "identifier")
    assert [notice.option for notice in found.notices if notice.code == "leak"] == ["--drop reason"]


def test_corrections_by_hand_are_applied(tmp_path: Path) -> None:
    """A kind, a policy and bounds are the file's, and what it says of the target is left alone."""
    path = tmp_path / "contract.toml"
    path.write_text(
        '[fields.Tenure]\nkind = "number"\naccepted = { low = 0, high = 100 }\nseen = { low = 0, high = 71 }\n'
        '[fields.Charge]\nfar = "note"\n[fields.Churn]\nkind = "category"\nlevels = ["No", "Yes"]\n'
        '[fields.customerID]\nkind = "identifier"\n'
    )
    fields = {field.name: field for field in train(contract=path, identifiers=[]).model.contract.fields}
    assert isinstance(fields["customerID"], IdentifierField)
    assert isinstance(fields["Tenure"], NumberField)
    assert fields["Tenure"].accepted is not None
    assert fields["Tenure"].accepted.high == 100
    assert isinstance(fields["Charge"], NumberField)
    assert fields["Charge"].far == "note"


def test_class_weights_are_told() -> None:
    """Balanced weights move the probabilities, and that is said."""
    found = train(class_weight="balanced")
    assert "class_weight" in {notice.code for notice in found.notices}
    assert found.estimator[-1].class_weight == "balanced"


def test_few_positives_are_told() -> None:
    """Below a twentieth the options that choose a threshold are named."""
    kept = [row for row in make_customers(2000, 5) if row["Churn"] == "No"]
    rare = [row for row in make_customers(2000, 6) if row["Churn"] == "Yes"][:30]
    assert "imbalance" in {notice.code for notice in train(kept + rare).notices}


def test_an_evaluation_that_shows_little_is_told() -> None:
    """Few rows of a class held out have a line, and so has an order that may be chance; a good model has neither."""
    noise = [{"x": at * 0.37 % 9, "Churn": "NY"[at * at % 7 == 2]} for at in range(60)]
    found = {notice.code: notice.sentence for notice in train(noise, identifiers=[]).notices}
    assert "of the 12 rows held out 3 are positive" in found["few_held"]
    assert "do not show that the model ranks better than chance" in found["chance"]
    assert not {"few_held", "chance"} & {notice.code for notice in train(make_customers(1000)).notices}


def test_rows_of_no_group_are_counted() -> None:
    """Where a field has too few rows of a value, that the evaluation leaves them out is told."""
    rows = with_column(CUSTOMERS, "Site", ["a" if at % 5 else "b" for at in range(len(CUSTOMERS))])
    sentences = {notice.column: notice.sentence for notice in train(rows, by=["Site"]).notices}
    assert "of the 80 rows held out are in no group that is told" in sentences["Site"]


def test_an_offer_that_earns_nothing_is_told() -> None:
    """Where no contact earns what it costs nobody is flagged, and that has a line."""
    found = train(benefit=1, cost=5)
    assert found.evaluation.profit is not None
    assert "nothing is earned" in {notice.code: notice.sentence for notice in found.notices}["profit"]
    assert "a cost of 5 and all who accept" in found.model.document.model.decision.chosen
    assert "profit" not in find_codes(train(benefit=100, cost=5)).values()


@pytest.mark.parametrize("recipe", ["logistic", "lab"])
@pytest.mark.parametrize("large", [1e300, -3.4e38])
def test_numbers_too_large_to_fit_on_are_refused(recipe: str, large: float) -> None:
    """A column that is empty but for a sentinel, or in a strange unit, is named in one sentence."""
    rows = with_column(CUSTOMERS, "Usage", [large if at % 3 == 0 else at * 0.37 % 9 for at in range(len(CUSTOMERS))])
    with pytest.raises(ContractError, match=r"Usage holds .*write what is unknown as null"):
        train(rows, recipe=recipe)


def test_a_frame_a_file_and_records_are_one(trained: augury.Trained, tmp_path: Path) -> None:
    """The same cells give the same weights, wherever they come from."""
    frame = pd.DataFrame(CUSTOMERS)
    frame.to_csv(tmp_path / "customers.csv", index=False)
    predictor = trained.model.document.model.predictor
    assert train(frame).model.document.model.predictor == predictor
    assert train(tmp_path / "customers.csv").model.document.model.predictor == predictor


def test_times_and_groups_are_no_fields() -> None:
    """The column that parts the rows is not read by the model, and is in the evaluation."""
    rows = with_column(CUSTOMERS, "Month", [f"2026-{1 + at % 12:02d}-01" for at in range(len(CUSTOMERS))])
    for said in ({"time": "Month"}, {"group": "Month"}):
        found = train(rows, threshold="f1", **said)
        assert (found.evaluation.held_out.how, found.evaluation.held_out.column) == (next(iter(said)), "Month")
        assert "Month" not in [field.name for field in found.model.contract.fields]
