"""What is proposed from a table alone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

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
from augury.errors import ContractError
from augury.tables.infer import Inferred, infer_field
from augury.tables.notice import Notice, gather_notices
from augury.tables.propose import propose_contract
from augury.tables.read import read_table
from augury.tables.summarise import summarise
from augury.tables.table import make_table

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _infer(*values: object, name: str = "x") -> Inferred:
    return infer_field(summarise(read_table([{name: value} for value in values]), name))


def _infer_text(*cells: str, name: str = "x") -> Inferred:
    return infer_field(summarise(make_table((name,), [(cell,) for cell in cells], is_text=True, where="t"), name))


def _codes(inferred: Inferred) -> list[str]:
    return [notice.code for notice in inferred.notices]


@pytest.mark.parametrize(
    ("values", "field", "codes"),
    [
        (("b", "a", "b"), CategoryField(name="x", levels=("a", "b")), ["rare"]),
        ((0, 1, 1), CategoryField(name="x", levels=(0, 1)), []),
        ((0, 1, None), CategoryField(name="x", levels=(0, 1), null="impute"), []),
        ((0, 3), IntegerField(name="x", seen=Bounds(0.0, 3.0), accepted=Bounds(0.0, 6.0)), []),
        ((0.0, 3.0), IntegerField(name="x", seen=Bounds(0.0, 3.0), accepted=Bounds(0.0, 6.0)), ["integral"]),
        ((-1, 0.5), NumberField(name="x", seen=Bounds(-1.0, 0.5), accepted=Bounds(-2.5, 2.0)), []),
        ((2**60, 1), NumberField(name="x", seen=Bounds(1.0, 2.0**60), accepted=Bounds(0.0, 2.0**61 - 1)), []),
        ((True, False, None), BooleanField(name="x", null="impute"), []),
        (
            ("1", "2.5", " "),
            NumberField(name="x", seen=Bounds(1.0, 2.5), accepted=Bounds(0.0, 4.0), null="impute"),
            ["number"],
        ),
        ((1, 2, float("inf")), IntegerField(name="x", seen=Bounds(1.0, 2.0), accepted=Bounds(0.0, 3.0)), ["infinite"]),
    ],
)
def test_kinds_of_typed_columns(values: tuple[object, ...], field: Feature, codes: list[str]) -> None:
    """A typed column becomes the field that its values are, with the range and the nulls that it has."""
    inferred = _infer(*values)
    assert inferred.field == field
    assert _codes(inferred) == codes


@pytest.mark.parametrize(
    ("cells", "field", "codes"),
    [
        (("1", "0"), CategoryField(name="x", levels=(0, 1)), []),
        (("1", "72"), IntegerField(name="x", seen=Bounds(1.0, 72.0), accepted=Bounds(0.0, 143.0)), []),
        (("TRUE", "false"), BooleanField(name="x"), []),
        (("Yes", "No", ""), CategoryField(name="x", levels=("No", "Yes"), null="impute"), ["rare"]),
        (("1", "2", "3", "NA"), CategoryField(name="x", levels=("1", "2", "3", "NA")), ["text_number", "rare"]),
        (("1,5", "2,5"), CategoryField(name="x", levels=("1,5", "2,5")), ["notation", "rare"]),
        (("$1,200", "15"), CategoryField(name="x", levels=("$1,200", "15")), ["notation", "rare"]),
        (("5%", "10%", "NA"), CategoryField(name="x", levels=("10%", "5%", "NA")), ["notation", "rare"]),
        (("red", "?", "blue"), CategoryField(name="x", levels=("?", "blue", "red")), ["missing_word", "rare"]),
        (("none", "unknown"), CategoryField(name="x", levels=("none", "unknown")), ["rare"]),
        (("Yes", "yes"), CategoryField(name="x", levels=("Yes", "yes")), ["exact", "rare"]),
        (("a", "b\nc", "d"), CategoryField(name="x", levels=("a", "d")), ["control_character", "rare"]),
    ],
)
def test_kinds_of_text_columns(cells: tuple[str, ...], field: Feature, codes: list[str]) -> None:
    """A column of a text file becomes the field that its texts mean, and what is doubtful is told."""
    inferred = _infer_text(*cells)
    assert inferred.field == field
    assert _codes(inferred) == codes


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (("", " "), "empty"),
        (("a", "a", "a"), "constant"),
        (("7", "7.0"), "constant"),
        (("2020-01-31", "1999-12-01", ""), "date"),
        (("31.01.2020", "1/2/99"), "date"),
        (("2020-01-31T10:00:00Z", "2020-01-31 10:00"), "date"),
        (("1992.05.01", "1992/5/2", "NA"), "date"),
        (("Jan 5, 2020", "December 31 1999", "Sept. 1, 2001"), "date"),
        (("5-Jan-20", "05JAN2020", "Sunday, 1 March 2020"), "date"),
        (("2020-01", "2020Q3", "Mar 2020"), "date"),
        (("20200101", "20200229", "20201231", "19991231", "20010101"), "date"),
        (("NA", *(f"{number / 8}" for number in range(19))), "text_number"),
        (tuple(f"{number},5" for number in range(20)), "notation"),
        (("a@b.de", "c@d.org", "none"), "email"),
        (tuple(f"key {number}" for number in range(20)), "identifier"),
        (tuple(str(number) for number in range(100, 120)), "identifier"),
        (tuple(f"{first}{second}" for first in LETTERS for second in LETTERS) * 2, "free_text"),
    ],
)
def test_what_is_dropped(cells: tuple[str, ...], code: str) -> None:
    """A column that no model should read is dropped with a line that says why and how to keep it."""
    inferred = _infer_text(*cells)
    assert inferred.field is None
    assert _codes(inferred) == [code]
    assert inferred.notices[0].sentence.startswith("x ")
    assert inferred.notices[0].option


def test_a_text_that_may_tell_customers_apart_can_be_an_identifier() -> None:
    """Addresses, and free text by the name of a key, are dropped with the option that keeps them as identifiers."""
    assert _infer_text("a@b.de", "c@d.org").notices[0].option == "--id x"
    keys = [f"{first}{second}" for first in LETTERS for second in LETTERS] * 2
    assert _infer_text(*keys, name="Customer No").notices[0].option == "--id 'Customer No'"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ((dt.date(2020, 1, 1), dt.datetime(2020, 1, 2, tzinfo=dt.UTC)), "date"),
        ((1, "a"), "mixed"),
        ((1, True), "mixed"),
        ((b"x", b"y"), "mixed"),
        ((1j, 2), "mixed"),
    ],
)
def test_typed_columns_that_are_dropped(values: tuple[object, ...], code: str) -> None:
    """Dates, objects and mixed types become no field."""
    inferred = _infer(*values)
    assert (inferred.field, _codes(inferred)) == (None, [code])


def test_a_key_is_told_from_an_amount() -> None:
    """Integers that all differ are a key when they count or are called one; else they stay a number, and it is told."""
    amounts = [number**2 for number in range(30)]
    assert _codes(_infer(*amounts)) == ["key"]
    assert isinstance(_infer(*amounts).field, IntegerField)
    assert _codes(_infer(*amounts, name="customer_id")) == ["identifier"]
    assert _codes(_infer(*range(30))) == ["identifier"]
    assert _codes(_infer(*range(10))) == []


def test_levels_up_to_the_limit_are_no_free_text() -> None:
    """Text is free from 201 levels on that are more than 20 % of the rows."""
    levels = [f"{first}{second}" for first in LETTERS for second in LETTERS]
    assert _infer(*levels[:200] * 2).field is not None
    assert _codes(_infer(*levels[:201] * 2)) == ["free_text"]
    assert _infer(*levels[:201] * 5).field is not None


def test_absence_is_optional_where_records_lack_the_key() -> None:
    """A field that records lacked is optional; one that was null is imputed."""
    contract = propose_contract(read_table([{"a": 1.5, "b": "x"}, {"a": None, "b": "y"}, {"a": 2.5}])).contract
    assert [(field.null, field.absent) for field in contract.features] == [("impute", "refuse"), ("refuse", "optional")]


def test_target_identifiers_and_dropped_columns() -> None:
    """The target and dropped columns are no fields; identifiers are; names may be spelt by their fold."""
    table = read_table([{"ID": 1, "a b": 1.5, "Sold": "y", "c": "u"}, {"ID": 2, "a b": 2.5, "Sold": "n", "c": "v"}])
    proposed = propose_contract(table, target="sold", identifiers=["id"], drop=["c"])
    bounds = {"seen": Bounds(1.5, 2.5), "accepted": Bounds(0.5, 3.5)}
    assert proposed.contract == Contract(fields=(IdentifierField(name="ID"), NumberField(name="a b", **bounds)))
    assert proposed.target == "Sold"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"target": "Churm"}, r"no column 'Churm' \(nearest is 'Churn'\)"),
        ({"drop": ["zzz"]}, "there is no column 'zzz'"),
        ({"target": "Churn", "drop": ["churn"]}, "'Churn' is named twice"),
        ({"drop": ["a", "Churn"]}, "no column is left for a model to read"),
    ],
)
def test_names_that_cannot_be_honoured(arguments: dict[str, object], sentence: str) -> None:
    """A name that is no column, or named twice, is refused with the nearest."""
    with pytest.raises(ContractError, match=sentence):
        propose_contract(read_table([{"a": 1.5, "Churn": "y"}, {"a": 2.5, "Churn": "n"}]), **arguments)  # type: ignore[arg-type]


def test_a_name_that_no_field_can_have() -> None:
    """A column whose name holds a quote is dropped with a line, and the others are kept."""
    proposed = propose_contract(
        read_table([{'"; DROP TABLE': 1.5, "<script>": 1.5}, {'"; DROP TABLE': 2, "<script>": 2}])
    )
    assert [field.name for field in proposed.contract.fields] == ["<script>"]
    assert [notice.code for notice in proposed.notices] == ["name"]


def test_no_field_is_left() -> None:
    """A table of constants alone is refused, with why each column was dropped."""
    with pytest.raises(ContractError, match="a holds one value only"):
        propose_contract(read_table([{"a": 1}, {"a": 1}]))


def test_the_raw_churn_table(telco_csv: Path) -> None:
    """The churn table as it is published: keys, blanks and 0/1 columns are found, and all levels are the table's."""
    proposed = propose_contract(read_table(telco_csv), target="churn")
    fields = {field.name: field for field in proposed.contract.features}
    assert proposed.target == "Churn"
    assert len(fields) == 19
    assert fields["SeniorCitizen"] == CategoryField(name="SeniorCitizen", levels=(0, 1))
    assert fields["tenure"] == IntegerField(name="tenure", seen=Bounds(0.0, 72.0), accepted=Bounds(0.0, 144.0))
    assert isinstance(fields["TotalCharges"], NumberField)
    assert (fields["TotalCharges"].null, fields["TotalCharges"].seen) == ("impute", Bounds(18.8, 8684.8))
    assert [(notice.column, notice.code) for notice in proposed.notices] == [
        ("customerID", "identifier"),
        ("TotalCharges", "number"),
    ]
    assert "11 rows" in proposed.notices[1].sentence


