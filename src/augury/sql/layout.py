"""The layout of a table in an engine: its columns with their kinds, and which column is which field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from augury.contract.check import RecordChecker
from augury.contract.fields import (
    BooleanField,
    CategoryField,
    Contract,
    Feature,
    Field,
    IdentifierField,
    IntegerField,
    NumberField,
)
from augury.contract.nearest import find_nearest
from augury.errors import ContractError

# What an engine says that a column holds. `dynamic` is a type of each cell's own: SQLite's columns, DuckDB's JSON.
# `other` (dates, blobs) is a scalar that no feature takes, `nested` (lists, structs) is no scalar. A decimal of at most
# 15 digits is as good as a `float`: its integer and its power of ten are doubles, so dividing them rounds once.
Kind = Literal["text", "float", "decimal", "integer", "boolean", "dynamic", "other", "nested"]

# Fields without a column that are told one by one: a table that lacks more is another table.
_SHOWN_LACKS = 5


class SourceColumn(Struct, frozen=True):
    """A column of a table as its engine declares it."""

    name: str
    kind: Kind


class Layout(Struct, frozen=True):
    """The columns of a table.

    ``is_text`` tells that it is a file of texts (CSV): every column is text, and a blank cell is null.
    """

    columns: tuple[SourceColumn, ...]
    is_text: bool = False


class Bound(Struct, frozen=True):
    """Which column is which field.

    Args:
        features: of each feature in the contract's order its column; None where the table has none.
        identifiers: by declared identifier its column, of those that the table has.
        unused: the names of columns that are neither.
        is_text: as the layout has it.
    """

    features: tuple[SourceColumn | None, ...]
    identifiers: dict[str, SourceColumn]
    unused: tuple[str, ...]
    is_text: bool = False


def bind_columns(contract: Contract, layout: Layout, *, renames: Mapping[str, str], where: str) -> Bound:
    """Find the column of each field: by the name it is given, exactly, or by its fold.

    Args:
        contract: of the model.
        layout: of the table.
        renames: by column the field that it is, where its name does not say so.
        where: names the table for errors.

    Raises:
        ContractError: two columns are one field, a rename names nothing, or a field that a record must have has no
            column; the sentence names the first of them.
    """
    bound, problems = find_columns(contract, layout, renames)
    lacking = [
        field
        for field, column in zip(contract.features, bound.features, strict=True)
        if column is None and field.absent == "refuse"
    ]
    problems += [_tell_lack(field, bound.unused) for field in lacking[:_SHOWN_LACKS]]
    if rest := len(lacking[_SHOWN_LACKS:]):
        problems.append(f"nor has it one for {rest} more of the {len(contract.features)} fields")
    if problems:
        raise ContractError("; ".join(problems), where=where, mend="rename the columns, or use --map COLUMN=FIELD")
    return bound


def bind_unique(contract: Contract, layout: Layout, where: str) -> Bound:
    """Find the column of each field; a field may lack one, which is told of each row.

    Raises:
        ContractError: two columns are one field.
    """
    bound, problems = find_columns(contract, layout, {})
    if problems:
        raise ContractError("; ".join(problems), where=where, mend="leave only one of them in the table")
    return bound


def find_columns(contract: Contract, layout: Layout, renames: Mapping[str, str]) -> tuple[Bound, list[str]]:
    """Find the column of each field, and what is wrong with that; a field may lack one."""
    checker = RecordChecker(contract)
    problems = [*_check_renames(checker, layout, renames)]
    spelt: dict[str, list[SourceColumn]] = {}
    identifiers: dict[str, SourceColumn] = {}
    unused: list[str] = []
    for column in layout.columns:
        field = checker.find_field(renames.get(column.name, column.name))
        if field is None:
            unused.append(column.name)
            continue
        spelt.setdefault(field.name, []).append(column)
        if isinstance(field, IdentifierField):
            identifiers.setdefault(field.name, column)
    problems += [
        f"columns {' and '.join(repr(column.name) for column in twins)} are spellings of {name!r}"
        for name, twins in spelt.items()
        if len(twins) > 1
    ]
    features = tuple(next(iter(spelt.get(field.name, ())), None) for field in contract.features)
    return Bound(features, identifiers, tuple(unused), layout.is_text), problems


def _check_renames(checker: RecordChecker, layout: Layout, renames: Mapping[str, str]) -> Iterable[str]:
    names = [column.name for column in layout.columns]
    for column, field in renames.items():
        if column not in names:
            yield _suggest(f"the table has no column {column!r}", column, names)
        if checker.find_field(field) is None:
            fields = [each.name for each in checker.contract.fields]
            yield _suggest(f"the contract has no field {field!r}", field, fields)


def _tell_lack(field: Feature, unused: Sequence[str]) -> str:
    return _suggest(f"the table has no column for {field.name!r}", field.name, unused)


def _suggest(what: str, word: str, candidates: Sequence[str]) -> str:
    nearest = find_nearest(word, candidates)
    return f"{what} (nearest is {nearest!r})" if nearest else what


def assume_layout(
    contract: Contract, *, names: Literal["training", "contract"], as_text: bool, renames: Mapping[str, str]
) -> Layout:
    """Assume the layout of a table that nobody has shown us: a column for each field, of the kind that it takes.

    ``names`` are those that the columns of the training table had, or the contract's own, but for the columns that
    ``renames`` names; ``as_text`` says that every column is text, as when a file was loaded as it is.
    """
    checker = RecordChecker(contract)
    named = {field.name: column for column, key in renames.items() if (field := checker.find_field(key)) is not None}
    columns = []
    for field in contract.fields:
        name = field.spellings[0] if names == "training" and field.spellings else field.name
        columns.append(SourceColumn(named.get(field.name, name), "text" if as_text else find_usual_kind(field)))
    return Layout(tuple(columns), is_text=as_text)


def find_usual_kind(field: Field) -> Kind:
    """Find the kind of the column in which a table usually has a field."""
    match field:
        case NumberField():
            return "float"
        case IntegerField():
            return "integer"
        case BooleanField():
            return "boolean"
        case CategoryField():
            return "text" if field.is_text else "integer"
        case IdentifierField():
            return "text"
