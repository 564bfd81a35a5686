"""The profile: what the training table looked like, in aggregates only; and records drawn from it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import fsum, isfinite, log, log2
from random import Random

from msgspec import Struct

from augury.contract.fields import (
    BooleanField,
    Bounds,
    CategoryField,
    Contract,
    Feature,
    IntegerField,
    Level,
    NumberField,
)

# Probabilities of the quantiles that a profile keeps: deciles, and tails that hold no single customer's value in a
# table of a thousand rows or more.
QUANTILES = (0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
# A level seen less often could point at a person, so the profile does not keep it.
MIN_COUNT = 5
# The share that an empty bin counts as, where a distance would be infinite.
_EMPTY = 1e-4
# Where nothing is known of a number, it is drawn from here: both signs, zero, small and large.
GRID = (0.0, 1.0, -1.0, 0.5, 2.0, 10.0, -10.0, 100.0, 1000.0)


class NumberProfile(Struct, frozen=True, tag="number", tag_field="kind", forbid_unknown_fields=True):
    """How a number was distributed: the share of nulls in [0, 1] and its quantiles at :data:`QUANTILES`."""

    field: str
    nulls: float
    quantiles: tuple[float, ...]


class LevelProfile(Struct, frozen=True, tag="level", tag_field="kind", forbid_unknown_fields=True):
    """How a category was distributed: the share of nulls in [0, 1] and how often each level was seen."""

    field: str
    nulls: float
    levels: tuple[Level | bool, ...]
    counts: tuple[int, ...]


FieldProfile = NumberProfile | LevelProfile


class Profile(Struct, frozen=True, forbid_unknown_fields=True):
    """The training table in aggregates: of each feature in the contract's order, and of the score (a probability)."""

    rows: int
    fields: tuple[FieldProfile, ...]
    score: tuple[float, ...]


def find_quantile(quantiles: tuple[float, ...], share: float) -> float:
    """Interpolate between the kept quantiles; outside them the outermost is the answer."""
    if share <= QUANTILES[0]:
        return quantiles[0]
    if share >= QUANTILES[-1]:
        return quantiles[-1]
    at = bisect_right(QUANTILES, share) - 1
    left, right = QUANTILES[at], QUANTILES[at + 1]
    low, high = quantiles[at], quantiles[at + 1]
    return low + (high - low) * ((share - left) / (right - left))


def draw_record(contract: Contract, profile: Profile | None, random: Random) -> dict[str, Level | float | bool | None]:
    """Draw a record that satisfies the contract without a note, each field by itself.

    Only ``random.random()`` is used, whose sequence for a seed is the same in every version of Python.
    """
    fields: tuple[FieldProfile | None, ...] = profile.fields if profile else (None,) * len(contract.features)
    return {
        field.name: _draw_value(field, known, random) for field, known in zip(contract.features, fields, strict=True)
    }


def _draw_value(field: Feature, known: FieldProfile | None, random: Random) -> Level | float | bool:
    match field:
        case BooleanField():
            return _draw_level((False, True), known, random)
        case CategoryField():
            return _draw_level(field.levels, known, random)
        case NumberField() | IntegerField():
            return _draw_number(field, known, random)


def _draw_level(levels: tuple[Level | bool, ...], known: FieldProfile | None, random: Random) -> Level | bool:
    share = random.random()
    if not isinstance(known, LevelProfile) or not known.levels:
        return levels[int(share * len(levels))]
    left = share * sum(known.counts)
    for level, count in zip(known.levels, known.counts, strict=True):
        left -= count
        if left < 0:
            return level
    return known.levels[-1]


def _draw_number(field: NumberField | IntegerField, known: FieldProfile | None, random: Random) -> float:
    share = random.random()
    if isinstance(known, NumberProfile):
        number = find_quantile(known.quantiles, share)
    elif field.seen is not None:
        number = field.seen.low + (field.seen.high - field.seen.low) * share
    else:
        number = GRID[int(share * len(GRID))]
    if isinstance(field, IntegerField):
        return int(_keep_inside(round(number), field.seen))
    # Four significant digits read well, and no drawn number repeats a customer's to the cent.
    rounded = float(f"{number:.4g}")
    return _keep_inside(rounded if isfinite(rounded) else number, field.seen)


def _keep_inside(number: float, bounds: Bounds | None) -> float:
    return number if bounds is None else min(max(number, bounds.low), bounds.high)


# --- distances between what training saw and what is seen


def compute_stability(expected: Sequence[float], actual: Sequence[float]) -> float:
    """Compute the population stability index of two distributions over the same bins, each of shares that sum to 1.

    ``Σ (a - e) · ln(a / e)``, which is Jeffreys' divergence; below 0.1 is read as no change and above 0.25 as a large
    one (N. Siddiqi, Credit Risk Scorecards, 2006). A bin that one of them leaves empty would make it infinite, and
    counts as :data:`_EMPTY`.
    """
    pairs = ((max(share, _EMPTY), max(other, _EMPTY)) for share, other in zip(expected, actual, strict=True))
    return fsum((other - share) * log(other / share) for share, other in pairs)


def compute_divergence(expected: Sequence[float], actual: Sequence[float]) -> float:
    """Compute the Jensen-Shannon divergence of two distributions over the same bins, in bits: from 0 to 1.

    The mean of the Kullback-Leibler divergences of each from their mean (J. Lin, Divergence measures based on the
    Shannon entropy, IEEE Transactions on Information Theory 37, 1991).
    """
    terms = []
    for pair in zip(expected, actual, strict=True):
        mean = (pair[0] + pair[1]) / 2
        terms += [share * log2(share / mean) / 2 for share in pair if share]
    return max(0.0, fsum(terms))


def cut_shares(expected: Sequence[float], actual: Sequence[float]) -> tuple[list[float], list[float]]:
    """Cut two distributions, given by their quantiles at :data:`QUANTILES`, into bins; answers the shares of each.

    The bins end at the distinct deciles of the first, as is usual: of the tails a table of some thousand rows says
    next to nothing. Both are read alike, as steps and straight lines between
    quantiles, so that equal quantiles have equal shares, also where many numbers are the same.
    """
    edges = sorted({number for share, number in zip(QUANTILES, expected, strict=True) if 0.1 <= share <= 0.9})
    return _find_shares(expected, edges), _find_shares(actual, edges)


def _find_shares(quantiles: Sequence[float], edges: Sequence[float]) -> list[float]:
    below = [0.0, *(_find_share(quantiles, edge) for edge in edges), 1.0]
    return [high - low for low, high in pairwise(below)]


def _find_share(quantiles: Sequence[float], number: float) -> float:
    """Find the share of numbers up to this one: what :func:`find_quantile` is the inverse of."""
    at = bisect_right(quantiles, number)
    if at == 0:
        return 0.0
    if at == len(quantiles):
        return 1.0 if number > quantiles[-1] else QUANTILES[-1]
    low, high = quantiles[at - 1], quantiles[at]
    return QUANTILES[at - 1] + (QUANTILES[at] - QUANTILES[at - 1]) * ((number - low) / (high - low))
