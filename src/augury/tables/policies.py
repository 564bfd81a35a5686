"""Policies that accept a state of a field, held to the rules that the model has."""

from __future__ import annotations

from collections.abc import Mapping

from augury.contract.fields import CategoryField, Contract
from augury.errors import ContractError
from augury.ir.walk import Rules

# A field that no term reads.
NO_RULES = Rules(missing=False, unseen=False)


def refuse_policies(contract: Contract, rules: Mapping[str, Rules], where: str) -> None:
    """Refuse a contract that accepts a state for which the model has no rule.

    Raises:
        ContractError: with every field that does.
    """
    problems: list[str] = []
    for field in contract.features:
        known = rules.get(field.name, NO_RULES)
        if (field.null == "impute" or field.absent == "optional") and not known.missing:
            problems.append(f"{field.name!r} may not be missing: the model has no rule for that")
        if isinstance(field, CategoryField) and field.unseen == "note" and not known.unseen:
            problems.append(f"{field.name!r} takes no unseen level: the model has no rule for that")
    if problems:
        mend = "refuse these in the contract, or give a value for what is missing by --fill FIELD=VALUE"
        raise ContractError("; ".join(problems), where=where, mend=mend)
