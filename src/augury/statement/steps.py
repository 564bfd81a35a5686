"""The steps from columns to clean values and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlglot import exp

from augury.contract.fields import IdentifierField
from augury.ir.nodes import Missing
from augury.ir.walk import find_field
from augury.sql.build import Node, add, alias, column, deny, every, is_null, some, text, when
from augury.sql.fields import Finding, find_faults, find_identifier_faults, find_notes, read_value
from augury.sql.seen import AsSeen
from augury.sql.told import write_told
from augury.statement.task import Task
from augury.targets.sql import write_terms


def write_numbers(task: Task) -> list[Node]:
    """Write the number that each text of a numeric field says."""
    return [
        alias(task.dialect.number_from_text(cell.raw), cell.number)
        for cell in task.cells.values()
        if cell.number is not None
    ]


def write_quick(task: Task) -> Node:
    """Write the margin of a row that is as training saw them; null where anything wants a closer look."""
    seen = AsSeen(task.dialect, task.cells)
    linear = task.lowered.margins[0]
    told = {find_field(node) for node in linear.inputs if not isinstance(node, Missing)}
    conditions = [seen.is_seen(name) for name in task.cells if name not in told]
    for name in task.bound.identifiers:
        conditions += [deny(condition) for condition, _ in _find_identifier_faults(task, name)]
    margin = add(write_terms(task.dialect, seen, task.lowered, task.guard()))
    return alias(when([(every(conditions), margin)]) if conditions else margin, task.names.quick)


def write_cleaned(task: Task) -> list[Node]:
    """Write the clean value of each field, of the rows that want a closer look."""
    values = [(cell.clean, read_value(task.dialect, cell)) for cell in task.cells.values()]
    if task.record is None:
        return [alias(task.if_not_quick(value), name) for name, value in values]
    assert task.dialect.pack is not None
    return [alias(task.if_not_quick(task.dialect.pack(values)), task.record)]


def write_checked(task: Task) -> list[Node]:
    """List the faults of each row, empty where there are none, and the notes, which only accepted rows have."""
    listed = _list(task, _find_faults(task))
    added = [alias(task.if_not_quick(listed, text("")), task.names.faults)]
    if task.wanted.notes:
        added.append(alias(_write_notes(task), task.names.notes))
    return added


def _find_faults(task: Task) -> Iterator[tuple[str, list[Finding]]]:
    """Find the faults of each field in the order of the contract, which is theirs in a record too."""
    for field in task.body.contract.fields:
        if isinstance(field, IdentifierField):
            yield field.name, _find_identifier_faults(task, field.name)
        else:
            yield field.name, find_faults(task.dialect, task.cells[field.name])


def _find_identifier_faults(task: Task, name: str) -> list[Finding]:
    source = task.bound.identifiers.get(name)
    return [] if source is None else find_identifier_faults(task.dialect, source)


def _write_notes(task: Task) -> Node:
    found = [(name, find_notes(task.dialect, cell)) for name, cell in task.cells.items()]
    listed = _list(task, found)
    if not task.is_quick:
        return listed
    # Of a quick row an accepted null is noted, and nothing else can be.
    nulls = [(name, findings[:1]) for name, findings in found if findings and findings[0][1] == "imputed"]
    branches = [(is_null(column(task.names.quick)), listed)]
    if nulls:
        branches.append((some([findings[0][0].copy() for _, findings in nulls]), _list(task, nulls)))
    return when(branches, text(""))


def _list(task: Task, found: Iterable[tuple[str, list[Finding]]]) -> Node:
    """List the first finding of each field that holds; the empty text where none does."""
    told = [_tell(name, findings) for name, findings in found if any(code for _, code in findings)]
    return task.dialect.join(told) if told else text("")


def _tell(field: str, findings: Sequence[Finding]) -> Node:
    """Write the first finding of a field that holds, as an object of JSON; null where none does."""
    return when(
        [(condition, exp.Null() if code is None else text(write_told(field, code))) for condition, code in findings]
    )
