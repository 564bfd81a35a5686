"""Texts as levels: the levels themselves may be nasty, and so may what is spelt like one."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from augury.contract.fields import CategoryField, Contract
from augury.ir.nodes import Category, Linear, Link, Lookup
from augury.sql.layout import Layout, SourceColumn
from tests.contract.models import make_model
from tests.sql.engines import ENGINES
from tests.sql.holding import Engine
from tests.sql.lawful import hold_rows
from tests.sql.nasty import LITERALS, SPACES, TEXTS

BODY = make_model("bare").document.model
# What has no ASCII letter is compared exactly: "1-2" is not "1_2", though "a-b" is "A_B".
UNFOLDED = CategoryField(name="plan", levels=("1_2", "é_é", "a_b", "x_"), level_spellings={"1 to 2": "1_2", "B": "x_"})
LIKE_UNFOLDED = (
    "1-2",
    "1 2",
    "1_2",
    "1 to 2",
    "1-TO-2",
    "é é",
    "é-é",
    "É_É",
    "A-B",
    "a b",
    "a_b",
    "a_B ",
    "X-",
    "b",
    "B",
)
FIELDS = {
    "all that is nasty": (CategoryField(name="plan", levels=LITERALS), (*TEXTS, *SPACES)),
    "a few that fold": (UNFOLDED, LIKE_UNFOLDED),
    "unseen ones": (msgspec.structs.replace(UNFOLDED, unseen="note", null="impute"), (*LIKE_UNFOLDED, *TEXTS, None)),
}


@pytest.fixture(scope="module", params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine at work."""
    with ENGINES[request.param]() as running:
        yield running


@pytest.mark.parametrize("is_file", [True, False])
@pytest.mark.parametrize("name", FIELDS)
def test_a_text_is_the_level_that_its_record_says(engine: Engine, name: str, is_file: bool) -> None:
    """A text is a level exactly, as listed, or by its fold, and no other text is, of few levels or many."""
    field, cells = FIELDS[name]
    node = Lookup(Category("plan"), tuple(0.25 * number for number in range(len(field.levels))), -1.0, -2.0)
    contract = Contract(fields=(field,))
    body = msgspec.structs.replace(BODY, contract=contract, predictor=Link((Linear((node,), (1.0,), 0.5),)))
    layout = Layout((SourceColumn("plan", "text"),), is_text=is_file)
    rows = [("" if cell is None and is_file else cell,) for cell in cells]
    wrong, asked = hold_rows(engine, body, layout, rows)
    assert not wrong, "\n".join(wrong)
    assert {each.margin is None for each in asked} == {False, True}
