"""The contract as plain values: its fields, their kinds, and the policy about each way in which a record may differ."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from augury.contract.fold import fold, has_control_character
from augury.errors import ContractError

# The largest n for which every integer in [-n, n] is a 64-bit float: IEEE 754 binary64 has 53 bits of significand.
MAX_EXACT_INTEGER = 2**53

# What msgspec cannot have in the name of a member: it compares names with the bytes of the body.
_UNQUOTABLE = frozenset('"\\')

Level = str | int


class Bounds(Struct, frozen=True, forbid_unknown_fields=True):
    """A closed interval ``[low, high]`` of 64-bit floats."""

    low: float
    high: float


class _Field(Struct, frozen=True, tag_field="kind", forbid_unknown_fields=True, kw_only=True):
    """What every field has: its name, and other spellings of the name that are listed and so cost nothing."""

    name: str
    spellings: tuple[str, ...] = ()


class _Feature(_Field, frozen=True, kw_only=True):
    """A field that the model reads.

    ``null`` is ``impute`` where nulls are accepted and the model has a rule for them; ``absent`` is ``optional`` where
    training saw records without the field, which then counts as missing without a note.
    """

    null: Literal["refuse", "impute"] = "refuse"
    absent: Literal["refuse", "optional"] = "refuse"


class _Ranged(_Feature, frozen=True, kw_only=True):
    """A number with the range that training saw and the wider one that is still accepted.

    A value outside ``seen`` but inside ``accepted``, which holds it, follows the policy ``near``; one outside both
    follows ``far``. Without ``seen`` (compiled without a sample) nothing is out of range, and there is no ``accepted``
    either; without ``accepted`` all that is outside ``seen`` is far.
    """

    seen: Bounds | None = None
    accepted: Bounds | None = None
    near: Literal["note", "refuse"] = "note"
    far: Literal["refuse", "note"] = "refuse"


class NumberField(_Ranged, frozen=True, tag="number", kw_only=True):
    """A finite 64-bit float."""


class IntegerField(_Ranged, frozen=True, tag="integer", kw_only=True):
    """An integral 64-bit float of magnitude at most 2**53; ``41.0`` is 41."""


class BooleanField(_Feature, frozen=True, tag="boolean", kw_only=True):
    """True or false; 1.0 or 0.0 to the model."""


class CategoryField(_Feature, frozen=True, tag="category", kw_only=True):
    """One of a set of levels, all text or all integer.

    ``level_spellings`` maps other listed spellings to their level; ``unseen`` is the policy about any other value.
    """

    levels: tuple[Level, ...]
    level_spellings: dict[str, str] = {}
    unseen: Literal["refuse", "note"] = "refuse"

    @property
    def is_text(self) -> bool:
        """Whether the levels are text (else they are integers)."""
        return isinstance(self.levels[0], str)


class IdentifierField(_Field, frozen=True, tag="identifier", kw_only=True):
    """A declared key of the customer: any scalar, optional, never folded, profiled, logged or shown in an error."""


Feature = NumberField | IntegerField | BooleanField | CategoryField
Field = Feature | IdentifierField


class Contract(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All fields of a record in the order of training, and the rules that hold for the record as a whole.

    ``equality`` names how spellings are compared (:mod:`augury.contract.fold`), ``text_number`` how a number is read
    from text (:mod:`augury.contract.text`); both are names so that a later rule can stand beside them.
    """

    fields: tuple[Field, ...]
    equality: Literal["fold-1"] = "fold-1"
    text_number: Literal["decimal-1"] = "decimal-1"
    unknown_key: Literal["note", "refuse"] = "note"

    @property
    def features(self) -> tuple[Feature, ...]:
        """The fields that the model reads, in order."""
        return tuple(field for field in self.fields if not isinstance(field, IdentifierField))

    @property
    def identifiers(self) -> tuple[IdentifierField, ...]:
        """The declared identifiers, in order."""
        return tuple(field for field in self.fields if isinstance(field, IdentifierField))

    def _repr_html_(self) -> str:
        from augury.contract.field_table import write_contract  # a notebook alone needs it

        return write_contract(self)


