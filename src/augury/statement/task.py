"""What the steps of one statement share: the model, the columns, the engine, and the names of what is made."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from augury.artifact.document import ModelBody
from augury.errors import UsageError
from augury.ir.lower import lower_predictor
from augury.ir.magnitude import LARGEST, find_magnitude
from augury.ir.nodes import Link
from augury.sql.build import Node, column, is_null, when
from augury.sql.dialect import Dialect
from augury.sql.fields import Cell
from augury.sql.guards import Guards
from augury.sql.layout import Bound
from augury.sql.names import Names, choose_names

# Below this, no sum of terms is beyond a double.
SAFE = 1e300
# The lists of faults and notes, the sum, the margin and the probability, and what a margin is made of on the way.
_FOUND = 7
# Each mention of a member of a struct has the types of all of them: the plan for 3,000 took 13 GB, and for columns 2.
_WIDEST_RECORD = 100


class Wanted(Struct, frozen=True):
    """What a statement gives beside the answer.

    Args:
        keep: columns of the source to copy, as they are.
        notes: a column of notes beside the column of faults.
        reasons: a column for each field of what it adds to the margin against the baseline, in log-odds.
        refused: the refused rows only; others are then left out as early as that is known.
    """

    keep: tuple[str, ...] = ()
    notes: bool = False
    reasons: bool = False
    refused: bool = False


class Task(Struct, frozen=True):
    """One statement to write.

    Args:
        body: the model.
        bound: which column is which field.
        dialect: of the engine.
        wanted: what is given beside the answer.
        names: of what is made on the way.
        cells: by field its column, and where its clean value is found.
        lowered: the model in few kinds of nodes.
        is_quick: whether rows as training saw them are scored at once.
        record: the column of all clean values as one struct; None where each has a column.
        is_bounded: whether no sum of terms can be beyond a double.
    """

    body: ModelBody
    bound: Bound
    dialect: Dialect
    wanted: Wanted
    names: Names
    cells: Mapping[str, Cell]
    lowered: Link
    is_quick: bool
    record: str | None
    is_bounded: bool

    def guard(self, most: float = LARGEST) -> Guards:
        """Make the guards of products, where no number is larger than ``most``."""
        return Guards(self.dialect, self.body.contract, most)

    def if_not_quick(self, value: Node, default: Node | None = None) -> Node:
        """Write a value that quick rows do without."""
        return when([(is_null(column(self.names.quick)), value)], default) if self.is_quick else value


def make_task(body: ModelBody, bound: Bound, dialect: Dialect, wanted: Wanted) -> Task:
    """Make the task.

    Raises:
        UsageError: the engine takes fewer columns.
    """
    columns = [each.name for each in (*bound.features, *bound.identifiers.values()) if each is not None]
    names = choose_names(body.contract, (*columns, *bound.unused, *wanted.keep))
    lowered = lower_predictor(body.contract, body.predictor)
    # Reasons are taken from clean values.
    is_quick = dialect.is_columnar and not wanted.reasons
    packs = is_quick and dialect.pack is not None and len(body.contract.features) <= _WIDEST_RECORD
    task = Task(
        body=body,
        bound=bound,
        dialect=dialect,
        wanted=wanted,
        names=names,
        cells=_make_cells(body, bound, names, names.record if packs else None),
        lowered=lowered,
        is_quick=is_quick,
        record=names.record if packs else None,
        is_bounded=find_magnitude(body.contract, lowered) < SAFE,
    )
    _check_width(task, len(columns) + len(bound.unused))
    return task


def _make_cells(body: ModelBody, bound: Bound, names: Names, record: str | None) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    features = body.contract.features
    for field, source, clean, number in zip(features, bound.features, names.clean, names.numbers, strict=True):
        cell = Cell(field, source, bound.is_text, clean, record)
        is_read_first = cell.is_numeric and cell.kind == "text"
        cells[field.name] = msgspec.structs.replace(cell, number=number) if is_read_first else cell
    return cells


def _check_width(task: Task, read: int) -> None:
    """Check that the engine takes the widest step: the table, a clean value a field, and what is found."""
    made = len(task.cells) + sum(cell.number is not None for cell in task.cells.values())
    most, width = task.dialect.limits.columns, read + made + _FOUND
    if most is not None and width > most:
        what = f"{task.dialect.title} takes {most:,} columns in a SELECT at most, and this needs {width:,}"
        raise UsageError(what, mend="take the table out of it and score the file, or use another engine")
