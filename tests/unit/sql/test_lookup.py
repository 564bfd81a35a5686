"""Look-ups: a list of literals, a map and a tree of either lead to the same."""

from __future__ import annotations

from itertools import product

import duckdb
import msgspec
import pytest
from sqlglot import exp

from augury.sql.build import Node, alias, column
from augury.sql.dialect import Dialect
from augury.sql.dialects import find_dialect
from augury.sql.lookup import Entry, look_up

DUCKDB = find_dialect("duckdb")
WITHOUT_MAP = msgspec.structs.replace(DUCKDB, map=None)
# The longest list, one more, and as many as make a tree of several floors.
SIZES = [0, 1, 31, 32, 33, 64, 65, 1000]


def make_entries(size: int, *, is_text: bool) -> list[Entry]:
    """Make entries whose order is not that of their keys; each third one has a second key."""
    entries = []
    for number in range(size):
        place = number * 7919 % 10007
        first: str | float = f"k{place}" if is_text else float(place)
        second: str | float = f"K{place}" if is_text else -float(place) - 0.5
        keys = (first, second) if number % 3 == 0 else (first,)
        entries.append(Entry(keys, DUCKDB.write_number(number + 0.5)))
    return entries


def ask(cells: list[str] | list[float], kind: str, found: Node) -> list[float | None]:
    """Ask DuckDB for a look-up of each cell."""
    select = exp.Select(expressions=[alias(found, "found")]).from_("cells")
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE cells AS SELECT unnest(?::{kind}[]) AS a", [cells])
        return [value for (value,) in connection.execute(select.sql(dialect="duckdb")).fetchall()]


@pytest.mark.parametrize("dialect", [DUCKDB, WITHOUT_MAP], ids=["map", "case"])
@pytest.mark.parametrize("default", [None, -1.0])
@pytest.mark.parametrize("is_text", [True, False])
@pytest.mark.parametrize("size", SIZES)
def test_every_key_is_found_and_nothing_else(size: int, is_text: bool, default: float | None, dialect: Dialect) -> None:
    """Each key leads to its result, and what is before, between and behind the keys to the default."""
    entries = make_entries(size, is_text=is_text)
    expected = {key: number + 0.5 for number, entry in enumerate(entries) for key in entry.keys}
    misses = ["", "k", "a", "zz", "k1 ", "é"] if is_text else [-1e300, 0.25, 1e300, 20000.0, -0.25]
    cells = [*expected, *(miss for miss in misses if miss not in expected)]
    other = None if default is None else DUCKDB.write_number(default)
    found = look_up(dialect, lambda: column("a"), entries, default=other)
    told = ask(cells, "VARCHAR" if is_text else "DOUBLE", found)
    assert told == [expected.get(cell, default) for cell in cells]


def test_a_null_leads_to_the_default() -> None:
    """A null is none of the keys, in a list or in a tree."""
    for size, dialect in product((2, 100), (DUCKDB, WITHOUT_MAP)):
        entries = make_entries(size, is_text=True)
        found = look_up(dialect, lambda: column("a"), entries, default=DUCKDB.write_number(9.0))
        assert ask([None], "VARCHAR", found) == [9.0]  # type: ignore[list-item]


def test_a_tree_is_not_tried_from_top_to_bottom() -> None:
    """Of many keys a value is compared with a list of at most 32, behind as many comparisons as the tree has floors."""
    found = look_up(DUCKDB, lambda: column("a"), make_entries(1000, is_text=False))
    lists = [case for case in found.find_all(exp.Case) if case.this is not None]
    assert max(len(case.args["ifs"]) for case in lists) <= 32
    floors = max(sum(isinstance(each, exp.Case) for each in _iter_parents(case)) for case in lists)
    assert floors <= 6


def _iter_parents(node: exp.Expression) -> list[exp.Expression]:
    return [] if node.parent is None else [node.parent, *_iter_parents(node.parent)]
