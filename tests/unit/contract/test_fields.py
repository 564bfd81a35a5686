import math
from typing import Any

import pytest

from augury.contract.fields import (
    BooleanField,
    Bounds,
    CategoryField,
    Contract,
    Field,
    IdentifierField,
    IntegerField,
    NumberField,
    check_contract,
    find_accepted_bounds,
    find_folding_levels,
)
from augury.errors import ContractError

X = NumberField(name="x")


def test_a_sound_contract() -> None:
    """A contract of every kind is sound."""
    fields = (
        X,
        IntegerField(name="i", seen=Bounds(0, 1), accepted=Bounds(0, 2)),
        BooleanField(name="b"),
        CategoryField(name="c", levels=("A", "a"), level_spellings={"AA": "A"}),
        CategoryField(name="k", levels=(0, -(2**53))),
        IdentifierField(name="id", spellings=("ID",)),
    )
    contract = Contract(fields=fields)
    check_contract(contract)
    assert contract.features == fields[:-1]
    assert contract.identifiers == fields[-1:]


def _number(**members: Any) -> NumberField:
    return NumberField(name="x", **members)


def _category(levels: tuple[str | int, ...], **members: Any) -> CategoryField:
    return CategoryField(name="x", levels=levels, **members)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ((), "no field is a feature"),
        ((IdentifierField(name="id"),), "no field is a feature"),
        ((X, X), "'x' names both 'x' and 'x'"),
        ((X, NumberField(name="y", spellings=("x",))), "'x' names both 'x' and 'y'"),
        ((_number(spellings=("x",)),), "'x' names both 'x' and 'x'"),
        ((NumberField(name=""),), "'' is no name"),
        ((NumberField(name="a\n"),), "'a\\n' is no name"),
        ((NumberField(name='a"'),), "is no name"),
        ((_number(spellings=("a\\",)),), "is no name"),
        ((_number(seen=Bounds(1, 0)),), "seen range of 'x' is not an interval"),
        ((_number(seen=Bounds(0, math.inf)),), "seen range of 'x' is not an interval"),
        ((_number(seen=Bounds(math.nan, 1)),), "seen range of 'x' is not an interval"),
        ((_number(seen=Bounds(0, 1), accepted=Bounds(0, 0.5)),), "does not hold the range seen"),
        ((_number(accepted=Bounds(0, 1)),), "does not hold the range seen"),
        ((_category(()),), "'x' has no levels"),
        ((_category(("a", 1)),), "text and integers mixed"),
        ((_category(("a", "a")),), "listed twice"),
        ((_category(("a\x00",)),), "holds a control character"),
        ((_category((2**53 + 1,)),), "beyond 2**53"),
        ((_category(("a", "b"), level_spellings={"a": "b"}),), "is a level and a spelling of another"),
        ((_category(("a",), level_spellings={"A": "b"}),), "which is no level"),
        ((_category(("a",), level_spellings={"A\n": "a"}),), "holds a control character"),
    ],
)
def test_a_contradiction_is_named(fields: tuple[Field, ...], says: str) -> None:
    """Each way in which a contract can contradict itself is refused with its own words."""
    with pytest.raises(ContractError) as caught:
        check_contract(Contract(fields=fields))
    assert says in str(caught.value)


def test_all_contradictions_are_named() -> None:
    """A contract with several contradictions names them all."""
    with pytest.raises(ContractError, match=r"no levels.*listed twice"):
        check_contract(Contract(fields=(_category(()), CategoryField(name="y", levels=(1, 1)))))


@pytest.mark.parametrize(
    ("seen", "accepted"),
    [
        (Bounds(10, 20), Bounds(0, 30)),
        (Bounds(100, 110), Bounds(90, 120)),
        (Bounds(0, 72), Bounds(0, 144)),
        (Bounds(-20, -10), Bounds(-30, 0)),
        (Bounds(-5, 5), Bounds(-15, 15)),
        (Bounds(3, 3), Bounds(3, 3)),
        (Bounds(-1e308, 1e308), Bounds(-1e308, 1e308)),
        (Bounds(0, 1.7e308), Bounds(0, 1.7e308)),
    ],
)
def test_accepted_bounds(seen: Bounds, accepted: Bounds) -> None:
    """A range is widened by its width on each side, never past zero to a side not seen, and stays finite."""
    assert find_accepted_bounds(seen) == accepted


@pytest.mark.parametrize(
    ("levels", "folds"),
    [
        (("One year", "Two year"), {"one_year": "One year", "two_year": "Two year"}),
        (("A", "a", "b"), {}),
        (("a b", "a-b"), {}),
        (("1-2", "1_2"), {"1-2": "1-2", "1_2": "1_2"}),
        ((0, 1), {}),
    ],
)
def test_folding_levels(levels: tuple[str | int, ...], folds: dict[str, str]) -> None:
    """A set of levels folds as a whole or not at all."""
    assert find_folding_levels(_category(levels)) == folds
