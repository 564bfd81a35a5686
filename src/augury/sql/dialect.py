"""What the SQL that we write needs of an engine: a table of primitives, each of which an engine's own module fills.

sqlglot prints; it does not judge what an engine can do (it would print ``TRY_CAST`` as ``CAST`` where there is none).
So each primitive of each engine is written down, was tried on that engine, and is held to Python by the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from sqlglot import exp

from augury.sql.layout import Kind

Node = exp.Expression


class Limits(Struct, frozen=True):
    """What an engine cannot do.

    Args:
        columns: the most columns of one SELECT; None where no limit is known.
        stops_on_overflow: whether arithmetic beyond a double stops the query, so that no infinity is seen.
        stops_on_underflow: whether a product or quotient that rounds to zero stops the query, too.
        replaces_views: whether a view can be replaced at once; else the one before is dropped first.
        others: what else cannot be done, a clause each.
    """

    columns: int | None = None
    stops_on_overflow: bool = False
    stops_on_underflow: bool = False
    replaces_views: bool = True
    others: tuple[str, ...] = ()

    def tell(self) -> list[str]:
        """Tell what the engine cannot do that a user may meet, a clause each."""
        told = [*self.others]
        if self.columns is not None:
            told.append(f"more than {self.columns:,} columns in a step of the statement")
        return told


class Dialect(Struct, frozen=True):
    """How one engine says what we need.

    Args:
        name: as ``--dialect`` takes it.
        title: the engine's name in a sentence.
        printer: the dialect of sqlglot that prints it.
        is_run: whether the tests run it on the engine, or it is generated only.
        limits: of the engine.
        is_columnar: whether the engine works on columns, so that a look-up that misses costs nothing to the rows that
            hit: then rows as training saw them are scored first, and only the others are cleaned and checked.
        write_number: a 64-bit float literal.
        to_double: a column of a numeric kind as a 64-bit float, correctly rounded.
        nan_kinds: the kinds of column that may hold NaN, which is null.
        is_nan: whether a 64-bit float is NaN; not asked where ``nan_kinds`` is empty.
        is_finite: whether a 64-bit float is neither infinite nor NaN (nor null).
        is_integral: whether a 64-bit float is integral; called on finite ones.
        is_true: whether a column of booleans is true.
        as_text: a column of texts as it is compared: code point by code point.
        write_text: a text literal, under the same comparison.
        fold: ``fold-1``'s translation of a text (:mod:`augury.contract.fold`).
        trim: a text without the spaces and tabs around it.
        is_blank: whether a text is empty or all white space (:func:`augury.contract.text.is_blank`).
        has_control: whether a text holds a character below U+0020.
        number_from_text: the rule ``decimal-1``: null where the text is no number; infinite, or NaN, where it is too
            large (see :attr:`is_finite`).
        exp: the exponential of an argument in [-700, 0].
        join: texts, null ones left out, with a comma between them; the empty text where all are null.
        concatenate: two or three texts that are not null.
        find_kind: of a cell of a dynamic column: its kind as a text, ``null``, ``text``, ``float``, ``integer``,
            ``boolean``, ``other`` or ``nested``; None where the engine's columns have one type.
        read_dynamic: a cell of a dynamic column as a value of this kind; asked only where it has it.
        as_column: a condition as a value of a column.
        map: the literal that a text leads to by a list of literals, null where it is not among them or is null itself;
            None where the engine is asked by ``CASE``.
        pack: values of a row as one struct: what a row does not need is then left out at once, not value by value; None
            where the engine does without.
        fence: a SELECT such that what it computes is not computed again by each one that reads it.
    """

    name: str
    title: str
    printer: str
    is_run: bool
    limits: Limits
    is_columnar: bool
    write_number: Callable[[float], Node]
    to_double: Callable[[Node, Kind], Node]
    nan_kinds: frozenset[Kind]
    is_nan: Callable[[Node], Node]
    is_finite: Callable[[Node], Node]
    is_integral: Callable[[Node], Node]
    is_true: Callable[[Node], Node]
    as_text: Callable[[Node], Node]
    write_text: Callable[[str], Node]
    fold: Callable[[Node], Node]
    trim: Callable[[Node], Node]
    is_blank: Callable[[Node], Node]
    has_control: Callable[[Node], Node]
    number_from_text: Callable[[Node], Node]
    exp: Callable[[Node], Node]
    join: Callable[[Sequence[Node]], Node]
    concatenate: Callable[[Sequence[Node]], Node]
    find_kind: Callable[[Node], Node] | None = None
    read_dynamic: Callable[[Node, Kind], Node] | None = None
    map: Callable[[Node, Sequence[tuple[Node, Node]]], Node] | None = None
    pack: Callable[[Sequence[tuple[str, Node]]], Node] | None = None
    fence: Callable[[Node], Node] = lambda select: select
    as_column: Callable[[Node], Node] = lambda condition: condition


def print_statement(statement: Node, dialect: Dialect) -> str:
    """Print a statement for people to read, one clause a line; the printer changes the nodes, which are done with."""
    return statement.sql(dialect=dialect.printer, pretty=True, comments=False, copy=False)
