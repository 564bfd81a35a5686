"""The contract that training proposes: from the fitting rows, as a person corrected it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from augury.contract.fields import CategoryField, Contract, Field, IdentifierField, Level, check_contract
from augury.contract.nearest import find_nearest
from augury.errors import ContractError
from augury.tables.contract_toml import Corrections, make_corrections, read_corrections
from augury.tables.members import make_field
from augury.tables.notice import Notice, write_option
from augury.tables.propose import find_nothing_left, propose_contract
from augury.tables.summarise import summarise
from augury.tables.table import Table, find_spelt
from augury.training.classes import respell
from augury.training.prepare import Prepared
from augury.training.recipe import Case
from augury.training.roles import Roles


class Proposal(Struct, frozen=True):
    """The contract of the fitting rows in the table's spelling, what was noticed, and the fields dropped as rare."""

    contract: Contract
    notices: tuple[Notice, ...]
    dropped: tuple[str, ...]


def read_said(contract: Contract | str | None) -> Corrections | None:
    """Read what a person says of the contract.

    Raises:
        ContractError: the file is no contract.
    """
    if contract is None:
        return None
    return read_corrections(contract) if isinstance(contract, str) else make_corrections(contract)


def find_said_identifiers(said: Corrections | None, table: Table) -> list[str]:
    """Find the columns that a person's contract says are identifiers."""
    names = [name for name, members in said.fields.items() if members.get("kind") == "identifier"] if said else []
    return [name for name in names if find_spelt(name, table.columns)]


def propose(fitting: Table, roles: Roles, said: Corrections | None, rare: int) -> Proposal:
    """Propose the contract of the rows that are fitted on.

    A category without a level in ``rare`` rows is dropped, for no level of it could be told.

    Raises:
        ContractError: no field is left, or what a person said cannot be applied.
    """
    excluded = [name for name in roles.dropped if name != roles.target]
    spoken = _find_spoken(fitting, roles, said)
    proposed = propose_contract(fitting, target=roles.target, identifiers=roles.identifiers, drop=excluded)
    fields = {field.name: field for field in proposed.contract.fields}
    notices = [notice for notice in proposed.notices if not (notice.column in spoken and notice.column not in fields)]
    problems: list[str] = []
    for column, members in spoken.items():
        corrected = _correct(fields.get(column), column, members, fitting)
        if isinstance(corrected, list):
            problems.extend(f"field {column!r}: {problem}" for problem in corrected)
        else:
            fields[column] = corrected
    if problems:
        where = said.where if said else ""
        raise ContractError("; ".join(problems), where=where, mend="correct the file and try again")
    kept = [fields[column] for column in fitting.columns if column in fields]
    dropped = tuple(field.name for field in kept if _is_rare(field, fitting, rare))
    notices = [notice for notice in notices if not (notice.code == "rare" and notice.column in dropped)]
    notices.extend(_notice_rare(column, rare) for column in dropped)
    frequent = [field for field in kept if field.name not in dropped]
    return Proposal(_make_contract(proposed.contract, frequent, notices, fitting.where), tuple(notices), dropped)


def _make_contract(proposed: Contract, fields: Sequence[Field], notices: Sequence[Notice], where: str) -> Contract:
    contract = replace(proposed, fields=tuple(fields))
    if not contract.features:
        raise find_nothing_left(notices, where)
    check_contract(contract)
    return contract


def _find_spoken(fitting: Table, roles: Roles, said: Corrections | None) -> dict[str, Mapping[str, object]]:
    """Find what is said of each column that may be a field; a file may also speak of the target and of dropped ones.

    Raises:
        ContractError: it speaks of what is no column.
    """
    spoken: dict[str, Mapping[str, object]] = {}
    problems: list[str] = []
    for name, members in said.fields.items() if said else ():
        spelt = find_spelt(name, fitting.columns)
        if len(spelt) != 1:
            nearest = find_nearest(name, fitting.columns)
            problems.append(f"field {name!r} is no column" + (f"; nearest is {nearest!r}" if nearest else ""))
        elif spelt[0] not in {roles.target, *roles.dropped, *roles.identifiers}:
            spoken[spelt[0]] = members
    if problems:
        raise ContractError(
            "; ".join(problems), where=said.where if said else "", mend="correct the file and try again"
        )
    return spoken


def _correct(field: Field | None, column: str, members: Mapping[str, object], fitting: Table) -> Field | list[str]:
    """Make the field of what is said, over what was inferred."""
    before: dict[str, Any] = msgspec.to_builtins(field) if field is not None else {}
    before.pop("name", None)
    said = dict(members)
    kind = said.setdefault("kind", before.get("kind"))
    if kind != before.get("kind"):
        before = {member: before[member] for member in ("null", "absent") if member in before}
        if kind == "category" and "levels" not in said:
            said["levels"] = _list_levels(column, fitting)
    if "seen" in said:
        before.pop("accepted", None)
    return make_field(column, {**before, **said})


def _list_levels(column: str, fitting: Table) -> list[str | int]:
    """List the levels of a column that a person says is a category: its texts, else its whole numbers."""
    summary = summarise(fitting, column)
    if summary.is_text:
        return sorted(text for text in summary.texts if text.strip())
    return sorted(int(number) for number in summary.numbers if number.is_integer())


def _is_rare(field: Field, fitting: Table, rare: int) -> bool:
    """Tell whether every level of a category of texts is in fewer rows than ``rare``."""
    if isinstance(field, IdentifierField) or not isinstance(field, CategoryField) or not field.is_text:
        return False
    counts = summarise(fitting, field.name).texts
    return max((counts[str(level)] for level in field.levels), default=0) < rare


def _notice_rare(column: str, rare: int) -> Notice:
    sentence = f"every level of {column} stands in fewer than {rare} rows; it was dropped"
    return Notice(column, "rare", sentence, write_option("--drop", column))


def keep_policies(said: Corrections | None, prepared: Prepared, case: Case) -> Corrections | None:
    """Keep of what a person says the policies, bounds and spellings; kinds and levels are in the fitted model by now.

    A file that lists a rare level has it accepted, so that the policy about what is unseen is the model's.
    """
    if said is None:
        return None
    fields = {field.name: field for field in prepared.fields}
    kept: dict[str, Mapping[str, object]] = {}
    for name, members in said.fields.items():
        for spelt in find_spelt(name, list(fields)):
            left = {"levels"} | ({"kind"} if isinstance(fields[spelt], CategoryField) else set())
            left |= {"unseen"} if spelt in prepared.rare else set()
            policies = {member: value for member, value in members.items() if member not in left}
            if "level_spellings" in policies:
                rare = prepared.rare.get(spelt, ())
                policies["level_spellings"] = _keep_spellings(policies["level_spellings"], rare, case)
            kept[spelt] = policies
    return Corrections(said.where, said.rules, kept)


def _keep_spellings(spellings: object, rare: Collection[Level], case: Case) -> dict[str, str]:
    """Keep the other spellings of levels that the model has, in the recipe's spelling."""
    assert isinstance(spellings, dict)  # it made a field already
    respelt = {text: respell(level, case) for text, level in spellings.items()}
    return {text: level for text, level in respelt.items() if level not in rare and text != level}
