"""The statement written: its steps, each a SELECT over the one before."""

from __future__ import annotations

from collections.abc import Collection

from sqlglot import exp

from augury.artifact.document import ModelBody
from augury.sql.build import Node, column, deny, is_null, parse_source, some
from augury.sql.dialect import print_statement
from augury.sql.dialects import find_dialect
from augury.sql.layout import Bound
from augury.sql.names import find_free
from augury.statement.margins import write_margins, write_probability
from augury.statement.outputs import write_outputs
from augury.statement.steps import write_checked, write_cleaned, write_numbers, write_quick
from augury.statement.task import Task, Wanted, make_task

_NOTHING_ELSE = Wanted()


def write_statement(body: ModelBody, bound: Bound, *, dialect: str, source: str, wanted: Wanted = _NOTHING_ELSE) -> str:
    """Write the SELECT that scores every row of a source.

    It gives the columns that are to be kept, then ``<target>_probability`` (null for a refused row), ``<target>``,
    ``margin`` (log-odds) and ``faults``: null, or a JSON array of objects with ``code`` and ``field``.

    Args:
        body: the model.
        bound: which column of the source is which field.
        dialect: a name of :data:`augury.sql.dialects.DIALECTS`.
        source: what stands after FROM: a quoted name, a call, a SELECT in brackets.
        wanted: what is given beside the answer.

    Raises:
        UsageError: there is no such dialect, the engine cannot do it, or two columns would have one name.
    """
    select = build_statement(body, bound, dialect=dialect, source=source, wanted=wanted)
    return print_statement(select, find_dialect(dialect))


def build_statement(
    body: ModelBody, bound: Bound, *, dialect: str, source: str, wanted: Wanted = _NOTHING_ELSE
) -> exp.Select:
    """Build what :func:`write_statement` writes, for those who put it into another statement."""
    return _build(make_task(body, bound, find_dialect(dialect), wanted), source)


def _build(task: Task, source: str) -> exp.Select:
    """Build the steps, each a SELECT of all that the one before has and what it adds."""
    steps: list[tuple[str, list[Node]]] = []
    if numbers := write_numbers(task):
        steps.append(("numbers", numbers))
    if task.is_quick:
        steps.append(("quick", [write_quick(task)]))
    steps.append(("cleaned", write_cleaned(task)))
    steps.append(("checked", write_checked(task)))
    steps += write_margins(task)
    steps.append(("answers", [write_probability(task)]))
    previous: Node = parse_source(source, task.dialect.printer)
    # SQLite would take a table of the name of a step for the step itself.
    taken = {table.name.lower() for table in previous.find_all(exp.Table)}
    select = exp.Select(expressions=write_outputs(task)).from_(_name("answers", taken), copy=False)
    for name, added in steps:
        step = exp.Select(expressions=[exp.Star(), *added]).from_(previous, copy=False)
        if name == "cleaned" and task.wanted.refused and task.is_quick:
            step = step.where(_is_unanswered(task), copy=False)
        select = select.with_(_name(name, taken), as_=task.dialect.fence(step), copy=False)
        previous = _name(name, taken)
    return select.where(is_null(column(task.names.margin)), copy=False) if task.wanted.refused else select


def _name(step: str, taken: Collection[str]) -> exp.Table:
    return exp.to_table(find_free(step, taken))


def _is_unanswered(task: Task) -> Node:
    """Ask whether a row has no margin yet, or one that is beyond a double."""
    unknown = is_null(column(task.names.quick))
    return unknown if task.is_bounded else some([unknown, deny(task.dialect.is_finite(column(task.names.quick)))])
