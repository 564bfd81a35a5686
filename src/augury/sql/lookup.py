"""Look-ups as ``CASE``: a list of literals, or a tree of comparisons where there are many."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from sqlglot import exp

from augury.sql.build import Node, choose, equals, when

# A list is tried from top to bottom, so that its time grows with its length; a tree of lists grows with the logarithm.
_LONGEST = 32


class Entry(Struct, frozen=True):
    """The keys, literals all of one type in the order of the engine, that lead to one result."""

    keys: tuple[str | float, ...]
    result: Node


def look_up(
    find: Callable[[], Node],
    entries: Sequence[Entry],
    write: Callable[[str | float], Node],
    *,
    default: Node | None = None,
) -> Node:
    """Look a value up.

    Args:
        find: makes the value, as often as it is compared.
        entries: the keys and what they lead to.
        write: writes a key as a literal.
        default: what any other value leads to; null where it is left out.
    """
    if len(entries) <= _LONGEST:
        return _list(find, entries, write, default)
    ordered = sorted(((key, entry.result.copy()) for entry in entries for key in entry.keys), key=_find_key)
    tree = _divide(find, ordered, write)
    return tree if default is None else exp.Coalesce(this=tree, expressions=[default])


def _find_key(item: tuple[str | float, Node]) -> tuple[str, float]:
    # Texts by code point, as every engine does under its binary collation; numbers by value.
    key = item[0]
    return (key, 0.0) if isinstance(key, str) else ("", key)


def _list(
    find: Callable[[], Node], entries: Sequence[Entry], write: Callable[[str | float], Node], default: Node | None
) -> Node:
    if all(len(entry.keys) == 1 for entry in entries):
        return choose(find(), [(write(entry.keys[0]), entry.result) for entry in entries], default)
    return when([_branch(find, entry, write) for entry in entries], default)


def _branch(find: Callable[[], Node], entry: Entry, write: Callable[[str | float], Node]) -> tuple[Node, Node]:
    keys = [write(key) for key in entry.keys]
    condition = equals(find(), keys[0]) if len(keys) == 1 else exp.In(this=find(), expressions=keys)
    return condition, entry.result


def _divide(
    find: Callable[[], Node], ordered: Sequence[tuple[str | float, Node]], write: Callable[[str | float], Node]
) -> Node:
    if len(ordered) <= _LONGEST:
        return _list(find, [Entry((key,), result) for key, result in ordered], write, None)
    middle = len(ordered) // 2
    below = exp.LT(this=find(), expression=write(ordered[middle][0]))
    return when([(below, _divide(find, ordered[:middle], write))], _divide(find, ordered[middle:], write))
