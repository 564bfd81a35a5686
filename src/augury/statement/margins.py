"""The steps from clean values to a probability: the sum of terms, the margin, and its sigmoid."""

from __future__ import annotations

from sqlglot import exp

from augury.ir.magnitude import find_magnitude
from augury.sql.build import (
    Node,
    add,
    alias,
    between,
    column,
    deny,
    equals,
    every,
    group,
    is_null,
    negate,
    some,
    text,
    when,
)
from augury.sql.cleaned import Cleaned
from augury.statement.task import SAFE, Task
from augury.targets.sql import write_terms

# Where an engine stops at a number beyond a double, the terms of a row with very large numbers are summed in this unit,
# in which none is: a power of two, so that no digit changes. A margin of 2**1024 or more is none.
_UNIT = 2.0**-64
_LARGE = 2.0**500
_BEYOND = 2.0 ** (1024 - 64)
# exp is given arguments in [-700, 0] alone (augury.ir.link).
_LOWEST_EXPONENT = -700.0


def write_margins(task: Task) -> list[tuple[str, list[Node]]]:
    """Write the margin of each row that has no fault; null where it is beyond a double, too."""
    margin = _write_sum(task)
    if task.is_bounded or task.dialect.limits.stops_on_overflow:
        return [("margins", [alias(margin, task.names.margin)])]
    total = column(task.names.total)
    finite = when([(task.dialect.is_finite(total), total.copy())])
    return [("sums", [alias(margin, task.names.total)]), ("margins", [alias(finite, task.names.margin)])]


def _write_sum(task: Task) -> Node:
    margin = _write_clean_sum(task)
    accepted = when([(equals(column(task.names.faults), text("")), margin)])
    if task.is_quick:
        accepted = exp.Coalesce(this=column(task.names.quick), expressions=[accepted])
    return accepted


def _write_clean_sum(task: Task) -> Node:
    cleaned = Cleaned(task.dialect, task.cells)
    plain = add(write_terms(task.dialect, cleaned, task.lowered, task.guard(_LARGE)))
    if task.is_bounded or not task.dialect.limits.stops_on_overflow:
        return plain
    number = task.dialect.write_number
    terms = write_terms(task.dialect, cleaned, task.lowered, task.guard(), unit=_UNIT)
    total = add([term.copy() for term in terms])
    fits = [between(group(term), number(-_BEYOND), number(_BEYOND)) for term in [*terms, total.copy()]]
    large = [
        deny(between(cell.value, number(-_LARGE), number(_LARGE))) for cell in task.cells.values() if cell.is_numeric
    ]
    scaled = exp.Div(this=group(total), expression=number(_UNIT), typed=True, safe=False)
    is_ever_small = find_magnitude(task.body.contract, task.lowered, most=_LARGE) < SAFE
    careful = when([(every(fits), scaled)])
    return when([(some(large), careful)], plain) if large and is_ever_small else careful


def write_probability(task: Task) -> Node:
    """Write the sigmoid of the margin in the two branches of :func:`augury.ir.link.sigmoid`."""
    number, one = task.dialect.write_number, task.dialect.write_number(1.0)

    def margin() -> Node:
        return column(task.names.margin)

    def power(argument: Node) -> Node:
        lowest = number(_LOWEST_EXPONENT)
        clamped = when([(exp.GTE(this=argument, expression=lowest), argument.copy())], lowest.copy())
        return task.dialect.exp(clamped)

    above = exp.GTE(this=margin(), expression=number(0.0))
    positive = _divide(one, exp.Add(this=one.copy(), expression=power(negate(margin()))))
    negative = _divide(power(margin()), exp.Add(this=one.copy(), expression=power(margin())))
    return alias(when([(above, positive), (deny(is_null(margin())), negative)]), task.names.probability)


def _divide(left: Node, right: Node) -> Node:
    # Neither is an integer and the right one is never zero: nothing is to be added to the division.
    return exp.Div(this=group(left), expression=group(right), typed=True, safe=False)
