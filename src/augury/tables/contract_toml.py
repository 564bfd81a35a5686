"""``contract.toml``: a contract that a person can read, correct and keep in git.

A file may be whole, as ``augury contract`` writes it, or hold only what a person wants otherwise: a member that is not
there stays as it was learnt.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from augury.contract.fields import (
    CategoryField,
    Contract,
    Feature,
    Field,
    IdentifierField,
    IntegerField,
    NumberField,
    check_contract,
    find_accepted_bounds,
)
from augury.contract.nearest import find_nearest
from augury.errors import ContractError
from augury.ir.walk import Rules
from augury.tables.members import find_problems, make_field
from augury.tables.policies import refuse_policies
from augury.tables.table import find_spelt

_MEND = "correct the file and try again"


class Corrections(Struct, frozen=True):
    """What a person says of a contract: the members of each field, and of the record as a whole, that he names."""

    where: str
    rules: Mapping[str, object]
    fields: Mapping[str, Mapping[str, object]]


def read_contract(path: str | PathLike[str]) -> Contract:
    """Read a whole contract.

    Raises:
        ContractError: with everything that is wrong in the file, each with the field.
    """
    corrections = read_corrections(path)
    made = {name: make_field(name, members) for name, members in corrections.fields.items()}
    problems = [_place(name, problem) for name, found in made.items() if isinstance(found, list) for problem in found]
    if problems:
        raise ContractError("; ".join(problems), where=corrections.where, mend=_MEND)
    fields = tuple(field for field in made.values() if not isinstance(field, list))
    return _check(Contract(fields=fields, **cast("Any", corrections.rules)), corrections.where)


def read_corrections(path: str | PathLike[str]) -> Corrections:
    """Read a file that may hold only part of a contract; its members are judged when they are applied.

    Raises:
        ContractError: when it is no TOML file of ``[fields.NAME]`` tables.
    """
    where = str(path)
    parsed = _read_toml(Path(path))
    fields = parsed.pop("fields", {})
    problems = find_problems(Contract, parsed, "of the file")
    if not isinstance(fields, dict) or not all(isinstance(members, dict) for members in fields.values()):
        problems.append("every field is a table of its own, [fields.NAME]")
    if problems:
        raise ContractError("; ".join(problems), where=where, mend=_MEND)
    return Corrections(where, parsed, fields)


def _read_toml(path: Path) -> dict[str, Any]:
    where = str(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ContractError("there is no such file", where=where, mend="check the path") from None
    except OSError as error:
        raise ContractError(f"the file cannot be read: {error.strerror}", where=where, mend="check the path") from None
    except UnicodeDecodeError as error:
        what = f"the file is not UTF-8 (byte {error.start})"
        raise ContractError(what, where=where, mend="save it as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ContractError(f"the file is not TOML: {error}", where=where, mend=_MEND) from None


def correct_contract(
    learned: Contract, corrections: Corrections | Contract, rules: Mapping[str, Rules] | None = None
) -> Contract:
    """Correct what was learnt by what a person says.

    Fields are found by name, listed spelling or fold; what is not said stays. What the model knows is not a person's to
    say: the levels of a category may be spelt otherwise, which lists the spelling, but are neither more nor fewer; a
    text is not a number. A name that is no field may only be a new identifier. With the model's ``rules``, a policy
    that accepts what the model has no rule for is refused as well.

    Raises:
        ContractError: with everything that cannot be applied, each with the field.
    """
    if isinstance(corrections, Contract):
        corrections = make_corrections(corrections)
    fields: dict[str, Field] = {field.name: field for field in learned.fields}
    spellings = {spelling: field.name for field in learned.fields for spelling in (field.name, *field.spellings)}
    problems: list[str] = []
    for key, members in corrections.fields.items():
        named = {spellings[spelling] for spelling in find_spelt(key, list(spellings))}
        if len(named) > 1:
            problems.append(_place(key, f"could be any of {', '.join(sorted(named))}"))
            continue
        corrected = _correct_field(fields[named.pop()], key, members) if named else _add_field(key, members, fields)
        if isinstance(corrected, list):
            problems.extend(_place(key, problem) for problem in corrected)
        else:
            fields[corrected.name] = corrected
    if problems:
        raise ContractError("; ".join(problems), where=corrections.where, mend=_MEND)
    contract = replace(learned, fields=tuple(fields.values()), **cast("Any", corrections.rules))
    _check(contract, corrections.where)
    if rules is not None:
        refuse_policies(contract, rules, corrections.where)
    return contract


def make_corrections(contract: Contract) -> Corrections:
    """Make of a whole contract what a file of it would say."""
    rules: dict[str, Any] = msgspec.to_builtins(contract)
    fields = {field.pop("name"): field for field in rules.pop("fields")}
    return Corrections("contract", rules, fields)


def _add_field(key: str, members: Mapping[str, object], fields: Mapping[str, Field]) -> Field | list[str]:
    if members.get("kind") == "identifier":
        return make_field(key, members)
    nearest = find_nearest(key, fields)
    hint = f"nearest is {nearest}" if nearest else 'only an identifier may be new: remove it, or kind = "identifier"'
    return [f"is no field of the model; {hint}"]


def _correct_field(field: Field, key: str, members: Mapping[str, object]) -> Field | list[str]:
    before: dict[str, Any] = msgspec.to_builtins(field)
    name = before.pop("name")
    if (members.get("kind", before["kind"]) == "identifier") != isinstance(field, IdentifierField):
        return [
            "is read by the model, which an identifier is not"
            if "null" in before
            else "is an identifier, which no model reads"
        ]
    kept = before if members.get("kind", before["kind"]) == before["kind"] else _keep_common(before)
    said = dict(members)
    if key != name and key not in said.get("spellings", before["spellings"]):  # type: ignore[operator]
        said["spellings"] = [*said.get("spellings", before["spellings"]), key]  # type: ignore[misc]
    follows = "seen" in said and "accepted" not in said
    if follows:
        kept.pop("accepted", None)
    made = make_field(name, {**kept, **said})
    if isinstance(made, list):
        return made
    return _reconcile(field, _derive_accepted(made) if follows else made)


def _derive_accepted(field: Field) -> Field:
    """Derive the accepted range again from a seen range that a person corrected, as it was derived when learnt."""
    if not isinstance(field, NumberField | IntegerField) or field.seen is None or not field.seen.low <= field.seen.high:
        return field
    return replace(field, accepted=find_accepted_bounds(field.seen))


def _keep_common(members: Mapping[str, object]) -> dict[str, object]:
    """Keep the members that every kind of feature has: a number's range says nothing about a category."""
    return {member: value for member, value in members.items() if member in {"spellings", "null", "absent"}}


