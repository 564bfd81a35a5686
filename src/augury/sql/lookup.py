"""Look-ups: a list of literals, or a tree of comparisons where there are many."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from sqlglot import exp

from augury.sql.build import Node, choose, equals, when
from augury.sql.dialect import Dialect

# A list is tried from top to bottom, so that its time grows with its length; a tree of lists grows with the logarithm.
_LONGEST = 32


class Entry(Struct, frozen=True):
    """The keys, all of one type, that lead to one result, a literal."""

    keys: tuple[str | float, ...]
    result: Node


def look_up(
    dialect: Dialect, find: Callable[[], Node], entries: Sequence[Entry], *, default: Node | None = None
) -> Node:
    """Look a value up.

    Args:
        dialect: of the engine.
        find: makes the value, as often as it is compared.
        entries: the keys and what they lead to, none of which is null.
        default: what any other value leads to; null where it is left out.
    """
    if len(entries) <= _LONGEST:
        return _list(dialect, find, entries, default)
    ordered = sorted(((key, entry.result.copy()) for entry in entries for key in entry.keys), key=_find_key)
    return _or_else(_divide(dialect, find, ordered), default)


def write_key(dialect: Dialect, key: str | float) -> Node:
    """Write a key as a literal."""
    return dialect.write_text(key) if isinstance(key, str) else dialect.write_number(key)


def _find_key(item: tuple[str | float, Node]) -> tuple[str, float]:
    # Texts by code point, as every engine does under its binary collation; numbers by value.
    key = item[0]
    return (key, 0.0) if isinstance(key, str) else ("", key)


def _or_else(found: Node, default: Node | None) -> Node:
    return found if default is None else exp.Coalesce(this=found, expressions=[default])


def _list(dialect: Dialect, find: Callable[[], Node], entries: Sequence[Entry], default: Node | None) -> Node:
    pairs = [(key, entry.result) for entry in entries for key in entry.keys]
    if dialect.map is not None and pairs and all(isinstance(key, str) for key, _ in pairs):
        literals = [(write_key(dialect, key), result.copy()) for key, result in pairs]
        return _or_else(dialect.map(find(), literals), default)
    if all(len(entry.keys) == 1 for entry in entries):
        return choose(find(), [(write_key(dialect, entry.keys[0]), entry.result) for entry in entries], default)
    return when([_branch(dialect, find, entry) for entry in entries], default)


def _branch(dialect: Dialect, find: Callable[[], Node], entry: Entry) -> tuple[Node, Node]:
    keys = [write_key(dialect, key) for key in entry.keys]
    condition = equals(find(), keys[0]) if len(keys) == 1 else exp.In(this=find(), expressions=keys)
    return condition, entry.result


def _divide(dialect: Dialect, find: Callable[[], Node], ordered: Sequence[tuple[str | float, Node]]) -> Node:
    if len(ordered) <= _LONGEST:
        return _list(dialect, find, [Entry((key,), result) for key, result in ordered], None)
    middle = len(ordered) // 2
    below = exp.LT(this=find(), expression=write_key(dialect, ordered[middle][0]))
    return when([(below, _divide(dialect, find, ordered[:middle]))], _divide(dialect, find, ordered[middle:]))