def check_contract(contract: Contract) -> None:
    """Check that a contract does not contradict itself.

    Raises:
        ContractError: with every contradiction found.
    """
    problems = list(_find_problems(contract))
    if problems:
        raise ContractError("; ".join(problems), where="contract", mend="correct the contract and try again")


def is_name(spelling: str) -> bool:
    """Tell whether a text can name a field."""
    return bool(spelling) and not has_control_character(spelling) and _UNQUOTABLE.isdisjoint(spelling)


def _find_problems(contract: Contract) -> Iterator[str]:
    if not contract.features:
        yield "no field is a feature"
    owners: dict[str, str] = {}
    for field in contract.fields:
        for spelling in (field.name, *field.spellings):
            if spelling in owners:
                yield f"{spelling!r} names both {owners[spelling]!r} and {field.name!r}"
            if not is_name(spelling):
                yield f"{spelling!r} is no name for a field: it is empty, or holds a control character, a quote or \\"
            owners.setdefault(spelling, field.name)
        if isinstance(field, NumberField | IntegerField):
            yield from _find_range_problems(field)
        elif isinstance(field, CategoryField):
            yield from _find_level_problems(field)


def _find_range_problems(field: NumberField | IntegerField) -> Iterator[str]:
    for which, bounds in (("seen", field.seen), ("accepted", field.accepted)):
        if bounds is None:
            continue
        if not (math.isfinite(bounds.low) and math.isfinite(bounds.high) and bounds.low <= bounds.high):
            yield f"the {which} range of {field.name!r} is not an interval of finite numbers"
        elif isinstance(field, IntegerField) and (bounds.low % 1 or bounds.high % 1):
            yield f"the {which} range of {field.name!r} ends in fractions, and the field takes integers"
    if field.accepted is not None and not _holds(field.accepted, field.seen):
        yield f"the accepted range of {field.name!r} does not hold the range seen in training; narrow that as well"


def _holds(outer: Bounds, inner: Bounds | None) -> bool:
    return inner is not None and outer.low <= inner.low and inner.high <= outer.high


def _find_level_problems(field: CategoryField) -> Iterator[str]:
    if not field.levels:
        yield f"{field.name!r} has no levels"
        return
    if len({type(level) for level in field.levels}) > 1:
        yield f"the levels of {field.name!r} are text and integers mixed"
    levels = set(field.levels)
    if len(levels) < len(field.levels):
        yield f"a level of {field.name!r} is listed twice"
    for level in (*field.levels, *field.level_spellings):
        if isinstance(level, str) and has_control_character(level):
            yield f"level {level!r} of {field.name!r} holds a control character"
        if isinstance(level, int) and abs(level) > MAX_EXACT_INTEGER:
            yield f"level {level} of {field.name!r} is beyond 2**53"
    for spelling, level in field.level_spellings.items():
        if spelling in levels:
            yield f"{spelling!r} of {field.name!r} is a level and a spelling of another"
        if level not in levels:
            yield f"{spelling!r} of {field.name!r} is listed as a spelling of {level!r}, which is no level"


def find_accepted_bounds(seen: Bounds) -> Bounds:
    """Widen a training range by its own width on each side, but never past zero to a side that training did not see."""
    width = seen.high - seen.low
    low, high = seen.low - width, seen.high + width
    if seen.low >= 0:
        low = max(low, 0.0)
    if seen.high <= 0:
        high = min(high, 0.0)
    # A range of nearly the whole line overflows when widened: such a side is bounded by what training saw.
    return Bounds(low if math.isfinite(low) else seen.low, high if math.isfinite(high) else seen.high)


def find_folding_levels(field: CategoryField) -> dict[str, str]:
    """Map the fold of each text level to the level; empty when two levels fold alike, and so the set is exact."""
    if not field.is_text:
        return {}
    levels = [str(level) for level in field.levels]
    folds = {fold(level): level for level in levels}
    return folds if len(folds) == len(levels) else {}
