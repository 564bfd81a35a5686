"""The slow path: check one record against the contract and find everything that is wrong with it.

The fast path (:mod:`augury.contract.wire`) may refuse what this accepts, and then asks here; it never accepts what
this refuses or notes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from msgspec import Struct

from augury.contract.faults import MAX_LISTED, Fault, Note, find_pointer, shorten
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
    Level,
    NumberField,
    find_folding_levels,
)
from augury.contract.fold import fold, has_control_character
from augury.contract.nearest import find_nearest
from augury.contract.parse import describe, has_infinity
from augury.contract.text import is_blank
from augury.contract.values import UNSEEN, Unreadable, Value

# A fault names all levels of its field up to this many: more is no longer a sentence.
_MAX_ALLOWED = 50


class Checked(Struct, frozen=True):
    """A checked record.

    Args:
        values: of the features, in the contract's order; complete only when there are no faults.
        notes: what was accepted and is worth knowing.
        faults: what is wrong, at most :data:`~augury.contract.faults.MAX_LISTED`.
        more: how many further faults there are.
    """

    values: tuple[Value, ...]
    notes: tuple[Note, ...]
    faults: tuple[Fault, ...]
    more: int = 0


class Suggestions:
    """How many more look-alikes may be searched for one request: each costs up to a millisecond."""

    def __init__(self, left: int = MAX_LISTED) -> None:
        self._left = left

    def find(self, word: str, candidates: Iterable[str]) -> str | None:
        """Find the nearest candidate while the allowance lasts."""
        if self._left <= 0:
            return None
        self._left -= 1
        return find_nearest(word, candidates)


class RecordChecker:
    """Check records against one contract; built once, then used for every record that the fast path does not take."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._features = contract.features
        self._by_key: dict[str, Field] = {
            spelling: field for field in contract.fields for spelling in (field.name, *field.spellings)
        }
        self._by_fold = _find_unique_folds(contract)
        self._levels: dict[str, dict[Level, Level]] = {}
        self._folding_levels: dict[str, dict[str, str]] = {}
        for field in contract.fields:
            if isinstance(field, CategoryField):
                self._levels[field.name] = dict(zip(field.levels, field.levels, strict=True))
                self._levels[field.name].update(field.level_spellings)
                self._folding_levels[field.name] = find_folding_levels(field)

    def check(self, members: Iterable[tuple[object, object]], suggestions: Suggestions | None = None) -> Checked:
        """Check the members of one record, given as (key, value) pairs so that duplicates can be seen."""
        return _Check(self, suggestions or Suggestions()).run(members)

    def check_member(self, field: Field, key: str, value: object, suggestions: Suggestions | None = None) -> Checked:
        """Check one value of one field as it is checked within its record, for columns whose cells repeat.

        What comes back holds the one value of a feature, and none of an identifier.
        """
        return _Check(self, suggestions or Suggestions()).run_member(field, key, value)

    def check_absence(self, field: Feature) -> Checked:
        """Check that a record may lack a field, as it is checked within its record."""
        return _Check(self, Suggestions(0)).run_absence(field)

    def find_field(self, key: str) -> Field | None:
        """Find the field that a key spells: exactly, or by its fold where that is the fold of one field only."""
        return self._by_key.get(key) or self._by_fold.get(fold(key))

    def find_level(self, field: CategoryField, value: Level) -> Level | None:
        """Find the level that a value spells: exactly, as listed, or by its fold where no two levels fold alike."""
        level = self._levels[field.name].get(value)
        if level is None and isinstance(value, str):
            return self._folding_levels[field.name].get(fold(value))
        return level

    @property
    def contract(self) -> Contract:
        """The contract that is checked."""
        return self._contract


def _find_unique_folds(contract: Contract) -> dict[str, Field]:
    folds: dict[str, Field | None] = {}
    for field in contract.fields:
        for folded in {fold(spelling) for spelling in (field.name, *field.spellings)}:
            folds[folded] = None if folded in folds else field
    return {folded: field for folded, field in folds.items() if field is not None}


