"""The fields of a contract as a table, as `inspect` and `contract` print them."""

from __future__ import annotations

from augury.cli.render import render_table
from augury.contract.fields import (
    BooleanField,
    Bounds,
    CategoryField,
    Contract,
    Field,
    IdentifierField,
    IntegerField,
    NumberField,
)

# Levels of a field that are listed before they are counted.
_MAX_LEVELS = 4


def render_fields(contract: Contract) -> list[str]:
    """Write the fields of a contract as a table: what each takes, and its policies."""
    header = ("field", "kind", "takes", "null", "absent", "otherwise", "spellings")
    rows = [
        (field.name, _find_kind(field), *_describe(field), str(_count_spellings(field))) for field in contract.fields
    ]
    return render_table(header, rows, right={6})


def _find_kind(field: Field) -> str:
    return type(field).__name__.removesuffix("Field").lower()


def _describe(field: Field) -> tuple[str, str, str, str]:
    match field:
        case IdentifierField():
            return "any scalar, not used", "accept", "accept", ""
        case CategoryField():
            return _list_levels(field), field.null, field.absent, f"unseen: {field.unseen}"
        case BooleanField():
            return "true, false", field.null, field.absent, ""
        case NumberField() | IntegerField():
            otherwise = f"near: {field.near}, far: {field.far}" if field.seen else ""
            return _show_range(field.seen, field.accepted), field.null, field.absent, otherwise


def _list_levels(field: CategoryField) -> str:
    listed = ", ".join(map(str, field.levels[:_MAX_LEVELS]))
    more = len(field.levels) - _MAX_LEVELS
    return f"{listed} and {more} more" if more > 0 else listed


def _show_range(seen: Bounds | None, accepted: Bounds | None) -> str:
    if seen is None:
        return "any number"
    shown = _show_bounds(seen)
    return f"{shown} (bounds {_show_bounds(accepted)})" if accepted is not None and accepted != seen else shown


def _show_bounds(bounds: Bounds) -> str:
    # Fifteen digits: what widening a range leaves behind in the sixteenth tells nobody anything.
    return f"{bounds.low:.15g} to {bounds.high:.15g}"


def _count_spellings(field: Field) -> int:
    return len(field.spellings) + (len(field.level_spellings) if isinstance(field, CategoryField) else 0)
