"""Propose a contract from a table alone, for a person to read and correct before a model is trained."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from augury.contract.fields import Contract, Field, IdentifierField, check_contract, is_name
from augury.contract.nearest import find_nearest
from augury.errors import ContractError
from augury.tables.infer import infer_field
from augury.tables.notice import Notice
from augury.tables.summarise import summarise
from augury.tables.table import Table, find_spelt

# Dropped columns that a sentence tells of.
_SHOWN = 3


class Proposed(Struct, frozen=True):
    """A contract in the table's own spelling, what was noticed, and the target column as the table names it."""

    contract: Contract
    notices: tuple[Notice, ...]
    target: str | None


def propose_contract(
    table: Table, *, target: str | None = None, identifiers: Sequence[str] = (), drop: Sequence[str] = ()
) -> Proposed:
    """Propose a contract: each column that is not the target, an identifier or dropped becomes a field.

    Raises:
        ContractError: for a name that is no column, with the nearest; and when no field is left.
    """
    asked = (*identifiers, *drop, *([target] if target else ()))
    columns = find_columns(table, asked)
    excluded = {columns[name] for name in (*drop, *([target] if target else ()))}
    declared = {columns[name] for name in identifiers}
    notices: list[Notice] = []
    fields: list[Field] = []
    for column in table.columns:
        if column in excluded:
            continue
        if column in declared:
            fields.append(IdentifierField(name=column))
            continue
        if not is_name(column):
            notices.append(_notice_name(column))
            continue
        inferred = infer_field(summarise(table, column))
        notices.extend(inferred.notices)
        if inferred.field is not None:
            fields.append(inferred.field)
    contract = Contract(fields=tuple(fields))
    if not contract.features:
        raise find_nothing_left(notices, table.where)
    check_contract(contract)
    return Proposed(contract, tuple(notices), columns[target] if target else None)


def find_nothing_left(notices: Sequence[Notice], where: str) -> ContractError:
    """Find how to say that no column is left for a model to read, with why the first were dropped."""
    lines = "; ".join(notice.sentence for notice in notices[:_SHOWN])
    what = f"no column is left for a model to read{': ' if lines else ''}{lines}"
    return ContractError(what, where=where, mend="give a table with columns that vary and repeat")


def _notice_name(column: str) -> Notice:
    sentence = f"{column} holds a quote or a backslash, so it cannot name a field; it was dropped"
    return Notice(column, "name", sentence, "a table in which the column has another name")


def find_columns(table: Table, names: Sequence[str]) -> dict[str, str]:
    """Find the column that each name spells, each column once.

    Raises:
        ContractError: with every name that is no column, or several, and every column that is named twice.
    """
    found: dict[str, str] = {}
    problems: list[str] = []
    for name in names:
        spelt = find_spelt(name, table.columns)
        if len(spelt) == 1 and spelt[0] in found.values():
            problems.append(f"column {spelt[0]!r} is named twice among target, identifiers and dropped columns")
        elif len(spelt) == 1:
            found[name] = spelt[0]
        elif spelt:
            problems.append(f"{name!r} could be any of {', '.join(map(repr, spelt))}")
        else:
            nearest = find_nearest(name, table.columns)
            problems.append(f"there is no column {name!r}" + (f" (nearest is {nearest!r})" if nearest else ""))
    if problems:
        raise ContractError("; ".join(problems), where=table.where, mend="name each column as the table does")
    return found
