"""Bound how deep a value is nested and how long a walk over it takes, without recursion."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from augury.errors import PickleError
from augury.frontends import limits
from augury.frontends.standins import Draft

CONTAINERS = (list, tuple, dict, set, frozenset, Draft)
"""What a pickle can nest values in."""


def check_extent(root: object) -> None:
    """Refuse what contains itself, is too deep, or would take too long to walk when shared parts are walked again."""
    extents: dict[int, tuple[int, int]] = {}  # by identity: depth, size when unfolded
    ancestors: set[int] = set()
    pending: list[tuple[object, bool]] = [(root, False)]
    while pending:
        value, is_left = pending.pop()
        if not isinstance(value, CONTAINERS):
            continue
        if is_left:
            extents[id(value)] = _extent(value, extents)
            ancestors.discard(id(value))
        elif id(value) in ancestors:
            raise PickleError("the pickle holds a value that contains itself")
        elif len(ancestors) > limits.MAX_DEPTH:  # said early, so that a long chain costs nothing
            raise PickleError(f"the pickle is nested more than {limits.MAX_DEPTH} deep")
        elif id(value) not in extents:
            ancestors.add(id(value))
            pending.append((value, True))
            pending.extend((part, False) for part in _parts(value) if isinstance(part, CONTAINERS))


def _extent(value: object, extents: dict[int, tuple[int, int]]) -> tuple[int, int]:
    depth, size = 0, 1
    for part in _parts(value):
        part_depth, part_size = extents.get(id(part), (0, 1)) if isinstance(part, CONTAINERS) else (0, 1)
        depth, size = max(depth, part_depth), size + part_size
    if depth >= limits.MAX_DEPTH:
        raise PickleError(f"the pickle is nested more than {limits.MAX_DEPTH} deep")
    if size > limits.MAX_UNFOLDED:
        raise PickleError("the pickle repeats values within values more often than any model")
    return depth + 1, size


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, Draft):
        return (value.args, value.kwargs, value.state, value.items, value.pairs)
    if isinstance(value, dict):
        return chain(value.keys(), value.values())
    assert isinstance(value, list | tuple | set | frozenset)
    return value
