"""The scorecard: what each level or number of a field adds to the margin, against the baseline.

Below a sum every term reads one field, so that a field's points can be found by scoring its states one by one with the
reference, whatever its nodes are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from msgspec import Struct

from augury.contract.fields import BooleanField, Bounds, CategoryField, Contract, Feature
from augury.contract.values import UNSEEN, Value
from augury.ir.nodes import Input, Linear, Link
from augury.ir.reference import Reference, exact_sum
from augury.ir.walk import find_field, iter_terms
from augury.profile import QUANTILES, FieldProfile, LevelProfile, NumberProfile, Profile

# Of the kept quantiles, those at which the points of a number are told: the middle, the tenths, the tails.
_TOLD = (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)


class Points(Struct, frozen=True):
    """The points of one state of a field.

    Args:
        when: the level or the number, in words.
        where: how usual that is in the training table; "" where it is not known.
        log_odds: what it adds to the margin, less what the baseline adds; None where that is beyond a double.
    """

    when: str
    where: str
    log_odds: float | None


class Scorecard(Struct, frozen=True):
    """The points of one field, and how far apart they lie: the largest less the smallest."""

    field: str
    points: tuple[Points, ...]
    spread: float


def find_scorecards(
    contract: Contract, predictor: Link, baseline: Sequence[float], profile: Profile | None
) -> tuple[Scorecard, ...]:
    """Find the scorecard of each field that a model of two classes reads, the widest spread first.

    Args:
        contract: of the model.
        predictor: of the model.
        baseline: each feature's term of the baseline, (n_features,), log-odds.
        profile: of the training table, where one was at hand.
    """
    terms: dict[str, list[tuple[Input, tuple[float, ...]]]] = defaultdict(list)
    for node, weights in iter_terms(predictor.margins[0]):
        terms[find_field(node)].append((node, weights))
    known: Sequence[FieldProfile | None] = profile.fields if profile else (None,) * len(contract.features)
    rows = profile.rows if profile else 0
    cards = [
        _make_card(field, terms[field.name], base, list(_iter_states(field, seen, rows)))
        for field, base, seen in zip(contract.features, baseline, known, strict=True)
        if field.name in terms
    ]
    return tuple(sorted(cards, key=lambda card: -card.spread))


def _make_card(
    field: Feature,
    terms: list[tuple[Input, tuple[float, ...]]],
    base: float,
    states: list[tuple[str, str, Value]],
) -> Scorecard:
    inputs = tuple(node for node, _ in terms)
    weights = tuple(weight for _, several in terms for weight in several)
    # Of this field alone: with the whole contract a card would cost as much as the model has fields.
    reference = Reference(Contract(fields=(field,)), Link((Linear(inputs, weights, 0.0),)))
    points = tuple(Points(when, where, _score(reference, field, value, base)) for when, where, value in states)
    finite = [row.log_odds for row in points if row.log_odds is not None]
    return Scorecard(field.name, points, max(finite) - min(finite) if finite else 0.0)


def _score(reference: Reference, field: Feature, value: Value, base: float) -> float | None:
    try:
        return exact_sum((*reference.compute_products({field.name: value}), -base))
    except OverflowError:
        return None


def _iter_states(field: Feature, known: FieldProfile | None, rows: int) -> Iterator[tuple[str, str, Value]]:
    """Yield the states of a field that are told: in words, how usual, and the value."""
    if isinstance(field, CategoryField):
        yield from ((str(level), _find_share(level, known, rows), level) for level in field.levels)
        if field.unseen == "note":
            yield "(a level not seen)", "", UNSEEN
    elif isinstance(field, BooleanField):
        yield from (
            (word, _find_share(value, known, rows), value) for word, value in (("false", False), ("true", True))
        )
    elif isinstance(known, NumberProfile):
        yield from _iter_quantiles(known)
    else:
        ends = field.seen or Bounds(0.0, 1.0)  # a model without a sample: at zero, and one unit further
        yield from ((f"{end:.6g}", "", end) for end in (ends.low, ends.high))
    if field.null == "impute" or field.absent == "optional":
        yield "(missing)", f"{known.nulls:.1%} of rows" if known else "", None


def _iter_quantiles(known: NumberProfile) -> Iterator[tuple[str, str, Value]]:
    """Yield the told quantiles, of equal ones the first."""
    told: dict[float, float] = {}
    for share, number in zip(QUANTILES, known.quantiles, strict=True):
        if share in _TOLD:
            told.setdefault(number, share)
    for number, share in told.items():
        yield f"{number:.6g}", "the median" if share == 0.5 else f"{share:.0%} of rows are lower", number


def _find_share(level: object, known: FieldProfile | None, rows: int) -> str:
    if not isinstance(known, LevelProfile) or not rows:
        return ""
    counts = dict(zip(known.levels, known.counts, strict=True))
    return f"{counts[level] / rows:.1%} of rows" if level in counts else "fewer than 5 rows"
