"""Parity: two scorers are handed the same rows, and their margins and labels are compared.

The bound: with ``S = |intercept| + Σ|terms|`` and ``n`` terms, a target that sums in doubles may differ from the
reference by ``(n + 8) · 2**-53 · S``; the record target may not differ at all. Never a relative error of a margin,
which a margin near zero would make meaningless.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import fsum, inf, log, nextafter

from msgspec import Struct

from augury.contract.fields import BooleanField, CategoryField, Contract, Feature, IntegerField, NumberField
from augury.contract.values import Value
from augury.ir.link import sigmoid
from augury.ir.nodes import Link
from augury.ir.reference import Reference

_UNIT_ROUNDOFF = 2.0**-53
# Roundings beyond one a term: the products, the link's own and the reference's last.
_SPARE_ROUNDINGS = 8
# Labels may differ only where the probability is this close to the threshold.
LABEL_TOLERANCE = 1e-12
# Margins at which a scorer is apt to fail: where sigmoid saturates, where exp under- or overflows, and far beyond.
_HARD_MARGINS = (40.0, -40.0, 800.0, -800.0, 1e6, -1e6)
_HARD_NUMBERS = (0.0, -0.0, 1.0, -1.0, 2.0**53, 1e308, -1e308, 5e-324)
# The hard rows of one number: each of these, null, and each margin with its two neighbours.
_ROWS_A_FIELD = len(_HARD_NUMBERS) + 1 + 3 * (len(_HARD_MARGINS) + 1)
# The law looks at a field of a row in 1.5 µs. All fields of up to 260 get their hard rows, in at most three seconds;
# of more, so many that it takes no longer, for without a bound the time would grow with the square of the fields.
_MAX_VISITS = 2_000_000

Values = Mapping[str, Value]


class Parity(Struct, frozen=True):
    """What a comparison found: rows compared, the largest difference of margins, labels that differ, rows beyond."""

    rows: int
    largest_difference: float
    flips: int
    beyond: int


def compare(
    law: Callable[[Values], float],
    other: Callable[[Values], float],
    rows: Iterable[Values],
    *,
    threshold: float,
    find_bound: Callable[[Values], float] = lambda _values: 0.0,
) -> Parity:
    """Compare two margins on each row; where the law overflows, the other must too."""
    n_rows, largest, flips, beyond = 0, 0.0, 0, 0
    for values in rows:
        n_rows += 1
        expected, margin = _try(law, values), _try(other, values)
        if expected is None or margin is None:
            beyond += (expected is None) != (margin is None)
            continue
        difference = abs(expected - margin)
        largest = max(largest, difference)
        beyond += difference > find_bound(values)
        probability = sigmoid(expected)
        is_flip = (probability >= threshold) != (sigmoid(margin) >= threshold)
        flips += is_flip and abs(probability - threshold) > LABEL_TOLERANCE
    return Parity(n_rows, largest, flips, beyond)


def _try(score: Callable[[Values], float], values: Values) -> float | None:
    try:
        margin = score(values)
    except (OverflowError, ValueError):
        return None
    return margin if margin - margin == 0.0 else None


def find_bound(intercept: float, terms: Sequence[float]) -> float:
    """Compute how far a sum in doubles may be from the exact one, in log-odds."""
    # Scaled first, by a power of two, which is exact: terms that cancel may add up to more than a double.
    size = fsum(abs(term) * _UNIT_ROUNDOFF for term in (intercept, *terms))
    return (len(terms) + _SPARE_ROUNDINGS) * size


def iter_hard_rows(contract: Contract, predictor: Link, threshold: float) -> Iterator[dict[str, Value]]:
    """Yield rows that scorers get wrong: every level, hard numbers in every field, hard margins, the threshold.

    Of many hundred fields they vary a part, evenly spaced.
    """
    plain = find_reference_values(contract)
    yield plain
    fields = _spread(contract.features)
    for field in fields:
        if field.null == "impute" or field.absent == "optional":
            yield plain | {field.name: None}
        match field:
            case CategoryField():
                yield from (plain | {field.name: level} for level in field.levels)
            case BooleanField():
                yield plain | {field.name: True}
            case NumberField() | IntegerField():
                yield from (plain | {field.name: number} for number in _HARD_NUMBERS)
    margins = (*_HARD_MARGINS, *_find_margins(threshold))
    compute_margin = Reference(contract, predictor).compute_margin
    yield from _iter_hard_margins(compute_margin, fields, plain, margins)


def _spread(features: Sequence[Feature]) -> Sequence[Feature]:
    """Choose the fields that get hard rows."""
    count = len(features)
    most = max(1, _MAX_VISITS // (count * _ROWS_A_FIELD))
    return features if count <= most else [features[index * count // most] for index in range(most)]


def _find_margins(threshold: float) -> tuple[float, ...]:
    """Find the margin at which the decision turns, if there is one."""
    return (log(threshold / (1.0 - threshold)),) if 0.0 < threshold < 1.0 else ()


def _iter_hard_margins(
    compute_margin: Callable[[Values], float],
    fields: Sequence[Feature],
    plain: dict[str, Value],
    margins: Sequence[float],
) -> Iterator[dict[str, Value]]:
    """Move one plain number so far that the margin becomes a hard one, and one ulp to either side of there."""
    base = _try(compute_margin, plain)
    for field in fields:
        moved = _try(compute_margin, plain | {field.name: 1.0}) if isinstance(field, NumberField) else None
        if base is None or moved is None or moved == base:
            continue
        for margin in margins:
            number = (margin - base) / (moved - base)
            around = (nextafter(number, -inf), number, nextafter(number, inf))
            yield from (plain | {field.name: near} for near in around)


def find_reference_values(contract: Contract) -> dict[str, Value]:
    """Find the values of the reference record: the first level, 0, false."""
    values: dict[str, Value] = {}
    for field in contract.features:
        match field:
            case CategoryField():
                values[field.name] = field.levels[0]
            case BooleanField():
                values[field.name] = False
            case NumberField() | IntegerField():
                values[field.name] = 0.0
    return values
