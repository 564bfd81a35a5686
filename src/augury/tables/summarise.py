"""Summarise one column of a table: counts, range, quantiles."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from typing import Literal

from msgspec import Struct

from augury.contract.fields import MAX_EXACT_INTEGER, Bounds
from augury.contract.text import is_blank, parse_number
from augury.profile import QUANTILES
from augury.tables.cells import parse_truth
from augury.tables.table import ABSENT, Table

Sort = Literal["empty", "number", "boolean", "text", "mixed"]


class ColumnSummary(Struct, frozen=True):
    """What one column holds.

    Args:
        column: its name.
        rows: of the table.
        nulls: null cells; in a text file the blank ones.
        absents: cells whose record lacked the key.
        is_text: the column holds text only, so that its numbers are written in text.
        texts: how often each text stands there, number or not.
        booleans: how often each of true and false stands there.
        numbers: how often each finite number stands there, also where it is written in text.
        infinities: numbers that are not finite, or too large for a 64-bit float.
        others: cells that are none of these: dates, bytes, objects of a frame.
        points: a whole number is written with a decimal point or held as a float.
    """

    column: str
    rows: int
    nulls: int
    absents: int
    is_text: bool
    texts: Counter[str]
    booleans: Counter[bool]
    numbers: Counter[float]
    infinities: int
    others: tuple[object, ...]
    points: bool

    @property
    def blanks(self) -> int:
        """How many cells of a typed text column are blank: null where a number belongs, a text elsewhere."""
        return sum(count for text, count in self.texts.items() if is_blank(text))

    @property
    def sort(self) -> Sort:
        """What the column holds as a whole; ``number`` also when all its texts are numbers or blank."""
        # Among numbers a blank is null, as it is in JSON; among booleans alone it is a text that does not belong.
        blanks = self.blanks if self.is_text or self.numbers else 0
        words = self.texts.total() - blanks - (self.numbers.total() if self.is_text else 0)
        if self.is_text and words and all(isinstance(parse_truth(text), bool) for text in self.texts):
            return "boolean"
        sorts: list[Sort] = []
        if words:
            sorts.append("text")
        if self.numbers and not (words and self.is_text):
            sorts.append("number")
        if self.booleans:
            sorts.append("boolean")
        if self.others:
            sorts.append("mixed")
        return sorts[0] if len(sorts) == 1 else ("mixed" if sorts else "empty")

    @property
    def seen(self) -> Bounds | None:
        """The least and the greatest number."""
        return Bounds(min(self.numbers) + 0.0, max(self.numbers) + 0.0) if self.numbers else None

    @property
    def is_integral(self) -> bool:
        """Whether every number is an integer of magnitude at most 2**53."""
        return all(number.is_integer() and abs(number) <= MAX_EXACT_INTEGER for number in self.numbers)

    @property
    def is_flag(self) -> bool:
        """Whether every number is 0 or 1, so that the column is a category of these.

        Blank texts among typed numbers are null to a number and to no category, so they keep the column a number.
        """
        return set(self.numbers) <= {0.0, 1.0} and (self.is_text or not self.blanks)

    @property
    def distinct(self) -> int:
        """How many different values there are: texts as they are written, and every object by itself."""
        written = 0 if self.is_text else len(self.numbers)
        return len(self.texts) + len(self.booleans) + written + len(self.others)

    @property
    def filled(self) -> int:
        """How many cells hold a value."""
        return self.rows - self.nulls - self.absents

    @property
    def quantiles(self) -> tuple[float, ...]:
        """The quantiles of its numbers at :data:`augury.profile.QUANTILES`; empty without numbers."""
        return compute_counted_quantiles(self.numbers)


def summarise(table: Table, column: str) -> ColumnSummary:
    """Summarise the column of that name; it must be one of the table's."""
    index = table.columns.index(column)
    is_text = table.is_text_column(index)
    nulls = absents = 0
    texts: Counter[str] = Counter()
    booleans: Counter[bool] = Counter()
    numbers: Counter[float] = Counter()
    infinities = 0
    others: list[object] = []
    points = False
    coded = table.coded[index]
    for cell, count in zip(coded.cells, coded.count_cells(), strict=True):
        if cell is ABSENT:
            absents += count
        elif cell is None or (table.is_text and isinstance(cell, str) and is_blank(cell)):
            nulls += count
        elif isinstance(cell, bool):
            booleans[cell] += count
        else:
            number = _find_number(cell, is_text)
            if number is not None:
                numbers[number] += count
                points = points or not _is_written_whole(cell)
            if isinstance(cell, str):
                texts[cell] += count
            elif isinstance(cell, int | float):
                infinities += count if number is None else 0
            else:
                others.extend([cell] * count)
    return ColumnSummary(
        column, table.row_count, nulls, absents, is_text, texts, booleans, numbers, infinities, tuple(others), points
    )


def _is_written_whole(cell: object) -> bool:
    return isinstance(cell, int) or (isinstance(cell, str) and cell.strip(" \t+-").isdigit())


def _find_number(cell: object, is_text: bool) -> float | None:
    if isinstance(cell, str):
        number = parse_number(cell) if is_text else None
    elif isinstance(cell, int | float):
        try:
            number = float(cell)
        except OverflowError:
            return None
    else:
        return None
    return number if number is not None and math.isfinite(number) else None


def compute_quantiles(numbers: Iterable[float]) -> tuple[float, ...]:
    """Compute the quantiles at :data:`augury.profile.QUANTILES` of finite numbers; empty without any.

    The quantile ``p`` of ``n`` numbers in order stands at ``(n - 1) * p``, counted from 0, and is interpolated linearly
    between its two neighbours: type 7 of Hyndman and Fan 1996, NumPy's default. They never decrease.
    """
    return compute_counted_quantiles(Counter(numbers))


def compute_counted_quantiles(counts: Counter[float]) -> tuple[float, ...]:
    """Compute the same of numbers that each stand so often."""
    ordered = sorted(number for number, count in counts.items() if count)
    # How many numbers stand at or below each: the one at place `k`, counted from 0, is the first with more than `k`.
    below = list(accumulate(counts[number] for number in ordered))

    def find_quantile(share: float) -> float:
        at = (below[-1] - 1) * share
        low, high = (ordered[bisect_right(below, min(int(at) + step, below[-1] - 1))] for step in (0, 1))
        return _interpolate(low, high, at - int(at))

    return tuple(map(find_quantile, QUANTILES)) if ordered else ()


def _interpolate(low: float, high: float, share: float) -> float:
    width = high - low
    if math.isinf(width):
        return low * (1 - share) + high * share
    # Rounding may step over the upper neighbour by half an ulp.
    return min(low + width * share, high) + 0.0
