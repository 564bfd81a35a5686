"""The real table in the engines: the same decisions on every row, and the faults that were put in where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from augury.api import load_bundled
from augury.sql.dialects import find_dialect
from augury.sql.layout import Layout
from tests.sql.engines import ENGINES
from tests.sql.holding import Engine
from tests.sql.lawful import Row, hold_rows
from tests.sql.telco_tables import read_dynamic, read_file, read_overflowing, read_typed, unbind

READERS: dict[str, Callable[[Path], tuple[Layout, list[Row]]]] = {"file": read_file, "typed": read_typed}
BODY = load_bundled().document.model
# Most faults are put into rows of their own; a few rows more cannot stand in one engine or another.
FEWEST_ROWS = 7_030


@pytest.fixture(scope="module", params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine at work."""
    with ENGINES[request.param]() as running:
        yield running


@pytest.mark.parametrize("reader", READERS)
def test_every_row_is_decided_as_its_record(engine: Engine, reader: str, telco_csv: Path) -> None:
    """Margins are within the bound, decisions the same, and faults and notes those of the record checker."""
    wrong, asked = hold_rows(engine, BODY, *READERS[reader](telco_csv), door=engine.dialect)
    assert not wrong, "\n".join(wrong)
    assert len(asked) >= FEWEST_ROWS
    codes = {code for each in asked for code, _ in each.faults}
    assert codes >= {"level", "null", "range", "control_character"}


@pytest.mark.parametrize(
    "engine", [name for name in sorted(ENGINES) if find_dialect(name).find_kind is not None], indirect=True
)
def test_every_row_of_cells_with_types_is_decided_as_its_record(engine: Engine, telco_csv: Path) -> None:
    """Where each cell has a type of its own, it is held to that."""
    wrong, asked = hold_rows(engine, BODY, *read_dynamic(telco_csv), door=engine.dialect)
    assert not wrong, "\n".join(wrong)
    assert len(asked) >= FEWEST_ROWS
    assert {code for each in asked for code, _ in each.faults} >= {"level", "null", "range", "type"}


def test_margins_beyond_a_double_are_refused(engine: Engine, telco_csv: Path) -> None:
    """A model without ranges scores what it can, and says overflow of the rest."""
    wrong, asked = hold_rows(engine, unbind(BODY), *read_overflowing(telco_csv))
    assert not wrong, "\n".join(wrong)
    told = [each for each in asked if each.faults == (("overflow", ""),)]
    assert len(told) == 6
