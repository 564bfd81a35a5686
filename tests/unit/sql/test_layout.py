"""Which column of a table is which field."""

from __future__ import annotations

import pytest

from augury.contract.fields import (
    BooleanField,
    CategoryField,
    Contract,
    IdentifierField,
    IntegerField,
    NumberField,
)
from augury.errors import ContractError
from augury.sql.layout import Layout, SourceColumn, assume_layout, bind_columns, find_columns

CONTRACT = Contract(
    fields=(
        IdentifierField(name="id", spellings=("customerID",)),
        NumberField(name="monthly_charges", spellings=("MonthlyCharges",)),
        IntegerField(name="tenure", absent="optional"),
        BooleanField(name="member"),
        CategoryField(name="plan", levels=("a", "b")),
        CategoryField(name="grade", levels=(1, 2)),
    )
)
WHOLE = ("id", "monthly_charges", "tenure", "member", "plan", "grade")


def make_layout(*names: str) -> Layout:
    """Make a layout of texts."""
    return Layout(tuple(SourceColumn(name, "text") for name in names), is_text=True)


def test_columns_are_found_by_name_spelling_and_fold() -> None:
    """An exact name, a listed spelling and a fold are the field; anything else is unused, in the order of the table."""
    layout = make_layout("Grade", "MonthlyCharges", "b", "PLAN", "customerID", "member", "a", "tenure")
    bound = bind_columns(CONTRACT, layout, renames={}, where="t")
    assert [column and column.name for column in bound.features] == [
        "MonthlyCharges",
        "tenure",
        "member",
        "PLAN",
        "Grade",
    ]
    assert {name: column.name for name, column in bound.identifiers.items()} == {"id": "customerID"}
    assert bound.unused == ("b", "a")
    assert bound.is_text


def test_an_optional_field_and_an_identifier_may_have_no_column() -> None:
    """A field that may be absent has none; an identifier is not asked for."""
    bound = bind_columns(CONTRACT, make_layout("monthly_charges", "member", "plan", "grade"), renames={}, where="t")
    assert bound.features[1] is None
    assert bound.identifiers == {}


def test_what_a_table_lacks_is_told_at_once_with_the_nearest_column() -> None:
    """All fields without a column are in one sentence, each with the unused column that is most like it."""
    with pytest.raises(ContractError) as raised:
        bind_columns(CONTRACT, make_layout("monthly_charge", "plan", "grade", "zzz"), renames={}, where="table.csv")
    said = str(raised.value)
    assert "table.csv" in said
    assert "the table has no column for 'monthly_charges' (nearest is 'monthly_charge')" in said
    assert "the table has no column for 'member'" in said
    assert "the table has no column for 'member' (" not in said
    assert "tenure" not in said
    assert "--map COLUMN=FIELD" in said


def test_of_another_table_a_few_lacks_are_told() -> None:
    """A table that lacks many fields is not told of each, but of how many."""
    contract = Contract(fields=tuple(NumberField(name=f"n{at}") for at in range(20)))
    with pytest.raises(ContractError) as raised:
        bind_columns(contract, make_layout("n19", "other"), renames={}, where="t.csv")
    said = str(raised.value)
    assert said.count("no column for") == 5
    assert "; nor has it one for 14 more of the 20 fields; rename the columns" in said


def test_two_columns_of_one_field_are_refused() -> None:
    """Nothing chooses between twins, whether they are a feature's or an identifier's."""
    with pytest.raises(ContractError, match="columns 'plan' and 'Plan' are spellings of 'plan'"):
        bind_columns(CONTRACT, make_layout(*WHOLE, "Plan"), renames={}, where="t")
    with pytest.raises(ContractError, match="columns 'id' and 'customerID' are spellings of 'id'"):
        bind_columns(CONTRACT, make_layout(*WHOLE, "customerID"), renames={}, where="t")


def test_a_rename_says_what_a_name_does_not() -> None:
    """The field of a rename may be in any spelling, and a rename takes a column from the field that its name says."""
    layout = make_layout("id", "fee", "member", "plan", "grade", "tenure")
    bound = bind_columns(CONTRACT, layout, renames={"fee": "MONTHLYCHARGES"}, where="t")
    assert bound.features[0] == SourceColumn("fee", "text")
    swapped = bind_columns(CONTRACT, make_layout(*WHOLE), renames={"plan": "grade", "grade": "plan"}, where="t")
    assert [column and column.name for column in swapped.features[3:]] == ["grade", "plan"]


def test_a_rename_to_a_field_that_has_its_column_makes_twins() -> None:
    """The column that has the name is still there."""
    with pytest.raises(ContractError, match="columns 'plan' and 'tariff' are spellings of 'plan'"):
        bind_columns(CONTRACT, make_layout(*WHOLE, "tariff"), renames={"tariff": "plan"}, where="t")


def test_a_rename_of_nothing_is_refused() -> None:
    """Both sides of a rename are there, or the nearest is named."""
    layout = make_layout(*WHOLE)
    problems = find_columns(CONTRACT, layout, {"tenur": "plann"})[1]
    assert problems == [
        "the table has no column 'tenur' (nearest is 'tenure')",
        "the contract has no field 'plann' (nearest is 'plan')",
    ]


@pytest.mark.parametrize(
    ("names", "first"), [("training", ["customerID", "MonthlyCharges"]), ("contract", ["id", "monthly_charges"])]
)
def test_a_layout_is_assumed_from_the_contract(names: str, first: list[str]) -> None:
    """A column a field, of the kind that it takes, by the names of training or of the contract."""
    layout = assume_layout(CONTRACT, names=names, as_text=False, renames={})  # type: ignore[arg-type]
    assert [column.name for column in layout.columns] == [*first, "tenure", "member", "plan", "grade"]
    assert [column.kind for column in layout.columns] == ["text", "float", "integer", "boolean", "text", "integer"]
    assert not layout.is_text


def test_an_assumed_layout_of_texts_takes_renames() -> None:
    """A file as it was loaded has texts alone, and a renamed column has the name that was given."""
    layout = assume_layout(CONTRACT, names="contract", as_text=True, renames={"fee": "MonthlyCharges"})
    assert [column.name for column in layout.columns] == ["id", "fee", "tenure", "member", "plan", "grade"]
    assert {column.kind for column in layout.columns} == {"text"}
    assert layout.is_text
