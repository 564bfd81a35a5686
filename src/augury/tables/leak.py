"""A column that alone predicts the target almost perfectly is probably known only afterwards: a leak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate

from augury.profile import MIN_COUNT
from augury.tables.notice import Notice, write_option
from augury.tables.rows import FieldColumn

# Area under the ROC curve of one column from which it is told. The best single column of an honest table seldom reaches
# 0.9, and what is filled in after the fact reaches 1.
_SUSPECT = 0.98
# Numbers are grouped into so many bins of about equally many rows.
_BINS = 20
# An AUC of so many rows is known to three thousandths, and a million pairs of Python objects take seconds.
_ROWS = 50_000
# With fewer rows of a class in each half an order of groups can be perfect by chance.
_FEWEST = 10


def find_leaks(columns: Iterable[FieldColumn], labels: Sequence[int]) -> list[Notice]:
    """Find the fields that alone order the rows almost as the target does.

    The values of a field are grouped and put in order by the share of positives on every other row; how well that order
    does is measured on the rows between. Null is a group of its own.

    Args:
        columns: the checked values of each field.
        labels: of each row 1 where it is positive, else 0, (n_rows,).
    """
    notices = []
    for column in columns:
        auc = _measure(column, labels)
        if auc >= _SUSPECT:
            sentence = (
                f"{column.name} alone predicts the target almost perfectly (AUC {auc:.3f}): "
                "if it is known only afterwards, the model will be worse than it looks"
            )
            notices.append(Notice(column.name, "leak", sentence, write_option("--drop", column.name)))
    return notices


def _measure(column: FieldColumn, labels: Sequence[int]) -> float:
    """Measure the AUC of one field on every other row; 0 where there are too few rows to tell."""
    step = max(1, len(labels) // _ROWS)
    column, labels = FieldColumn(column.name, column.values, column.codes[::step]), labels[::step]
    groups = _group(column)
    first, second = (_count(column.codes[start::2], labels[start::2], groups) for start in (0, 1))
    if any(min(sum(negatives.values()), sum(positives.values())) < _FEWEST for negatives, positives in (first, second)):
        return 0.0
    return _find_auc(_order(*first), *second)


def _group(column: FieldColumn) -> list[int]:
    """Group the values: numbers by quantiles, rare levels together; the group of each code."""
    counts = column.count_values()
    numbers = sorted(value for value in counts if isinstance(value, float))
    if not numbers:
        numbered = {value: number for number, value in enumerate(counts, 1)}
        return [numbered[value] if counts[value] >= MIN_COUNT else 0 for value in column.values]
    total = sum(counts[number] for number in numbers)
    ends = accumulate(counts[number] for number in numbers)
    bins = {number: (end - 1) * _BINS // total for number, end in zip(numbers, ends, strict=True)}
    # A number that fills a bin is a group of its own: beside the zeros of an amount, its least values would be lost.
    bins |= {number: _BINS + at for at, number in enumerate(numbers) if counts[number] * _BINS >= total}
    return [bins[value] if isinstance(value, float) else -1 for value in column.values]


def _count(codes: Sequence[int], labels: Sequence[int], groups: Sequence[int]) -> tuple[Counter[int], Counter[int]]:
    """Count the negatives and the positives of each group."""
    counts: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
    for (code, label), rows in Counter(zip(codes, labels, strict=True)).items():
        counts[label][groups[code]] += rows
    return counts


def _order(negatives: Counter[int], positives: Counter[int]) -> dict[int, float]:
    """Find the share of positives of each group, drawn to one half where there are few rows."""
    return {
        group: (positives[group] + 1) / (positives[group] + negatives[group] + 2)
        for group in negatives.keys() | positives.keys()
    }


def _find_auc(shares: dict[int, float], negatives: Counter[int], positives: Counter[int]) -> float:
    """Find how often a positive row stands above a negative one, ties as half."""
    by_share: dict[float, list[int]] = {}
    for group in negatives.keys() | positives.keys():
        pair = by_share.setdefault(shares.get(group, 0.5), [0, 0])
        pair[0] += negatives[group]
        pair[1] += positives[group]
    below, won = 0, 0.0
    for share in sorted(by_share):
        worse, better = by_share[share]
        won += better * (below + worse / 2)
        below += worse
    return won / (sum(negatives.values()) * sum(positives.values()))
