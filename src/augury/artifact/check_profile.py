"""Check a profile against its contract: it fits the fields, and records drawn from it satisfy them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from augury.contract.fields import (
    MAX_EXACT_INTEGER,
    BooleanField,
    CategoryField,
    Contract,
    Feature,
    IntegerField,
    NumberField,
)
from augury.profile import QUANTILES, FieldProfile, LevelProfile, NumberProfile, Profile


def find_profile_problems(contract: Contract, profile: Profile) -> Iterator[str]:
    """Find what is wrong with a profile."""
    if not 1 <= profile.rows <= MAX_EXACT_INTEGER:
        yield f"the profile is of {profile.rows} rows"
    if [known.field for known in profile.fields] != [field.name for field in contract.features]:
        yield "the fields of the profile are not the features of the contract in their order"
        return
    for field, known in zip(contract.features, profile.fields, strict=True):
        yield from (f"the profile of {field.name!r} {problem}" for problem in _find_field_problems(field, known))
    yield from (f"the profile of the score {problem}" for problem in _find_quantile_problems(profile.score))
    if not all(0.0 <= score <= 1.0 for score in profile.score):
        yield "the profile of the score is not of probabilities"


def _find_field_problems(field: Feature, known: FieldProfile) -> Iterator[str]:
    if not 0.0 <= known.nulls <= 1.0:
        yield f"has a share of nulls of {known.nulls}"
    match field, known:
        case ((NumberField() | IntegerField()), NumberProfile()):
            yield from _find_quantile_problems(known.quantiles)
            if isinstance(field, IntegerField) and any(abs(number) > MAX_EXACT_INTEGER for number in known.quantiles):
                yield "has a quantile beyond 2**53"
        case BooleanField(), LevelProfile():
            yield from _find_level_problems((False, True), known)
        case CategoryField(), LevelProfile():
            yield from _find_level_problems(field.levels, known)
        case _:
            yield "is of another kind than the field"


def _find_quantile_problems(quantiles: tuple[float, ...]) -> Iterator[str]:
    if len(quantiles) != len(QUANTILES):
        yield f"has {len(quantiles)} quantiles, not {len(QUANTILES)}"
        return
    # Drawing interpolates, so that the widest difference must be a number too.
    if not math.isfinite(quantiles[-1] - quantiles[0]):
        yield "has quantiles that are not finite, or too far apart"
    if any(not low <= high for low, high in pairwise(quantiles)):
        yield "has quantiles that decrease"


def _find_level_problems(levels: tuple[object, ...], known: LevelProfile) -> Iterator[str]:
    # The type is compared too: true and 1 are equal to Python and two things in a file.
    allowed = {(type(level), level) for level in levels}
    seen = {(type(level), level) for level in known.levels}
    if not seen <= allowed or len(seen) < len(known.levels):
        yield "has levels that the contract does not have, or one twice"
    if len(known.counts) != len(known.levels):
        yield f"has {len(known.counts)} counts for {len(known.levels)} levels"
    if not all(1 <= count <= MAX_EXACT_INTEGER for count in known.counts):
        yield "has a count that is not in 1 to 2**53"
