"""Which columns say whose row it is: those that the contract declares, and those that are asked for beside them."""

from __future__ import annotations

from collections.abc import Sequence

from augury.contract.nearest import find_nearest
from augury.errors import UsageError
from augury.sql.layout import Bound


def choose_ids(bound: Bound, names: Sequence[str], asked: Sequence[str], where: str) -> tuple[str, ...]:
    """Choose the columns that are copied; ``names`` are those of the table.

    Raises:
        UsageError: a column that is asked for is not there.
    """
    for name in asked:
        if name not in names:
            nearest = find_nearest(name, names)
            hint = f" (nearest is {nearest!r})" if nearest else ""
            raise UsageError(f"the table has no column {name!r}{hint}", where=where, mend="correct --id")
    return tuple(dict.fromkeys((*(column.name for column in bound.identifiers.values()), *asked)))
