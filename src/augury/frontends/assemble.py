"""From columns and weights to fields and a sum: the last step of reading an estimator.

The levels of a field are those that every encoder which reads it has a rule for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from augury.contract.fields import BooleanField, CategoryField, Feature, IntegerField, Level, NumberField
from augury.errors import UnsupportedError, UsageError
from augury.frontends.columns import Coded, Column, Key, is_number, read_number
from augury.frontends.fitted import Kind
from augury.frontends.inputs import make_linear
from augury.frontends.reading import Reading
from augury.ir.nodes import Bin, Linear
from augury.ir.walk import find_field


def assemble(
    columns: Sequence[Column], weights: Sequence[float], intercept: float, order: Sequence[str], reading: Reading
) -> tuple[tuple[Feature, ...], Linear]:
    """Make the fields, in the order in which ``order`` lists all of them, and the sum over them."""
    coded = [column for column in columns if isinstance(column, Coded)]
    numbers = {find_field(read_number(column)) for column in columns if not isinstance(column, Coded)}
    numbers |= {find_field(column.source) for column in coded if isinstance(column.source, Bin)}
    levels = _find_levels([*coded, *reading.demands])
    parts = list(_find_clashes(levels, numbers))
    if parts:
        raise UnsupportedError(parts)
    linear = make_linear([*zip(columns, weights, strict=True)], intercept, levels, reading.demands)
    read = set(levels) | numbers
    features = tuple(_make_feature(field, levels.get(field), reading) for field in order if field in read)
    return features, linear


# --- fields


def _find_levels(columns: Iterable[Coded]) -> dict[str, tuple[Key, ...]]:
    """Find each field's levels: those of all its encoders in order, without those that one of them has no rule for."""
    by_field: dict[str, dict[int, Coded]] = {}
    for column in columns:
        if isinstance(column.source, str):
            by_field.setdefault(column.source, {})[column.group] = column
    found = {}
    for field, groups in by_field.items():
        union = dict.fromkeys((type(key), key) for column in groups.values() for key in column.keys)
        strict = [frozenset(column.keys) for column in groups.values() if not is_number(column.unseen)]
        found[field] = tuple(key for _, key in union if all(key in keys for keys in strict))
    return found


def _find_clashes(levels: dict[str, tuple[Key, ...]], numbers: set[str]) -> Iterable[tuple[str, str]]:
    for field, keys in levels.items():
        kinds = {type(key) for key in keys}
        if len(kinds) > 1:
            yield field, "its levels are text and numbers mixed: make them all text or all integers and fit again"
        elif not keys:
            yield field, "no level is known to every encoder that reads it"
        elif kinds == {bool} and len(keys) == 1:
            yield field, f"training saw only {keys[0]}, so nothing is known of the other: leave it out and fit again"
        elif field in numbers and str in kinds:
            yield field, "it is number and category at once"


def _make_feature(field: str, levels: tuple[Key, ...] | None, reading: Reading) -> Feature:
    kind = reading.options.kinds.get(field)
    if levels is None:
        return _make_number(field, kind)
    if any(isinstance(level, bool) for level in levels):
        return BooleanField(name=field)
    if kind not in (None, "category"):
        raise UsageError(f"{field!r} cannot be of kind {kind}: the model reads it by its levels")
    found: list[Level] = [level for level in levels if not isinstance(level, bool)]
    return CategoryField(name=field, levels=tuple(found))


def _make_number(field: str, kind: Kind | None) -> Feature:
    """Make the field of a number; a category of numbers has the levels 0 and 1, as a flag has."""
    match kind:
        case "integer":
            return IntegerField(name=field)
        case "boolean":
            return BooleanField(name=field)
        case "category":
            return CategoryField(name=field, levels=(0, 1))
        case _:
            return NumberField(name=field)
