"""What a sample teaches about the contract of a fitted model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from augury.contract.check import RecordChecker
from augury.contract.fields import (
    BooleanField,
    Bounds,
    CategoryField,
    Contract,
    Feature,
    IdentifierField,
    IntegerField,
    NumberField,
)
from augury.contract.fold import fold
from augury.errors import ContractError
from augury.ir.walk import Rules
from augury.profile import QUANTILES, LevelProfile, NumberProfile, draw_record
from augury.tables.learn import Learned, learn_contract
from augury.tables.read import read_table
from augury.tables.table import Table, compute_fingerprint

NUMBER = NumberField(name="n")
WORDS = CategoryField(name="w", levels=("month_to_month", "one_year"))
ALL_RULES = Rules(missing=True, unseen=True)


def _learn(
    features: Sequence[Feature], rows: list[dict[str, Any]], rules: Mapping[str, Rules] | None = None, **options: Any
) -> Learned:
    return learn_contract(features, rules or {}, read_table(rows), **options)


def _learn_field(feature: Feature, *values: object, rules: Rules | None = None) -> tuple[Feature, list[str]]:
    rows = [{feature.name: value} for value in values]
    learned = _learn([feature], rows, {} if rules is None else {feature.name: rules})
    return learned.contract.features[0], [notice.code for notice in learned.notices]


@pytest.mark.parametrize(
    ("values", "learned", "codes"),
    [
        ((0, 1), CategoryField(name="n", levels=(0, 1)), []),
        (("0", "1"), CategoryField(name="n", levels=(0, 1)), []),
        ((0, 1.0), CategoryField(name="n", levels=(0, 1)), []),
        ((True, False), BooleanField(name="n"), []),
        (("True", "False"), BooleanField(name="n"), []),
        ((0, 72), IntegerField(name="n", seen=Bounds(0.0, 72.0), accepted=Bounds(0.0, 144.0)), []),
        ((1.0, 2.0), IntegerField(name="n", seen=Bounds(1.0, 2.0), accepted=Bounds(0.0, 3.0)), ["integral"]),
        ((0.5, 2), NumberField(name="n", seen=Bounds(0.5, 2.0), accepted=Bounds(0.0, 3.5)), []),
        ((1, 2, "x"), IntegerField(name="n", seen=Bounds(1.0, 2.0), accepted=Bounds(0.0, 3.0)), ["type"]),
    ],
)
def test_what_a_number_of_the_model_becomes(values: tuple[object, ...], learned: Feature, codes: list[str]) -> None:
    """A number that the sample holds as 0 and 1, as booleans or as integers becomes that kind, with its range."""
    assert _learn_field(NUMBER, *values) == (learned, codes)


def test_levels_list_the_spellings_of_the_sample() -> None:
    """A level that the sample spells otherwise is listed; one that no level folds to is told and refused."""
    values = ["Month-to-month", "one_year", "One year", "two_year", "Month-to-month"]
    learned = _learn([WORDS], [{"w": value} for value in values])
    spelt = {"Month-to-month": "month_to_month", "One year": "one_year"}
    assert learned.contract.features == (replace(WORDS, level_spellings=spelt),)
    (notice,) = learned.notices
    assert (notice.code, "'two_year'" in notice.sentence, "1 row;" in notice.sentence) == ("level", True, True)
    assert [record["w"] for record in learned.rows.iter_records()] == [
        "month_to_month",
        "one_year",
        "one_year",
        "month_to_month",
    ]
    assert tuple(learned.rows.positions) == (0, 1, 2, 4)
    assert [(refusal.field, refusal.code, refusal.rows) for refusal in learned.rows.refusals] == [("w", "level", 1)]


def test_spellings_stand_in_the_order_of_the_levels() -> None:
    """The order of the rows does not change the contract."""
    rows = [{"w": value} for value in ("One Year", "A-x", "One-year", "a x")]
    field = CategoryField(name="w", levels=("one_year", "a_x"))
    orders = []
    for each in (rows, rows[::-1]):
        learned = _learn([field], each).contract.features[0]
        assert isinstance(learned, CategoryField)
        orders.append(list(learned.level_spellings))
    assert orders == [["One Year", "One-year", "A-x", "a x"]] * 2


def test_levels_that_fold_alike_are_exact() -> None:
    """Where two levels of the model fold alike, no other spelling is listed."""
    exact = CategoryField(name="w", levels=("a", "A"))
    assert _learn_field(exact, "a", "A", "b") == (exact, ["level"])


def test_integer_and_boolean_levels() -> None:
    """Levels that are integers or booleans are read from text as well, and unknown ones are told."""
    digits = CategoryField(name="d", levels=(1, 2, 3))
    assert _learn_field(digits, "1", "2.0", "4") == (digits, ["level"])
    assert _learn_field(BooleanField(name="b"), "TRUE", "false") == (BooleanField(name="b"), [])


@pytest.mark.parametrize(
    ("feature", "values", "sentence"),
    [
        (NUMBER, ("yes", "no"), "reads 'n' as a number, but 'n' holds text such as 'yes', 'no'"),
        (NUMBER, (float("inf"), 10**400), "holds no finite number"),
        (WORDS, ("x", "y"), "category of text, and 'w' holds none of its levels, but 'x', 'y'"),
        (WORDS, (1, 2), "category of text, and 'w' holds no text"),
        (CategoryField(name="d", levels=(1, 2)), (7, 8), "category of integers, and 'd' holds none of its levels"),
        (BooleanField(name="b"), (0, 1), "reads 'b' as true or false, which 'b' does not hold"),
    ],
)
def test_a_column_that_cannot_be_the_field(feature: Feature, values: tuple[object, ...], sentence: str) -> None:
    """A column of another nature than the model reads is refused, by name."""
    with pytest.raises(ContractError, match=sentence):
        _learn_field(feature, *values)


def test_all_contradictions_at_once() -> None:
    """Every column that contradicts the model is named in one error."""
    with pytest.raises(ContractError, match=r"reads 'n' .*; the model reads 'w'"):
        _learn([NUMBER, WORDS], [{"n": "x", "w": "y"}])


# --- null and absent


def test_nulls_with_and_without_a_rule() -> None:
    """A null of the sample is accepted where the model has a rule; else the row is not used, and it is told."""
    assert _learn_field(NUMBER, 1.5, None, rules=ALL_RULES)[0].null == "impute"
    assert _learn_field(NUMBER, 1.5, 2.5, rules=ALL_RULES)[0].null == "refuse"
    learned = _learn([NUMBER], [{"n": 1.5}, {"n": None}, {"n": 2.5}])
    assert learned.contract.features[0].null == "refuse"
    assert [(notice.code, notice.option) for notice in learned.notices] == [("null", "--fill n=VALUE")]
    assert (learned.rows.refused, tuple(learned.rows.positions)) == (1, (0, 2))


def test_absence_with_and_without_a_rule() -> None:
    """A field that records of the sample lack is optional where the model has a rule; else it is told."""
    rows = [{"n": 1.5, "w": "one_year"}, {"w": "one_year"}]
    accepted = _learn([NUMBER, WORDS], rows, {"n": ALL_RULES})
    assert (accepted.contract.features[0].absent, accepted.rows.row_count) == ("optional", 2)
    assert list(accepted.rows.iter_records())[1]["n"] is None
    refused = _learn([NUMBER, WORDS], rows)
    assert [(notice.code, notice.option) for notice in refused.notices] == [("absent", "--fill n=VALUE")]
    assert refused.rows.refused == 1


def test_an_option_in_a_notice_can_be_pasted_into_a_shell() -> None:
    """A column with a space in its name is quoted where a notice names the option for it."""
    spaced = replace(NUMBER, name="days used")
    learned = _learn([spaced], [{"days used": 1.5, "Customer No": n} for n in range(29)] + [{"days used": None}])
    assert [notice.option for notice in learned.notices if notice.code == "null"] == ["--fill 'days used=VALUE'"]


def test_what_the_frontend_said_stays() -> None:
    """A policy that the author already asked for is not taken back by a sample without nulls."""
    filled = replace(NUMBER, null="impute")
    assert _learn_field(filled, 1.5, 2.5, rules=ALL_RULES)[0].null == "impute"


def test_not_one_row_is_accepted() -> None:
    """A sample of which every row is refused teaches nothing, and the error says why."""
    with pytest.raises(ContractError, match="not one of its 2 rows is accepted"):
        _learn([NUMBER, WORDS], [{"n": 1.5, "w": None}, {"n": None, "w": "one_year"}])


# --- columns and fields


def test_columns_are_matched_by_name_else_by_fold() -> None:
    """The header's spelling of a name is listed; an exact name is never taken by another's fold."""
    features = [NumberField(name="a_b"), NumberField(name="A B")]
    rows = [{"a-b": 1.5, "A B": 2.5, "ID": 7, "Sold": 1, "z": "u"}]
    learned = _learn(features, rows, target="sold", identifiers=["id"])
    assert [(field.name, field.spellings) for field in learned.contract.fields] == [
        ("id", ("ID",)),
        ("a_b", ("a-b",)),
        ("A B", ()),
    ]
    assert learned.target == "Sold"
    assert [(notice.column, notice.code) for notice in learned.notices] == [("z", "unused")]
    assert tuple(learned.rows.iter_records()) == ({"a_b": 1.5, "A B": 2.5},)


@pytest.mark.parametrize(
    ("rows", "options", "sentence"),
    [
        ([{"tenur": 1}], {}, r"the model reads 'tenure', for which the table has no column \(nearest is 'tenur'\)"),
        ([{"TEN-URE": 1}], {}, "for which the table has no column"),
        ([{"tenure": 1}], {"target": "tenure"}, "'tenure' is read by the model, so it cannot be the target"),
        ([{"tenure": 1, "cust": 2}], {"identifiers": ["custo"]}, r"no column 'custo' to be an identifier \(nearest"),
    ],
)
def test_columns_that_do_not_match(rows: list[dict[str, Any]], options: dict[str, Any], sentence: str) -> None:
    """A field without a column, and a column with two meanings, are refused by name."""
    with pytest.raises(ContractError, match=sentence):
        _learn([NumberField(name="tenure")], rows, **options)


def test_two_columns_that_could_be_one_field() -> None:
    """Two columns that fold to one field are both named."""
    with pytest.raises(ContractError, match="columns 'a-b', 'a b' are all spellings of 'a_b'"):
        _learn([NumberField(name="a_b")], [{"a-b": 1, "a b": 2}])


def test_identifiers_and_target_may_be_missing_from_the_sample() -> None:
    """A sample need not hold the target or an identifier, since neither is read."""
    learned = _learn([NUMBER], [{"n": 1.5}, {"n": 2.5}], target="churn", identifiers=["customerid"])
    assert learned.contract.identifiers == (IdentifierField(name="customerid"),)
    assert (learned.target, learned.notices) == (None, ())


def test_a_column_that_looks_like_an_identifier() -> None:
    """An unused column in which no value stands twice is told with the option that declares it."""
    learned = _learn([NUMBER], [{"n": number / 2, "Key": f"k{number}"} for number in range(20)])
    assert [(notice.code, notice.option) for notice in learned.notices] == [("identifier", "--id Key")]


# --- corrections


def test_a_correction_is_applied_before_the_rows_are_checked() -> None:
    """What a person corrects decides which rows are used."""

    def correct(contract: Contract) -> Contract:
        field = contract.features[0]
        assert isinstance(field, IntegerField)
        return replace(contract, fields=(replace(field, seen=Bounds(0.0, 2.0), accepted=None),))

    learned = _learn([NUMBER], [{"n": 1}, {"n": 9}], correct=correct)
    assert (tuple(learned.rows.positions), learned.rows.refusals[0].code) == ((0,), "range")


def test_a_correction_without_a_rule_is_refused() -> None:
    """A policy that the model has no rule for is refused, and how to give it one is said."""
    for policy, sentence in (({"null": "impute"}, "may not be missing"), ({"unseen": "note"}, "takes no unseen level")):
        with pytest.raises(ContractError, match=sentence):
            _learn(
                [WORDS],
                [{"w": "one_year"}],
                correct=lambda contract, policy=policy: replace(
                    contract, fields=(replace(contract.features[0], **policy),)
                ),
            )


# --- the profile


def test_the_profile_is_of_the_accepted_rows() -> None:
    """Quantiles, counts of levels seen at least five times, and shares of nulls are those of the accepted rows."""
    rows: list[dict[str, Any]] = [{"n": number, "w": "one_year"} for number in range(10)]
    rows += [{"n": None, "w": "Month-to-month"}, {"n": 5000, "w": "nonsense"}]
    learned = _learn([NUMBER, WORDS], rows, {"n": ALL_RULES})
    number, words = learned.profile_fields
    assert isinstance(number, NumberProfile)
    assert len(number.quantiles) == len(QUANTILES)
    assert (number.nulls, number.quantiles[QUANTILES.index(0.5)], number.quantiles[-1] < 9.0) == (1 / 11, 4.5, True)
    assert words == LevelProfile("w", 0.0, ("one_year",), (10,))
    profile = learned.make_profile([0.25] * 11)
    assert (profile.rows, profile.score) == (11, (0.25,) * len(QUANTILES))
    checker = RecordChecker(learned.contract)
    for _ in range(20):
        checked = checker.check(draw_record(learned.contract, profile, Random(1)).items())
        assert (checked.faults, checked.notes) == ((), ())


def test_a_field_without_a_value_has_a_profile() -> None:
    """A column of nulls alone is a profile of nothing but nulls, from which records can still be drawn."""
    learned = _learn([NUMBER, WORDS], [{"n": None, "w": "one_year"}] * 5, {"n": ALL_RULES})
    assert learned.profile_fields[0] == NumberProfile("n", 1.0, (0.0,) * len(QUANTILES))
    assert [notice.code for notice in learned.notices] == ["empty"]
    assert draw_record(learned.contract, learned.make_profile([0.5]), Random(1))["w"] == "one_year"


# --- the churn table


def _make_lab_features(table: Table) -> list[Feature]:
    """Make the fields that the lab's DictVectorizer knows: names and levels lower-cased, with ``_`` for spaces."""
    numbers = {"seniorcitizen", "tenure", "monthlycharges", "totalcharges"}
    features: list[Feature] = []
    for index, column in enumerate(table.columns):
        name = fold(column)
        if name in numbers:
            features.append(NumberField(name=name))
        elif name not in {"customerid", "churn"}:
            levels = {str(cell).lower().replace(" ", "_") for cell in table.iter_column(index)}
            features.append(CategoryField(name=name, levels=tuple(sorted(levels))))
    return features


