"""The fields of a contract as a table of a page: what each takes, and what is done about anything else."""

from __future__ import annotations

from augury.contract.fields import CategoryField, Contract, Field, IdentifierField, IntegerField, NumberField
from augury.markup import Child, Markup, join, tag, write_excerpt, write_name, write_table

# A field of more levels than this is told by its number of levels: the page is to be read.
_MAX_LEVELS = 50

_UNSEEN = {"refuse": "refused", "note": "scored by the model's rule, and noted"}


def write_field_table(contract: Contract) -> Markup:
    """Write the fields of a contract as a table."""
    header = ("field", "kind", "takes", "anything else", "null", "if left out")
    return write_table(header, (_find_cells(field) for field in contract.fields))


def write_contract(contract: Contract) -> Markup:
    """Write a contract as a notebook shows it."""
    unknown = "refused" if contract.unknown_key == "refuse" else "noted"
    counted = (
        f"{len(contract.features):,} features, {len(contract.identifiers):,} identifiers; other keys are {unknown}"
    )
    return write_excerpt(tag("p", "Contract, ", counted, class_="title"), write_field_table(contract))


def _find_cells(field: Field) -> tuple[Child, ...]:
    if isinstance(field, IdentifierField):
        return field.name, "identifier", "any one value; it is not used", "", "accepted", "accepted"
    null = "filled by the model's rule" if field.null == "impute" else "refused"
    absent = "counts as missing" if field.absent == "optional" else "refused"
    kind = str(type(field).__struct_config__.tag)
    return field.name, kind, _describe_values(field), _describe_others(field), null, absent


def _describe_values(field: Field) -> Child:
    if isinstance(field, CategoryField):
        if len(field.levels) > _MAX_LEVELS:
            return f"one of {len(field.levels):,} levels"
        return join((write_name(str(level)) for level in field.levels), between=", ")
    if not isinstance(field, NumberField | IntegerField):
        return "true, false"
    if field.seen is None:
        return "any finite number"
    seen = f"{field.seen.low:.15g} to {field.seen.high:.15g} in training"
    if field.accepted is None or field.far == "note":
        return seen
    return f"{seen}; {field.accepted.low:.15g} to {field.accepted.high:.15g} accepted"


def _describe_others(field: Field) -> str:
    """Say what is done about a level that training did not see, or a number outside its range."""
    if isinstance(field, CategoryField):
        return _UNSEEN[field.unseen]
    if not isinstance(field, NumberField | IntegerField) or field.seen is None:
        return "refused"
    near, far = ({"note": "noted", "refuse": "refused"}[policy] for policy in (field.near, field.far))
    if field.accepted is None or near == far:
        return far
    return f"{near}; further out {far}"
