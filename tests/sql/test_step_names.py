"""A table may be called as a step of the statement is."""

from __future__ import annotations

import pytest

from augury.sql.layout import Layout, SourceColumn, find_columns
from augury.statement import Wanted, write_statement
from tests.contract.models import make_model
from tests.sql.engines import ENGINES

LAYOUT = Layout((SourceColumn("x", "float"),))


@pytest.mark.parametrize("dialect", sorted(ENGINES))
def test_a_table_is_not_taken_for_a_step(dialect: str) -> None:
    """Whatever a table is called, its rows are scored, and not those of a step of that name."""
    body = make_model("bare").document.model
    bound, problems = find_columns(body.contract, LAYOUT, {})
    assert problems == []
    with ENGINES[dialect]() as engine:
        for name in ("numbers", "quick", "cleaned", "checked", "sums", "margins", "answers"):
            source = engine.create(name, LAYOUT, [(1.5,)])
            query = write_statement(body, bound, dialect=dialect, source=source, wanted=Wanted(keep=("row",)))
            ((row, probability, *_),) = engine.ask(query)
            assert (row, probability is None) == (0, False), name