def test_the_lab_model_learns_from_the_raw_table(telco_csv: Path) -> None:
    """The raw churn table teaches the lab's model spellings, kinds and ranges; only blank TotalCharges are refused."""
    table = read_table(telco_csv)
    features = _make_lab_features(table)
    learned = learn_contract(features, {}, table, target="churn", identifiers=["customerid"])
    fields = {field.name: field for field in learned.contract.fields}
    assert fields["customerid"] == IdentifierField(name="customerid", spellings=("customerID",))
    assert fields["seniorcitizen"] == CategoryField(name="seniorcitizen", spellings=("SeniorCitizen",), levels=(0, 1))
    assert fields["tenure"] == IntegerField(name="tenure", seen=Bounds(0.0, 72.0), accepted=Bounds(0.0, 144.0))
    contract = fields["contract"]
    assert isinstance(contract, CategoryField)
    assert (
        contract.level_spellings
        == {
            "Month-to-month": "month-to-month",
            "One year": "one_year",
            "Two year": "two_year",
        }
        | {}
    )
    assert (learned.rows.row_count, learned.rows.refused) == (7032, 11)
    assert [(notice.column, notice.option) for notice in learned.notices] == [
        ("TotalCharges", "--fill totalcharges=VALUE")
    ]
    assert learned.target == "Churn"


def test_a_rule_for_blanks_accepts_every_row(telco_csv: Path) -> None:
    """With a rule for blank TotalCharges, all 7,043 customers are accepted, and the same table teaches the same."""
    table = read_table(telco_csv)
    rules = {"totalcharges": Rules(missing=True, unseen=False)}
    learned = learn_contract(_make_lab_features(table), rules, table, target="churn", identifiers=["customerid"])
    assert (learned.rows.row_count, learned.notices) == (7043, ())
    assert compute_fingerprint(table) == "65849774665aec17810fff588423803b76275a3593eaaa48cd66c6b6bd71449c"
