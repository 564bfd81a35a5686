"""The names that a statement makes, and those that two columns cannot share."""

from __future__ import annotations

import pytest

from augury.contract.fields import Contract, NumberField
from augury.errors import UsageError
from augury.sql.build import alias, check_names, column
from augury.sql.names import Names, choose_names


def make_contract(*names: str) -> Contract:
    """Make a contract of numbers."""
    return Contract(fields=tuple(NumberField(name=name) for name in names))


def list_names(names: Names) -> list[str]:
    """List all names."""
    single = (names.quick, names.faults, names.notes, names.total, names.margin, names.probability)
    return [*single, *names.clean, *names.numbers]


def test_names_say_what_they_are_of() -> None:
    """Where nothing is in the way the names are plain."""
    names = choose_names(make_contract("tenure"), [])
    assert (names.margin, names.clean, names.numbers) == ("margin", ("clean_tenure",), ("number_tenure",))


def test_no_name_is_one_of_the_table() -> None:
    """Engines compare names without case, and a table may have every name that would be made, and the next one too."""
    contract = make_contract("a", "b")
    plain = list_names(choose_names(contract, []))
    taken = [*(name.upper() for name in plain), "clean_A_", "Margin_", "margin__"]
    names = list_names(choose_names(contract, taken))
    assert len({name.lower() for name in [*names, *taken]}) == len(names) + len(taken)
    assert "margin___" in names


def test_fields_that_differ_in_case_alone_have_names_of_their_own() -> None:
    """Two names that an engine takes for one are told apart, as is a field called like a name that was made."""
    names = list_names(choose_names(make_contract("a", "A", "A_"), []))
    assert len({name.lower() for name in names}) == len(names)


@pytest.mark.parametrize("name", ["x" * 60, "é" * 30])
def test_long_names_are_numbered(name: str) -> None:
    """A name that PostgreSQL would cut, whose limit counts bytes, is that of its number; no two are one when cut."""
    names = choose_names(make_contract(name + "1", name + "2"), [])
    assert names.clean == ("clean_1", "clean_2")
    assert all(len(each.encode()) < 63 for each in list_names(names))


def test_two_columns_of_a_result_have_two_names() -> None:
    """Engines compare without case; the sentence says which name, and how to mend it."""
    check_names([column("a"), alias(column("a"), "b")])
    with pytest.raises(UsageError, match="two columns of the result would be called 'Margin'"):
        check_names([column("margin"), alias(column("a"), "Margin")])