def test_words_that_only_look_like_dates_are_levels() -> None:
    """Names of months and weekdays, years, codes and small whole numbers stay what they are."""
    for cells in (("Jan", "Feb"), ("Sunday", "Monday"), ("may 1", "mayor 12"), ("1234-56", "2020-13"), ("Q1", "Q2")):
        assert isinstance(_infer_text(*cells).field, CategoryField), cells
    for numbers in ((1999, 2001, 2020), (20200101, 20200102), (20200101, 20201301, 20203112, 20200132, 20200001)):
        assert isinstance(_infer(*numbers).field, IntegerField), numbers


@pytest.mark.parametrize(
    ("cells", "notation"),
    [
        (("1,5", "2"), "a decimal comma"),
        (("1.234,5", "7,25"), "a decimal comma"),
        (("1,234", "1,234,567.5"), "commas between thousands"),
        (("-$5", "$1,234"), "commas between thousands"),
        (("12 %", "7.5%"), "a currency or percent sign"),
    ],
)
def test_numbers_in_another_notation_are_told(cells: tuple[str, ...], notation: str) -> None:
    """Numbers that no engine may guess at stay texts, and the notice names their notation."""
    notice = _infer_text(*cells).notices[0]
    assert notice.sentence == f"x holds numbers with {notation}, and so became a category"
    assert notice.option == "a table in which 1234.5 is written 1234.5"


