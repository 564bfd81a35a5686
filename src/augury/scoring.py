"""Score a table: the rows that the contract accepts, by the very function that the service answers with."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from augury.contract.fields import Contract
from augury.contract.wire import RecordDoor
from augury.errors import ContractError
from augury.ir.link import sigmoid
from augury.tables.read import read_table
from augury.tables.refusal import SHOWN_ROWS, RefusedRow, refuse_rows
from augury.tables.rows import Rows, check_row, check_table
from augury.tables.table import Table
from augury.targets.record import RecordFunction

Probabilities = NDArray[np.float64]


class Compiled(Protocol):
    """What scores: a contract with its door, and the function compiled for it. A :class:`augury.model.Model` is one."""

    door: RecordDoor
    function: RecordFunction

    @property
    def contract(self) -> Contract:
        """The contract that rows are held to."""
        ...


class Scored(Struct, frozen=True):
    """A scored table.

    Args:
        rows: those that the contract accepts.
        probabilities: of each of them, (n_accepted,), of the positive class.
    """

    rows: Rows
    probabilities: Probabilities


def score_table(compiled: Compiled, table: Table) -> Scored:
    """Score the rows of a table that the contract accepts; there may be none.

    Raises:
        ContractError: two columns spell one field, or the margin of a row is not finite.
    """
    rows = check_table(compiled.contract, table)
    margins = _iter_margins(compiled, rows, table.where)
    return Scored(rows, np.fromiter(map(sigmoid, margins), dtype=np.float64, count=rows.row_count))


def predict_proba(compiled: Compiled, source: object) -> Probabilities:
    """Score every row of a table, given as a path, a frame or a list of dicts.

    Returns:
        The probabilities of the negative and of the positive class, (n_rows, 2), each row in its place.

    Raises:
        TableError: the table cannot be read.
        ContractError: a row is refused; the sentence names the first of them with their faults, and says how many.
    """
    table = read_table(source)
    scored = score_table(compiled, table)
    if scored.rows.refused:
        raise _refuse_rows(compiled.contract, table, scored.rows)
    return np.column_stack((1.0 - scored.probabilities, scored.probabilities))


def _iter_margins(compiled: Compiled, rows: Rows, where: str) -> Iterator[float]:
    compute_margin = compiled.function.compute_margin
    for position, row in zip(rows.positions, compiled.door.make_rows(zip(*rows.columns, strict=True)), strict=True):
        try:
            margin = compute_margin(row)
        except (OverflowError, ValueError):  # fsum's words for a sum, or terms of both signs, beyond a double
            raise _refuse_overflow(position, where) from None
        if margin - margin != 0.0:
            raise _refuse_overflow(position, where)
        yield margin


def _refuse_overflow(position: int, where: str) -> ContractError:
    what = f"the numbers of row {position + 1} are so large that its margin is not finite"
    return ContractError(what, where=where, mend="mend that row, or leave it out")


def _refuse_rows(contract: Contract, table: Table, rows: Rows) -> ContractError:
    accepted = set(rows.positions)
    refused = (position for position in range(table.row_count) if position not in accepted)
    shown = [_check_refused(contract, table, position) for position in islice(refused, SHOWN_ROWS)]
    return refuse_rows(shown, refused=rows.refused, row_count=table.row_count, where=table.where)


def _check_refused(contract: Contract, table: Table, position: int) -> RefusedRow:
    checked = check_row(contract, table, position)
    return RefusedRow(position, [fault.detail for fault in checked.faults], checked.more)
