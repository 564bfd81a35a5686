"""Which column of a table is what: the target, identifiers, and columns that no model reads."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from augury.errors import UsageError
from augury.tables.propose import find_columns
from augury.tables.table import Table


class Roles(Struct, frozen=True):
    """Columns by what they are for, each as the table names it.

    Args:
        target: holds the class.
        identifiers: tell customers apart, and are read by no model.
        dropped: are left out; those of times and groups are among them, unless they are identifiers.
        time, group: say which rows are held out.
    """

    target: str
    identifiers: tuple[str, ...]
    dropped: tuple[str, ...]
    time: str | None
    group: str | None


def find_roles(
    table: Table,
    *,
    target: str,
    identifiers: Sequence[str],
    drop: Sequence[str],
    time: str | None,
    group: str | None,
) -> Roles:
    """Find the column that each name spells.

    Raises:
        ContractError: a name is no column, or one column is named twice.
        UsageError: the rows would be split by the target itself.
    """
    columns = find_columns(table, (target, *identifiers, *drop))
    splits = find_columns(table, [name for name in (time, group) if name])
    for column in splits.values():
        if column == columns[target]:
            what = f"the target column {column!r} cannot say which rows are held out"
            raise UsageError(what, mend="name another column with --time or --group")
    declared = tuple(columns[name] for name in identifiers)
    dropped = dict.fromkeys(columns[name] for name in drop)
    dropped |= dict.fromkeys(column for column in splits.values() if column not in declared)
    return Roles(
        columns[target],
        declared,
        tuple(dropped),
        splits[time] if time else None,
        splits[group] if group else None,
    )
