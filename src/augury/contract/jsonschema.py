"""The contract as JSON Schema, draft 2020-12, for callers that check before they ask.

The schema knows the contract's own names and the listed spellings of levels; other spellings of names, which the
service takes as well, are told in words. It never refuses a record that is so spelt and has no fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from augury.contract.fields import (
    MAX_EXACT_INTEGER,
    BooleanField,
    Bounds,
    CategoryField,
    Contract,
    Feature,
    Field,
    IdentifierField,
    IntegerField,
    NumberField,
)

# JSON Schema's patterns are searched for, and `$` of some engines lets a last newline through: so it is a `not`.
_NO_CONTROL_CHARACTER = {"not": {"type": "string", "pattern": "[\\u0000-\\u001f]"}}


def make_schema(
    contract: Contract, name: str, digest: str, example: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """Make the schema of one record.

    Args:
        contract: what the record is held to.
        name: of the model.
        digest: of its artifact, ``sha256:`` and 64 hexadecimal digits; the first 12 are part of ``$id``.
        example: a record that satisfies the contract.
    """
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:augury:{name}:{digest.removeprefix('sha256:')[:12]}",
        "title": f"A record for {name}",
        "type": "object",
        "properties": {field.name: _make_property(field) for field in contract.fields},
        "required": [field.name for field in contract.features if field.absent == "refuse"],
        "propertyNames": _NO_CONTROL_CHARACTER,
        "additionalProperties": contract.unknown_key == "note",
    }
    return schema if example is None else schema | {"examples": [dict(example)]}


def _make_property(field: Field) -> dict[str, Any]:
    about: dict[str, Any] = {"title": field.name}
    if field.spellings:
        about["description"] = f"Also spelt {', '.join(field.spellings)}."
    if isinstance(field, IdentifierField):
        return about | {"type": ["string", "number", "boolean", "null"], **_NO_CONTROL_CHARACTER}
    return about | _make_feature(field)


def _make_feature(field: Feature) -> dict[str, Any]:
    match field:
        case BooleanField():
            return _make_type(field, "boolean")
        case CategoryField():
            return _make_category(field)
        case IntegerField():
            limit = Bounds(-MAX_EXACT_INTEGER, MAX_EXACT_INTEGER)
            bounds = _find_bounds(field) or limit
            low, high = max(bounds.low, limit.low), min(bounds.high, limit.high)
            return _make_type(field, "integer") | {"minimum": int(low), "maximum": int(high)}
        case NumberField():
            found = _find_bounds(field)
            limits = {"minimum": found.low, "maximum": found.high} if found else {}
            return _make_type(field, "number") | limits


def _make_type(field: Feature, name: str) -> dict[str, Any]:
    return {"type": [name, "null"] if field.null == "impute" else name}


def _make_category(field: CategoryField) -> dict[str, Any]:
    spellings = [*field.levels, *field.level_spellings]
    if field.unseen == "refuse":
        return {"enum": [*spellings, None] if field.null == "impute" else spellings}
    typed = _make_type(field, "string" if field.is_text else "number")
    return typed | {"examples": spellings} | (_NO_CONTROL_CHARACTER if field.is_text else {})


def _find_bounds(field: NumberField | IntegerField) -> Bounds | None:
    """Find the interval outside which every number is refused; None where some are let through however far out."""
    if field.seen is None or field.far == "note":
        return None
    if field.near == "refuse" or field.accepted is None:
        return field.seen
    return Bounds(min(field.seen.low, field.accepted.low), max(field.seen.high, field.accepted.high))
