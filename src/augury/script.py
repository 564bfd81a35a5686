"""The script: the statement of a model as a file that people read and an engine runs, a SELECT or a view."""

from __future__ import annotations

from textwrap import wrap
from typing import Literal

from msgspec import Struct
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from augury import __version__
from augury.artifact.document import Document
from augury.errors import UsageError
from augury.sql.dialect import Dialect, Node, print_statement
from augury.sql.dialects import find_dialect
from augury.sql.layout import Bound, Layout, SourceColumn, assume_layout, bind_columns
from augury.statement import Wanted, build_statement

_WIDTH = 116
# What each step of the statement does.
_STEPS = {
    "numbers": "what the texts say that are to be numbers; null where that is no number",
    "quick": "the margin of rows just as training saw them; null for all that want a closer look",
    "cleaned": "what each column says to its field: a number, a level, 1 or 0; null where it says none",
    "checked": "what is wrong with each row, by the contract",
    "sums": "the sum of the terms",
    "margins": "the margin, in log-odds, of rows with which nothing is wrong",
    "answers": "the probability",
}
_KINDS = {"float": "number", "decimal": "number", "dynamic": "any", "other": "other", "nested": "other"}


class Script(Struct, frozen=True):
    """What a script is about.

    Args:
        dialect: of the engine.
        table: what stands after FROM.
        layout: of the table; assumed from the contract where it is None.
        names: whose names the columns are assumed to have, the training table's or the contract's.
        as_text: whether every column is assumed to be text, as when a file was loaded as it is.
        renames: by column the field that it is.
        view: the name of the view to create; a SELECT where it is None.
        wanted: what is given beside the answer; the identifiers where nothing is said to be kept.
    """

    dialect: str
    table: str
    layout: Layout | None = None
    names: Literal["training", "contract"] = "training"
    as_text: bool = False
    renames: dict[str, str] = {}
    view: str | None = None
    wanted: Wanted = Wanted()


def write_script(document: Document, script: Script) -> str:
    """Write the script, with a few lines above it of what it is, what it reads and what it gives.

    Raises:
        UsageError: there is no such dialect, or its engine cannot do it; the table or the view cannot be named so.
        ContractError: the columns do not fit the contract.
    """
    body, dialect = document.model, find_dialect(script.dialect)
    _check_name(script.table, dialect, "table")
    layout = script.layout or assume_layout(
        body.contract, names=script.names, as_text=script.as_text, renames=script.renames
    )
    bound = bind_columns(body.contract, layout, renames=script.renames, where=script.table)
    keep = script.wanted.keep or tuple(column.name for column in bound.identifiers.values())
    wanted = Wanted(keep, notes=script.wanted.notes, reasons=script.wanted.reasons)
    select = build_statement(body, bound, dialect=script.dialect, source=script.table, wanted=wanted)
    statements = [select] if script.view is None else _create_view(script.view, select, dialect)
    text = ";\n\n".join(print_statement(statement, dialect) for statement in statements)
    lines = _describe(document, script, bound, select)
    return "".join(f"-- {line}".rstrip() + "\n" for line in lines) + text + ";\n"


def _check_name(name: str, dialect: Dialect, what: str) -> exp.Table:
    """Read the name of a table or view, which may have a schema before it and quotes around its parts."""
    try:
        found = parse_one(name, into=exp.Table, dialect=dialect.printer)
    except SqlglotError:
        found = None
    if not isinstance(found, exp.Table) or not found.name or found.alias or found.args.get("joins"):
        mend = 'give it as in a query, for instance customers, crm.customers or "Customers"'
        raise UsageError(f"{name!r} is not the name of a {what}", mend=mend)
    return found


def _create_view(name: str, select: exp.Select, dialect: Dialect) -> list[Node]:
    view = _check_name(name, dialect, "view")
    if dialect.limits.replaces_views:
        return [exp.Create(this=view, kind="VIEW", replace=True, expression=select)]
    drop = exp.Drop(this=view.copy(), kind="VIEW", exists=True)
    return [drop, exp.Create(this=view, kind="VIEW", expression=select)]


def _describe(document: Document, script: Script, bound: Bound, select: exp.Select) -> list[str]:
    body, dialect = document.model, find_dialect(script.dialect)
    digest = document.digest.removeprefix("sha256:")[:12]
    read = [column for column in (*bound.identifiers.values(), *bound.features) if column is not None]
    steps = {cte.alias for cte in select.ctes}
    lines = [
        f"{body.name}@{digest} in SQL for {dialect.title}, by Augury {__version__}: change the model, not this.",
        f"A refused row has no {body.target.name}_probability; faults says by which codes and fields it is refused.",
        "",
        *wrap(f"It reads {_show(script.table)}: {', '.join(map(_show_column, read))}.", _WIDTH),
        "",
        *(f"{step + ':':9}{does}" for step, does in _STEPS.items() if step in steps),
    ]
    if not dialect.is_run:
        lines += ["", f"No test of Augury runs {dialect.title}: compare a few hundred rows before you rely on it."]
    return lines


def _show_column(column: SourceColumn) -> str:
    return f"{_show(column.name)} ({_KINDS.get(column.kind, column.kind)})"


def _show(name: str) -> str:
    """Show a name in a line of comment, which nothing in it may end."""
    return "".join(character if character.isprintable() else "?" for character in name)