class _Check:
    """One run over one record: what was found so far."""

    def __init__(self, checker: RecordChecker, suggestions: Suggestions) -> None:
        self._checker = checker
        self._suggestions = suggestions
        self._notes: list[Note] = []
        self._faults: list[Fault] = []
        self._more = 0

    def run(self, members: Iterable[tuple[object, object]]) -> Checked:
        found, unknown = self._assign_keys(members)
        values: list[Value] = []
        for field in self._checker.contract.fields:
            if isinstance(field, IdentifierField):
                if field.name in found:
                    self._check_identifier(field, *found[field.name])
            elif field.name in found:
                values.append(self._check_value(field, *found[field.name]))
            else:
                values.append(self._check_absent(field, unknown))
        return self._finish(values)

    def run_member(self, field: Field, key: str, value: object) -> Checked:
        if isinstance(field, IdentifierField):
            self._check_identifier(field, key, value)
            return self._finish(())
        return self._finish((self._check_value(field, key, value),))

    def run_absence(self, field: Feature) -> Checked:
        return self._finish((self._check_absent(field, []),))

    def _finish(self, values: Iterable[Value]) -> Checked:
        return Checked(tuple(values), tuple(self._notes), tuple(self._faults), self._more)

    def _fault(self, fault: Fault) -> None:
        if len(self._faults) < MAX_LISTED:
            self._faults.append(fault)
        else:
            self._more += 1

    # --- keys

    def _assign_keys(self, members: Iterable[tuple[object, object]]) -> tuple[dict[str, tuple[str, object]], list[str]]:
        """Give each known field its (key, value); judge duplicate, ambiguous and unknown keys."""
        found: dict[str, tuple[str, object]] = {}
        unknown: list[str] = []
        seen: set[str] = set()
        for key, value in members:
            if not isinstance(key, str):
                self._judge_unknown("", f"a key is {describe(key)}, not a text")
                continue
            pointer = find_pointer(key)
            if key in seen:
                self._fault(Fault("duplicate_key", pointer, f"{shorten(key)} stands twice in the record; send it once"))
                continue
            seen.add(key)
            field = self._checker.find_field(key)
            if has_control_character(key):
                self._fault(Fault("control_character", pointer, "a key holds a control character; remove it"))
            elif field is None:
                unknown.append(key)
                self._judge_unknown(pointer, f"{shorten(key)} is not in the contract")
                if has_infinity(value):
                    self._fault(Fault("not_finite", pointer, "the number is not finite, which JSON cannot say"))
            elif field.name in found:
                twin = shorten(found[field.name][0])
                detail = f"{shorten(key)} and {twin} are both spellings of {field.name}; send one of them"
                self._fault(Fault("ambiguous_key", pointer, detail, field.name))
            else:
                found[field.name] = (key, value)
        return found, unknown

    def _judge_unknown(self, pointer: str, what: str) -> None:
        if self._checker.contract.unknown_key == "refuse":
            self._fault(Fault("unknown_key", pointer, f"{what}; remove it"))
        elif len(self._notes) < MAX_LISTED:
            self._notes.append(Note("unknown_key", pointer, f"{what} and was not used"))

    def _check_absent(self, field: Feature, unknown: list[str]) -> Value:
        if field.absent == "optional":
            return None
        nearest = self._suggestions.find(field.name, unknown)
        hint = f"; {shorten(nearest)} is not in the contract: was it meant?" if nearest is not None else "; send it"
        detail = f"{field.name} is missing{hint}"
        self._fault(Fault("absent", find_pointer(field.name), detail, field.name, nearest=nearest))
        return None

    # --- values

    def _check_identifier(self, field: IdentifierField, key: str, value: object) -> None:
        pointer = find_pointer(key)
        if isinstance(value, list | dict | tuple | set | frozenset | Unreadable):
            detail = f"{field.name} takes one text, number or boolean, not {describe(value)}"
            self._fault(Fault("type", pointer, detail, field.name))
        elif isinstance(value, str) and has_control_character(value):
            detail = f"{field.name} holds a control character; remove it"
            self._fault(Fault("control_character", pointer, detail, field.name))
        elif has_infinity(value):
            self._fault(Fault("not_finite", pointer, f"{field.name} is not a finite number", field.name))

    def _check_value(self, field: Feature, key: str, value: object) -> Value:
        pointer = find_pointer(key)
        blank_is_null = field.null == "impute" and isinstance(field, NumberField | IntegerField)
        if value is None or (blank_is_null and isinstance(value, str) and is_blank(value)):
            return self._check_null(field, pointer)
        if isinstance(value, str) and has_control_character(value):
            detail = f"{field.name} holds a control character; remove it"
            self._fault(Fault("control_character", pointer, detail, field.name))
            return None
        if isinstance(field, BooleanField):
            return self._check_boolean(field, pointer, value)
        if isinstance(field, CategoryField):
            return self._check_level(field, pointer, value)
        return self._check_number(field, pointer, value)

    def _check_null(self, field: Feature, pointer: str) -> Value:
        if field.null == "impute":
            detail = f"{field.name} is null and was filled by the model's rule"
            self._notes.append(Note("imputed", pointer, detail, field.name))
        else:
            detail = f"{field.name} is null, and the contract accepts no null there; send a value"
            self._fault(Fault("null", pointer, detail, field.name))
        return None

    def _check_boolean(self, field: BooleanField, pointer: str, value: object) -> Value:
        if isinstance(value, bool):
            return value
        return self._fault_type(field, pointer, "true or false", value)

    def _check_level(self, field: CategoryField, pointer: str, value: object) -> Value:
        if field.is_text:
            if not isinstance(value, str):
                return self._fault_type(field, pointer, "text", value)
        elif isinstance(value, bool) or not isinstance(value, int | float):
            return self._fault_type(field, pointer, "an integer", value)
        elif not math.isfinite(_find_double(value)):
            return self._fault_finite(field, pointer)
        # An integral float hashes and compares as its integer, so 1.0 finds the level 1.
        level = self._checker.find_level(field, value)  # type: ignore[arg-type]
        return self._judge_unseen(field, pointer, value) if level is None else level

    def _judge_unseen(self, field: CategoryField, pointer: str, value: str | float) -> Value:
        shown = shorten(value) if isinstance(value, str) else _show_number(float(value))
        if field.unseen == "note":
            detail = f"{shown} is not a level of {field.name} seen in training; the model's own rule was used"
            self._notes.append(Note("level", pointer, detail, field.name))
            return UNSEEN
        allowed = field.levels if len(field.levels) <= _MAX_ALLOWED else ()
        nearest = self._suggestions.find(value, map(str, field.levels)) if isinstance(value, str) else None
        known = f"it takes {', '.join(map(repr, allowed))}" if allowed else f"it has {len(field.levels)} levels"
        hint = f"; nearest is {shorten(nearest)}" if nearest is not None else ""
        detail = f"{shown} is not a level of {field.name}: {known}{hint}"
        self._fault(Fault("level", pointer, detail, field.name, nearest=nearest, allowed=allowed))
        return None

    def _check_number(self, field: NumberField | IntegerField, pointer: str, value: object) -> Value:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self._fault_type(field, pointer, "a number", value)
        number = _find_double(value)
        if not math.isfinite(number):
            return self._fault_finite(field, pointer)
        # Compared as it came: 2**53 + 1 is 2**53 once it is a double.
        if isinstance(field, IntegerField) and not (number.is_integer() and abs(value) <= MAX_EXACT_INTEGER):
            detail = f"{field.name} takes an integer of magnitude at most 2**53, not {_show_number(number)}"
            self._fault(Fault("not_integer", pointer, detail, field.name))
            return None
        return self._judge_range(field, pointer, number)

    def _judge_range(self, field: NumberField | IntegerField, pointer: str, number: float) -> Value:
        seen, accepted = field.seen, field.accepted
        if seen is None or seen.low <= number <= seen.high:
            return number
        is_near = accepted is not None and accepted.low <= number <= accepted.high
        detail = f"{field.name} is {_show_number(number)}, outside the range seen in training, {_show(seen)}"
        if (field.near if is_near else field.far) == "note":
            self._notes.append(Note("range", pointer, detail, field.name))
            return number
        limits = f"; it takes {_show(accepted)}" if accepted is not None and not is_near else ""
        self._fault(Fault("range", pointer, detail + limits, field.name))
        return None

    def _fault_type(self, field: Feature, pointer: str, wanted: str, value: object) -> Value:
        hint = " (send it without quotes)" if isinstance(value, str) and wanted != "text" else ""
        detail = f"{field.name} takes {wanted}, not {describe(value)}{hint}"
        self._fault(Fault("type", pointer, detail, field.name))
        return None

    def _fault_finite(self, field: Feature, pointer: str) -> Value:
        self._fault(Fault("not_finite", pointer, f"{field.name} is not a finite number", field.name))
        return None


def _find_double(number: float) -> float:
    """Find the nearest double; an integer beyond all of them is infinite, like a number that JSON writes so."""
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _show(bounds: Bounds) -> str:
    return f"{_show_number(bounds.low)} to {_show_number(bounds.high)}"


def _show_number(number: float) -> str:
    return repr(number).removesuffix(".0")


def find_values(contract: Contract, checked: Checked) -> Mapping[str, Value]:
    """Name the values of a checked record by their fields."""
    return {field.name: value for field, value in zip(contract.features, checked.values, strict=True)}