def _reconcile(before: Field, after: Field) -> Field | list[str]:
    """Hold a corrected field to what the model reads."""
    if isinstance(before, IdentifierField) or isinstance(after, IdentifierField):
        return after
    if _is_text(before) or _is_text(after):
        if not (isinstance(before, CategoryField) and isinstance(after, CategoryField)):
            return ["a text is no number: the model reads the one, and the file says the other"]
        return _reconcile_levels(before, after)
    if isinstance(before, CategoryField) and isinstance(after, CategoryField):
        same = set(before.levels) == set(after.levels)
        return replace(after, levels=before.levels) if same else [_say_levels(before)]
    return after


def _is_text(field: Feature) -> bool:
    return isinstance(field, CategoryField) and bool(field.levels) and field.is_text


def _reconcile_levels(before: CategoryField, after: CategoryField) -> CategoryField | list[str]:
    """Keep the model's levels in its order; the file's, where spelt otherwise, become listed spellings."""
    levels = [str(level) for level in before.levels]
    spelt = {str(level): find_spelt(str(level), levels) for level in after.levels}
    meant = [found[0] for found in spelt.values() if len(found) == 1]
    if sorted(meant) != sorted(levels):
        return [_say_levels(before)]
    others = {level: found[0] for level, found in spelt.items() if level != found[0]}
    listed = {text: spelt.get(level, [level])[0] for text, level in after.level_spellings.items()}
    return replace(after, levels=before.levels, level_spellings=listed | others)


def _say_levels(field: CategoryField) -> str:
    return f"its levels are the model's own and cannot be corrected: {', '.join(map(repr, field.levels))}"


def _place(name: str, problem: str) -> str:
    return f"field {name!r} {problem}" if problem.startswith(("has", "is ", "could")) else f"field {name!r}: {problem}"


def _check(contract: Contract, where: str) -> Contract:
    try:
        check_contract(contract)
    except ContractError as error:
        raise ContractError(error.what, where=where, mend=_MEND) from None
    return contract