def test_words_for_not_known_do_not_hide_numbers() -> None:
    """A column of numbers, most of which are not known, is told as one, with the rows that stand in the way."""
    codes = ["19952", "13502", "113781", "113760", "PC 1", "PC 2", "C.A. 3", "A/5", "S.C./4", "WE/P"]
    assert _codes(_infer_text(*codes)) == ["rare"]
    notice = _infer_text("NA", "NA", "NA", "NA", "1", "2").notices[0]
    assert (notice.code, notice.sentence) == (
        "text_number",
        "x holds numbers, but for 'NA' in 4 rows, and so became a category",
    )


def test_a_cell_that_is_no_number_is_handed_to_nobody() -> None:
    """Who trains is told of the cell that stands in the way; a report says only that there is one."""
    (notice, _) = _infer_text("1", "2", "3", "ask Meier", "NA").notices
    assert "'ask Meier', 'NA' in 2 rows" in notice.sentence
    assert "…, 'NA' in 2 rows" in notice.tell_others()


def test_numbers_that_stand_for_not_known_are_told() -> None:
    """Nines far from all other numbers, more than once, are told; nines among the others are not."""
    far = _infer(1, 2, 3, 4, -999, -999).notices
    assert [notice.code for notice in far] == ["stand_in"]
    assert far[0].sentence == "x is -999 in 2 rows, far from all others (1 to 4), and was taken as a number"
    assert _codes(_infer(1.5, 2.5, 40.0, 99.0, 99.0)) == ["stand_in"]
    for numbers in ((1, 2, 3, 4, -999), (1, 2, 3, 9, 9), (1, 60, 99, 99), (99, 99, 1), (1, 2, 3, 1000, 1000)):
        assert _codes(_infer(*numbers)) == [], numbers


