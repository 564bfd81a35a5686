"""From what a pickle says to plain values: lists, dicts, Arrays and StandIns.

Done in two walks: the first bounds depth and size without recursion, so that the second may recurse.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain

from augury.errors import PickleError
from augury.frontends import limits
from augury.frontends.allowlist import current_name
from augury.frontends.arrays import Array, Element, order_rows, read_element, read_shape, read_values
from augury.frontends.extent import CONTAINERS, check_extent
from augury.frontends.machine import OTHER_KEYS
from augury.frontends.standins import Draft, StandIn


def settle(root: object, recipes: Mapping[str, Recipe]) -> object:
    """Turn a machine's answer into plain values that share nothing mutable with it.

    ``recipes`` say, by a name as it is spelt today, what a draft means; every other draft becomes a StandIn.
    """
    check_extent(root)
    return Settler(recipes).settle(root)


class Settler:
    """Settle each value once, however often it is shared, and count the elements of all arrays."""

    def __init__(self, recipes: Mapping[str, Recipe]) -> None:
        self.recipes = recipes
        self.settled: dict[int, object] = {}
        self.elements = 0

    def settle(self, value: object) -> object:
        """Answer what a value means; the same answer wherever it is shared."""
        if not isinstance(value, CONTAINERS):
            return value
        if id(value) not in self.settled:
            self.settled[id(value)] = self.settle_container(value)
        return self.settled[id(value)]

    def settle_container(self, value: object) -> object:
        """Answer a list, tuple, dict, set or draft with its parts settled."""
        if isinstance(value, Draft):
            return self.settle_draft(value)
        if isinstance(value, dict):
            return self.settle_pairs(chain.from_iterable(value.items()))
        assert isinstance(value, list | tuple | set | frozenset)
        settled = [self.settle(part) for part in value]
        if isinstance(value, set | frozenset):
            return frozenset(map(check_key, settled))
        return settled if isinstance(value, list) else tuple(settled)

    def settle_pairs(self, items: Iterable[object]) -> dict[object, object]:
        """Answer the dict of keys and values that alternate in ``items``."""
        flat: Iterator[object] = iter(items)
        return {check_key(self.settle(key)): self.settle(value) for key, value in zip(flat, flat, strict=True)}

    def settle_draft(self, draft: Draft) -> object:
        """Answer what the draft's recipe makes of it, else a StandIn."""
        recipe = self.recipes.get(current_name(draft.called.dotted))
        if recipe is not None:
            return recipe(self, draft)
        args = tuple(self.settle(part) for part in draft.args)
        if draft.kwargs:
            args = (*args, self.settle(draft.kwargs))
        pairs = tuple(self.settle_pairs(draft.pairs).items())
        items = tuple(self.settle(part) for part in draft.items)
        return StandIn(current_name(draft.called.dotted), args, self.settle(draft.state), items, pairs)

    def count_elements(self, shape: tuple[int, ...]) -> int:
        """Answer how many elements the shape has, while all arrays together have not too many."""
        count = math.prod(shape)
        self.elements += count
        if self.elements > limits.MAX_ELEMENTS:
            raise PickleError(f"the arrays in it have more than {limits.MAX_ELEMENTS} elements together")
        return count

    def rebuild(self, shape: object, dtype: object, content: object, axes: tuple[int, ...] | None) -> object:
        """Rebuild an array (of no dimensions: a scalar) from bytes in memory order ``axes``, or from its objects."""
        element = find_element(dtype)
        sizes = read_shape(shape)
        count = self.count_elements(sizes)
        if element.kind == "O":  # NumPy lists objects in row order, whatever the order in memory
            if not isinstance(content, list | tuple) or len(content) != count:
                raise PickleError("an array of objects in it does not have as many as its shape says")
            values = tuple(self.settle(part) for part in content)
        elif isinstance(content, bytes):
            values = order_rows(read_values(content, element, count), sizes, axes)
        else:
            raise PickleError("an array in it has no bytes")
        return Array(sizes, values, element.dtype) if sizes else values[0]


def find_element(dtype: object) -> Element:
    """Read the element type from the draft of a ``numpy.dtype``."""
    if not isinstance(dtype, Draft) or dtype.called.dotted != "numpy.dtype" or not dtype.args:
        raise PickleError("an array in it has no element type")
    order = dtype.state[1] if isinstance(dtype.state, tuple) and len(dtype.state) > 1 else "="
    return read_element(dtype.args[0], order)


def check_key(key: object) -> object:
    """Answer the key if it is still one: a scalar, or a flat tuple of them."""
    parts = key if isinstance(key, tuple) else (key,)
    if not all(type(part) in (*OTHER_KEYS, str) for part in parts):
        raise PickleError("the pickle has a set or dict with keys that no model has")
    return key


Recipe = Callable[[Settler, Draft], object]
"""What a draft means, for names that are a value and not an estimator."""
