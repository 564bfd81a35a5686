"""Nodes of SQL in few words; each is made of nodes that nobody else holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast as cast_node

from sqlglot import exp, parse_one

from augury.errors import UsageError

Node = exp.Expression


def column(name: str, table: str | None = None) -> Node:
    """Name a column, always quoted: an engine folds the case of what is not."""
    return exp.column(name, table=table, quoted=True)


def member(record: str, name: str) -> Node:
    """Name a member of a column of structs."""
    return exp.Dot(this=column(record), expression=exp.to_identifier(name, quoted=True))


def text(value: str) -> Node:
    """Write a text literal."""
    return exp.Literal.string(value)


def call(name: str, *arguments: Node) -> Node:
    """Call a function by its name in the engine, which no printer translates."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def cast(value: Node, kind: str) -> Node:
    """Cast to a type of sqlglot's."""
    return exp.Cast(this=value, to=exp.DataType(this=exp.DataType.Type[kind], nested=False))


def write_double(number: float) -> Node:
    """Write a number as a literal with an exponent, which most engines read as a 64-bit float, not as a decimal."""
    mantissa, _, exponent = repr(abs(number)).partition("e")
    literal = exp.Literal.number(f"{mantissa}e{exponent or 0}")
    return negate(literal) if str(number).startswith("-") else literal


def negate(value: Node) -> Node:
    """Negate a number."""
    return exp.Neg(this=group(value))


def when(branches: Sequence[tuple[Node, Node]], default: Node | None = None) -> Node:
    """Write ``CASE WHEN … THEN … ELSE … END``; without branches it is the default alone."""
    if not branches:
        return default if default is not None else exp.Null()
    ifs = [exp.If(this=condition, true=result) for condition, result in branches]
    return exp.Case(ifs=ifs, default=default)


def deny(condition: Node) -> Node:
    """Negate a condition."""
    return exp.Not(this=group(condition))


def group(value: Node) -> Node:
    """Put brackets around what an operator beside it could tear apart."""
    return exp.Paren(this=value) if isinstance(value, exp.Binary | exp.Between | exp.Not | exp.Neg) else value


def choose(value: Node, results: Sequence[tuple[Node, Node]], default: Node | None = None) -> Node:
    """Write ``CASE value WHEN … THEN … ELSE … END``: engines that go from row to row compute the value once."""
    ifs = [exp.If(this=key, true=result) for key, result in results]
    return exp.Case(this=value, ifs=ifs, default=default) if ifs else when([], default)


def is_null(value: Node) -> Node:
    """Ask whether a value is null."""
    return exp.Is(this=value, expression=exp.Null())


def equals(left: Node, right: Node) -> Node:
    """Compare two values."""
    return exp.EQ(this=left, expression=right)


def every(conditions: Sequence[Node]) -> Node:
    """Write ``AND`` between conditions, of which there is at least one."""
    return cast_node("Node", exp.and_(*conditions, copy=False)) if len(conditions) > 1 else conditions[0]


def some(conditions: Sequence[Node]) -> Node:
    """Write ``OR`` between conditions, of which there is at least one."""
    return cast_node("Node", exp.or_(*conditions, copy=False)) if len(conditions) > 1 else conditions[0]


def add(terms: Sequence[Node]) -> Node:
    """Add numbers in a balanced tree: engines limit how deep an expression may be, and its error grows with that."""
    if len(terms) == 1:
        return terms[0]
    middle = len(terms) // 2
    left, right = (_bracket(add(half)) for half in (terms[:middle], terms[middle:]))
    return exp.Add(this=left, expression=right)


def _bracket(term: Node) -> Node:
    # A product binds closer than the sum that it stands in.
    return exp.Paren(this=term) if isinstance(term, exp.Add | exp.Sub) else term


def between(value: Node, low: Node, high: Node) -> Node:
    """Ask whether a number is in a closed interval."""
    return exp.Between(this=value, low=low, high=high)


def alias(value: Node, name: str) -> Node:
    """Name a column of a SELECT."""
    return exp.Alias(this=value, alias=exp.to_identifier(name, quoted=True))


def parse_source(source: str, printer: str) -> Node:
    """Read what stands after FROM: a name, a call, a SELECT in brackets."""
    select = parse_one(f"SELECT * FROM {source}", dialect=printer)  # noqa: S608 - nothing is run here
    found = select.find(exp.From)
    assert found is not None
    return cast_node("Node", found.this)


def check_names(outputs: Sequence[Node]) -> None:
    """Check that no two columns of a result have one name, which engines compare without case.

    Raises:
        UsageError: two have.
    """
    seen: set[str] = set()
    for output in outputs:
        name = output.alias_or_name
        if name.lower() in seen:
            what = f"two columns of the result would be called {name!r}"
            raise UsageError(what, mend="do not keep that column, or rename it in the table")
        seen.add(name.lower())
