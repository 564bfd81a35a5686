"""The columns of the result: what is kept, the answer, and what is told beside it."""

from __future__ import annotations

from sqlglot import exp

from augury.contract.faults import OVERFLOW
from augury.ir.walk import find_field
from augury.sql.build import Node, add, alias, check_names, column, deny, every, group, is_null, text, when
from augury.sql.cleaned import Cleaned
from augury.sql.dialect import Dialect
from augury.sql.told import write_told
from augury.statement.task import Task
from augury.targets.sql import write_terms


def write_outputs(task: Task) -> list[Node]:
    """Write the columns of the result.

    Raises:
        UsageError: two would have one name.
    """
    names, target = task.names, task.body.target.name
    threshold = task.dialect.write_number(task.body.decision.threshold)
    label = exp.GTE(this=column(names.probability), expression=threshold)
    overflow = text(write_told(OVERFLOW.field, OVERFLOW.code))
    listed = [
        (exp.NEQ(this=column(names.faults), expression=text("")), column(names.faults)),
        (is_null(column(names.margin)), overflow),
    ]
    faults = when([(condition, _enclose(task.dialect, found)) for condition, found in listed])
    outputs = [
        *(column(name) for name in task.wanted.keep),
        alias(column(names.probability), f"{target}_probability"),
        alias(task.dialect.as_column(label), target),
        alias(column(names.margin), "margin"),
        alias(faults, "faults"),
    ]
    if task.wanted.notes:
        is_noted = exp.NEQ(this=column(names.notes), expression=text(""))
        accepted = every([is_noted, deny(is_null(column(names.margin)))])
        outputs.append(alias(when([(accepted, _enclose(task.dialect, column(names.notes)))]), "notes"))
    if task.wanted.reasons:
        outputs += _write_reasons(task)
    check_names(outputs)
    return outputs


def _write_reasons(task: Task) -> list[Node]:
    """Write what each field adds to the margin against the baseline, null for a refused row."""
    cleaned = Cleaned(task.dialect, task.cells)
    terms = write_terms(task.dialect, cleaned, task.lowered, task.guard())[1:]
    fields = [find_field(node) for node in task.lowered.margins[0].inputs]
    reasons: list[Node] = []
    for name, base in zip(task.cells, task.body.baseline.terms, strict=True):
        of_field = [term for term, field in zip(terms, fields, strict=True) if field == name]
        total = add(of_field) if of_field else task.dialect.write_number(0.0)
        reason = exp.Sub(this=group(total), expression=group(task.dialect.write_number(base)))
        accepted = deny(is_null(column(task.names.margin)))
        reasons.append(alias(when([(accepted, reason)]), f"{name}_reason"))
    return reasons


def _enclose(dialect: Dialect, listed: Node) -> Node:
    return dialect.concatenate([text("["), listed, text("]")])
