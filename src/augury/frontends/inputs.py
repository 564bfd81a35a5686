"""From weighted columns to the inputs of a sum: columns that one encoder made of one source become one node.

::

    indicators                        OneHot                 weights as they are
    scaled indicators, not centred    one Lookup             of weight × scale: all other products are zeros
    anything else                     a Lookup each          weights as they are
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from augury.errors import UnsupportedError
from augury.frontends.columns import Coded, Column, Key, is_number, read_number
from augury.ir.nodes import Bin, Binned, Category, Input, Linear, Lookup, OneHot, Regroup
from augury.ir.walk import find_field

# Numbers in the lookups of one field: centring one-hot columns makes a full table of levels × columns.
_MAX_TABLE = 1_000_000

Weighted = tuple[Column, float]
Made = tuple[Input, list[float]]


def make_linear(
    columns: Sequence[Weighted], intercept: float, levels: Mapping[str, tuple[Key, ...]], demands: Iterable[Coded]
) -> Linear:
    """Make the sum; a group of columns stands where its first column stood.

    A field of which every column was dropped is read by a OneHot without columns, so that its level is still checked.
    """
    made: list[Made] = []
    groups = _collect_groups(columns)
    for column, weight in columns:
        if not isinstance(column, Coded):
            made.append((read_number(column), [weight]))
        elif column.group in groups:
            made.extend(_make_group(groups.pop(column.group), levels))
    read = {find_field(node) for node, _ in made}
    for column in demands:
        if isinstance(column.source, str) and column.source not in read:
            made.append((_Group([(column, 0.0)], levels).make_empty(), []))
            read.add(column.source)
    return Linear(tuple(node for node, _ in made), tuple(weight for _, found in made for weight in found), intercept)


def _collect_groups(columns: Sequence[Weighted]) -> dict[int, list[tuple[Coded, float]]]:
    groups: dict[int, list[tuple[Coded, float]]] = {}
    for column, weight in columns:
        if isinstance(column, Coded):
            groups.setdefault(column.group, []).append((column, weight))
    return groups


def _make_group(columns: list[tuple[Coded, float]], levels: Mapping[str, tuple[Key, ...]]) -> list[Made]:
    group = _Group(columns, levels)
    if group.is_indicating():
        return [group.make_one_hot()]
    if len(columns) > 1 and group.is_apart():
        return [group.make_product_lookup()]
    if len(columns) * len(group.keys) > _MAX_TABLE:
        why = f"{len(columns)} centred columns of {len(group.keys)} levels are too many numbers; scale with_mean=False"
        raise UnsupportedError([(str(group.first.source), why)])
    return [(group.make_lookup(column), [weight]) for column, weight in columns]


class _Group:
    """The columns that one encoder made of one source; ``keys`` are the source's bins in the contract's order."""

    def __init__(self, columns: list[tuple[Coded, float]], levels: Mapping[str, tuple[Key, ...]]) -> None:
        self.columns = columns
        self.first = columns[0][0]
        self.source: Binned
        if isinstance(self.first.source, Bin):
            self.source, self.keys = self.first.source, self.first.keys
        else:
            keys = levels[self.first.source]
            # A boolean has both bins, whichever of them training saw.
            self.source = Category(self.first.source)
            self.keys = (False, True) if any(isinstance(key, bool) for key in keys) else keys
        self._own = frozenset(self.first.keys)
        self._has_missing = all(is_number(column.missing) for column, _ in columns)
        self._has_unseen = all(is_number(column.unseen) for column, _ in columns)

    def is_apart(self) -> bool:
        """Tell whether at most one column is other than zero in every state."""
        columns = [column for column, _ in self.columns]
        if any(column.default != 0.0 for column in columns):
            return False
        owned = [key for column in columns for key in column.values]
        states = ([column.missing for column in columns], [column.unseen for column in columns])
        return len(set(owned)) == len(owned) and all(
            sum(1 for value in state if value is not None and value != 0.0) <= 1
            for state, has_rule in zip(states, (self._has_missing, self._has_unseen), strict=True)
            if has_rule
        )

    def is_indicating(self) -> bool:
        """Tell whether the columns are 1 in their own states and 0 in all others."""
        columns = [column for column, _ in self.columns]
        states = [state for column in columns for state in (column.missing, column.unseen)]
        return (
            self.is_apart()
            and all(value == 1.0 for column in columns for value in column.values.values())
            and all(state in (0.0, 1.0) for state in states if state is not None and not math.isnan(state))
        )

    def make_empty(self) -> OneHot:
        """Make the node of a field without columns."""
        return OneHot(self.source, (), missing=self._has_missing, unseen=self._has_unseen)

    def make_lookup(self, column: Coded) -> Lookup:
        """Make the node of one column."""
        values = tuple(self._find_value(column, key) for key in self.keys)
        missing = column.missing if is_number(column.missing) else None
        unseen = column.unseen if is_number(column.unseen) else None
        return Lookup(self.source, values, missing, unseen)

    def make_product_lookup(self) -> Made:
        """Make one node of columns of which only one is not zero, so that its product is the whole sum."""
        products: dict[Key, float] = {}
        missing = unseen = 0.0
        for column, weight in self.columns:
            products.update({key: value * weight for key, value in column.values.items()})
            missing += (column.missing or 0.0) * weight if self._has_missing else 0.0
            unseen += (column.unseen or 0.0) * weight if self._has_unseen else 0.0
        values = tuple(products.get(key, 0.0 if key in self._own else unseen) for key in self.keys)
        if not all(map(math.isfinite, (*values, missing, unseen))):
            raise UnsupportedError([(str(self.first.source), "a weight times a scale is not finite")])
        rules = (missing if self._has_missing else None, unseen if self._has_unseen else None)
        return Lookup(self.source, values, *rules), [1.0]

    def make_one_hot(self) -> Made:
        """Make a OneHot; where columns are not levels one to one, the levels are merged first."""
        weights = [weight for _, weight in self.columns]
        plain = self._make_plain()
        if plain is not None:
            return plain, weights
        size = len(self.columns)
        bins = {key: index for index, (column, _) in enumerate(self.columns) for key in column.values}
        missing, unseen = self._find_column("missing"), self._find_column("unseen")
        other = size if unseen is None else unseen
        groups = tuple(bins.get(key, size if key in self._own else other) for key in self.keys)
        node = Regroup(self.source, size + 1, groups, missing, unseen)
        return OneHot(node, tuple(range(size)), missing=self._has_missing, unseen=self._has_unseen), weights

    def _make_plain(self) -> OneHot | None:
        """Make a OneHot of levels as they are, if each column has one level and no other encoder has more levels."""
        index = {key: at for at, key in enumerate(self.keys)}
        owned = [tuple(column.values) for column, _ in self.columns]
        if not all(len(keys) == 1 and keys[0] in index for keys in owned):
            return None
        places = tuple(index[keys[0]] for keys in owned)
        states = [self._find_column(state) for state in ("missing", "unseen")]
        if states[1] is not None and not self._own.issuperset(self.keys):
            return None
        node = self.source
        if states != [None, None]:
            targets = [None if at is None else places[at] for at in states]
            node = Regroup(node, len(self.keys), tuple(range(len(self.keys))), *targets)
        return OneHot(node, places, missing=self._has_missing, unseen=self._has_unseen)

    def _find_column(self, state: str) -> int | None:
        """Find the column that is 1 in a state."""
        found = [at for at, (column, _) in enumerate(self.columns) if getattr(column, state) == 1.0]
        return found[0] if found else None

    def _find_value(self, column: Coded, key: Key) -> float:
        if key in column.values:
            return column.values[key]
        if key in self._own:
            return column.default
        assert column.unseen is not None, "levels that an encoder has no rule for are no levels of the field"
        return column.unseen
