"""Draw some rows of a table while it is read, so that a table larger than memory can be learned from."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import islice
from operator import itemgetter
from random import Random
from typing import TypeVar

from msgspec import Struct

Row = TypeVar("Row")


class Draw(Struct, frozen=True):
    """How many rows are drawn, and the seed that decides which."""

    rows: int
    seed: int = 1


def draw_rows(rows: Iterable[Row], draw: Draw | None) -> Iterable[Row]:
    """Draw rows, each set of so many equally probable, in their own order; None draws all.

    Every row is read once and only those drawn are held: algorithm L of K.-H. Li, "Reservoir-sampling algorithms of
    time complexity O(n(1 + log(N/n)))", ACM Transactions on Mathematical Software 20(4), 1994.
    """
    return rows if draw is None else _draw(rows, draw)


def _draw(rows: Iterable[Row], draw: Draw) -> Iterable[Row]:
    random = Random(draw.seed)  # noqa: S311 - which rows are drawn is no secret
    placed = enumerate(rows)
    kept = list(islice(placed, draw.rows))
    weight = 1.0
    while len(kept) == draw.rows:
        weight *= math.exp(_draw_log(random) / draw.rows)
        skipped = math.floor(_draw_log(random) / math.log1p(-weight))
        found = next(islice(placed, skipped, None), None)
        if found is None:
            break
        kept[int(random.random() * draw.rows)] = found
    return (row for _, row in sorted(kept, key=itemgetter(0)))


def _draw_log(random: Random) -> float:
    """Draw the logarithm of a number in (0, 1]."""
    return math.log(1.0 - random.random())