def test_an_identifier_that_repeats_is_told() -> None:
    """A field named like an identifier of which values repeat is kept, with the options for it."""
    notice = _infer(1, 50, 50, name="Store ID").notices[0]
    assert (notice.code, notice.option) == (
        "id_name",
        "--id 'Store ID', or --group 'Store ID' to train on whole groups",
    )
    assert _codes(_infer("a", "b", "b", name="userId")) == ["rare", "id_name"]
    for name in ("paid", "Covid", "idle", "PID"):
        assert _codes(_infer(1, 50, 50, name=name)) == []
    assert _codes(_infer(1, 50, 60, name="Store ID")) == []
    assert _codes(_infer(1, 0, 0, name="Store ID")) == []


def test_a_few_whole_numbers_may_be_codes() -> None:
    """Three to seven whole numbers that each stand in five rows are told, for a code is no amount."""
    assert _codes(_infer(*[1, 2, 3] * 5)) == ["code"]
    assert _codes(_infer_text("01067", "80331", "01099")) == ["code"]
    assert _codes(_infer_text("0.5", "0", "10")) == []
    for numbers in ([1, 2] * 5, [1, 2, 3] * 4, [1, 2, 2.5] * 5, [*range(1, 9)] * 5):
        assert "code" not in _codes(_infer(*numbers)), numbers


def test_notices_of_many_columns_are_gathered() -> None:
    """Four alike become one that names the columns; three stand for themselves, and each leak does."""
    alike = [Notice(column, "date", f"{column} holds dates; it was dropped") for column in "abcd"]
    assert gather_notices(alike[:3]) == alike[:3]
    other = Notice("", "imbalance", "only 1% of the rows are positive")
    gathered = gather_notices([alike[0], other, *alike[1:]])
    assert [notice.sentence for notice in gathered] == [
        "a holds dates; it was dropped; much the same holds of b, c, d",
        other.sentence,
    ]
    leaks = [Notice(column, "leak", f"{column} alone predicts the target") for column in "abcd"]
    assert gather_notices(leaks) == leaks
    many = [Notice(f"x{number}", "date", f"x{number} holds dates") for number in range(14)]
    assert gather_notices(many)[0].sentence.endswith("x1, x2, x3, x4, x5, x6, x7, x8, x9, x10 and 3 more")


def test_a_numbering_with_gaps_is_a_key() -> None:
    """Row numbers stay a key among the rows that are drawn from a table, as those are that a model is fitted on."""
    rows = [{"row": at, "amount": at * 37 % 1009 * 1000, "y": at % 2} for at in range(500) if at % 5]
    proposed = propose_contract(read_table(rows), target="y")
    assert [field.name for field in proposed.contract.features] == ["amount"]
