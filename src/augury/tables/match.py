"""Match the columns of a table with the fields of a model: by exact name, else by fold."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from augury.contract.fields import IdentifierField
from augury.contract.nearest import find_nearest
from augury.errors import ContractError
from augury.tables.table import Table, find_spelt


class Matched(Struct, frozen=True):
    """Which column is what: ``columns`` maps each feature to its column, ``unused`` are the columns left over."""

    columns: dict[str, str]
    identifiers: tuple[IdentifierField, ...]
    target: str | None
    unused: tuple[str, ...]


def match_columns(features: Sequence[str], table: Table, *, target: str | None, identifiers: Sequence[str]) -> Matched:
    """Match features, target column and identifiers with the columns of a table.

    A feature must have a column; the target and an identifier may lack one, for a sample need not hold them.

    Raises:
        ContractError: with everything that does not match.
    """
    _refuse_readings(features, target, identifiers, table.where)
    matching = _Matching(table)
    # Exact names first, for every field, so that no fold takes a column that is another's own name.
    columns = {name: matching.claim(name, name, exact=True) for name in (*features, *identifiers)}
    target_column = matching.claim(target, "the target column", exact=True) if target else None
    for name in (*features, *identifiers):
        columns[name] = columns[name] or matching.claim(name, name, exact=False)
    if target and target_column is None:
        target_column = matching.claim(target, "the target column", exact=False)
    for name in features:
        if columns[name] is None:
            matching.miss(f"the model reads {name!r}, for which the table has no column", name)
    for name in identifiers:
        if columns[name] is None and find_nearest(name, matching.unclaimed):
            matching.miss(f"the table has no column {name!r} to be an identifier", name)
    if matching.problems:
        mend = "rename the columns of the table, or give the table that the model was trained on"
        raise ContractError("; ".join(matching.problems), where=table.where, mend=mend)
    found = {name: column for name, column in columns.items() if column is not None}
    return Matched(
        {name: found[name] for name in features},
        tuple(_make_identifier(name, found.get(name, name)) for name in identifiers),
        target_column,
        tuple(matching.unclaimed),
    )


def _refuse_readings(features: Sequence[str], target: str | None, identifiers: Sequence[str], where: str) -> None:
    """Refuse to take for something else a column that the model reads by that very name."""
    problems = [
        f"{name!r} is read by the model, so it cannot be an identifier" for name in identifiers if name in features
    ]
    if target in features:
        problems.append(f"{target!r} is read by the model, so it cannot be the target column")
    if problems:
        mend = "name another column, or fit the model without this one"
        raise ContractError("; ".join(problems), where=where, mend=mend)


def _make_identifier(name: str, column: str) -> IdentifierField:
    return IdentifierField(name=name, spellings=find_other_spelling(name, column))


def find_other_spelling(name: str, column: str) -> tuple[str, ...]:
    """Find what the contract must list beside a field's name: the column's, where it is spelt otherwise."""
    return () if column == name else (column,)


class _Matching:
    """Columns claimed so far, and what went wrong."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._owners: dict[str, str] = {}
        self.problems: list[str] = []

    @property
    def unclaimed(self) -> list[str]:
        return [column for column in self._table.columns if column not in self._owners]

    def claim(self, name: str, owner: str, *, exact: bool) -> str | None:
        """Claim the column that ``name`` spells for its owner; None where there is none."""
        spelt = find_spelt(name, self._table.columns)
        if exact:
            spelt = [column for column in spelt if column == name]
        if len(spelt) > 1:
            free = [column for column in spelt if column not in self._owners]
            spelt = free if len(free) == 1 else spelt
        if len(spelt) > 1:
            self.problems.append(f"columns {', '.join(map(repr, spelt))} are all spellings of {owner!r}")
        elif spelt and spelt[0] in self._owners:
            self.problems.append(f"column {spelt[0]!r} is both {self._owners[spelt[0]]!r} and {owner!r}")
        elif spelt:
            self._owners[spelt[0]] = owner
            return spelt[0]
        return None

    def miss(self, what: str, name: str) -> None:
        """Note that a name has no column, with the nearest that is left."""
        nearest = find_nearest(name, self.unclaimed)
        self.problems.append(f"{what} (nearest is {nearest!r})" if nearest else what)
