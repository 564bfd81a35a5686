"""Take a margin apart: what each field adds to it, against a baseline."""

from __future__ import annotations

from collections.abc import Sequence

from augury.ir.reference import exact_sum


def sum_by_field(terms: Sequence[float], term_fields: Sequence[int], n_fields: int) -> list[float]:
    """Sum the terms of each field. Shape: (n_terms,) → (n_fields,), log-odds.

    Raises:
        OverflowError: the terms of one field are together beyond a double.
    """
    groups: list[list[float]] = [[] for _ in range(n_fields)]
    for term, field in zip(terms, term_fields, strict=True):
        groups[field].append(term)
    return [exact_sum(tuple(group)) for group in groups]


def find_contributions(
    field_terms: Sequence[float], baseline: Sequence[float], intercept: float, margin: float
) -> tuple[float, list[float]]:
    """Find the base and what each field adds to it, so that together they sum to the margin.

    The base is the margin of the baseline; a contribution is the field's term less the baseline's. Rounding leaves a
    remainder of a few ulp, which goes to the smallest contribution that is not zero, where it is least to be seen.
    Where all are zero the record has the baseline's margin, and the base is that margin itself.

    Returns:
        The base and the contributions, (n_fields,), all in log-odds; ``fsum((base, *contributions))`` equals
        ``margin`` within 2 ulp of the largest of them.

    Raises:
        OverflowError: the base or a contribution is not finite.
    """
    base = exact_sum((intercept, *baseline))
    contributions = [term - average for term, average in zip(field_terms, baseline, strict=True)]
    nonzero = [index for index, value in enumerate(contributions) if value != 0.0]
    if not nonzero:
        return margin, contributions
    smallest = min(nonzero, key=lambda index: abs(contributions[index]))
    others = (-value for index, value in enumerate(contributions) if index != smallest)
    contributions[smallest] = exact_sum((margin, -base, *others))
    return base, contributions


def find_average(rows_of_terms: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Average each field's terms over rows. Shape: (n_rows, n_fields) → (n_fields,), log-odds.

    Raises:
        OverflowError: the terms of one field are together beyond a double.
    """
    return tuple(exact_sum(column) / len(rows_of_terms) for column in zip(*rows_of_terms, strict=True))
