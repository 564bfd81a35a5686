"""The primitives of the engines that the tests run, each held to Python over nasty cells."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from augury.sql.build import column
from augury.sql.dialects import find_dialect
from tests.sql.engines import ENGINES
from tests.sql.holding import Engine
from tests.sql.primitives import (
    MANY_DIGITS,
    PRIMITIVES,
    TRUE_DECIMALS,
    ask,
    find_differences,
    find_misjoined,
    find_misjudged_texts,
    find_misread_literals,
    is_near_double,
)

NAMES = sorted(ENGINES)


@pytest.fixture(scope="module", params=NAMES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine at work."""
    with ENGINES[request.param]() as running:
        yield running


@pytest.mark.parametrize("name", PRIMITIVES)
def test_a_primitive_says_what_python_says(engine: Engine, name: str) -> None:
    """Over every cell that the engine can hold, a primitive is what the record's side computes in Python."""
    wrong = find_differences(engine, PRIMITIVES[name])
    assert not wrong, "\n".join(wrong)


def test_numbers_of_many_digits_are_read_to_the_last_bit(engine: Engine) -> None:
    """Decimals of any length are rounded once; SQLite's own reader is a unit or two off at times, not more."""
    is_same = is_near_double if engine.dialect == "sqlite" else MANY_DIGITS.is_same
    wrong = find_differences(engine, msgspec.structs.replace(MANY_DIGITS, is_same=is_same))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("engine", [name for name in NAMES if name != "sqlite"], indirect=True)
def test_decimals_are_rounded_once(engine: Engine) -> None:
    """A column of decimals is the nearest double, as Python's float of it."""
    wrong = find_differences(engine, TRUE_DECIMALS)
    assert not wrong, "\n".join(wrong)


def test_literals_are_exact(engine: Engine) -> None:
    """A double that is written is read to the same bits, subnormal ones and the largest among them."""
    wrong = find_misread_literals(engine)
    assert not wrong, "\n".join(wrong)


def test_texts_are_compared_by_code_points(engine: Engine) -> None:
    """Equality and order of texts are Python's, whatever the collation, the padding and the escapes of the engine."""
    wrong = find_misjudged_texts(engine)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("count", [1, 3, 90, 91, 200])
def test_texts_are_joined_without_nulls(engine: Engine, count: int) -> None:
    """A comma stands between texts that are not null, however many there are; of nulls alone nothing is left."""
    wrong = find_misjoined(engine, count)
    assert not wrong, "\n".join(wrong)


# A null needs no kind: it is asked for first.
CELLS = ["a", "", " 1", "é'", 1, -(2**53), 1.5, 0.0, -1e300, True, False, [], {"a": 1}]
KINDS = {str: "text", int: "integer", float: "float", bool: "boolean", list: "nested"}


@pytest.mark.parametrize("engine", [name for name in NAMES if find_dialect(name).find_kind is not None], indirect=True)
def test_cells_tell_their_kind_and_value(engine: Engine) -> None:
    """Where each cell has a type of its own, its kind is told, and its value is read as that kind."""
    dialect = find_dialect(engine.dialect)
    assert dialect.find_kind is not None
    assert dialect.read_dynamic is not None
    for cell in CELLS:
        if not engine.can_hold(cell, "dynamic"):
            continue
        kind = KINDS.get(type(cell), "nested")
        ((told,),) = ask(engine, ["dynamic"], [(cell,)], [dialect.find_kind(column("a"))])
        assert told == kind, cell
        if kind in {"text", "integer", "float", "boolean"}:
            ((read,),) = ask(engine, ["dynamic"], [(cell,)], [dialect.read_dynamic(column("a"), kind)])
            assert read == cell
            assert type(read) is type(cell)
