"""Which column is what."""

from __future__ import annotations

import pytest

from augury.errors import ContractError
from augury.tables.match import match_columns
from augury.tables.read import read_table


def test_a_field_of_the_model_is_neither_identifier_nor_target() -> None:
    """A column that the model reads cannot be declared something else; each is told once, by its own name."""
    table = read_table([{"x": 1.5, "paid": 1}, {"x": 2.5, "paid": 0}])
    with pytest.raises(ContractError) as caught:
        match_columns(["x", "paid"], table, target="paid", identifiers=["x"])
    assert caught.value.what == (
        "'x' is read by the model, so it cannot be an identifier; "
        "'paid' is read by the model, so it cannot be the target column"
    )
