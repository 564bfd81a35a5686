"""Spark, with ANSI on as it is by default: doubles go to infinity, and what cannot be cast stops the query."""

from __future__ import annotations

from sqlglot import exp

from augury.sql.build import between, call, cast, equals, text, when, write_double
from augury.sql.dialect import Dialect, Limits, Node
from augury.sql.spelling import FOLDED, NUMBER, UNFOLDED

_LARGEST = 1.7976931348623157e308
# Java's $ also stands before a line end that is the last, unless a character is forbidden behind it.
_NUMBER = f"(?s)^{NUMBER}$(?!.)"


def _as_text(column: Node) -> Node:
    # A column may have a collation of its own, and so may a session.
    return exp.Collate(this=cast(column, "TEXT"), expression=exp.Var(this="UTF8_BINARY"))


def _char(code: int) -> Node:
    return call("CHAR", exp.Literal.number(code))


def _trim(value: Node) -> Node:
    return call("BTRIM", value, call("CONCAT", text(" "), _char(9)))


def _matches(value: Node, *pattern: Node) -> Node:
    whole = pattern[0] if len(pattern) == 1 else call("CONCAT", *pattern)
    return exp.RegexpLike(this=value, expression=whole)


def _is_blank(column: Node) -> Node:
    space = call("CONCAT", text(" "), *map(_char, (9, 10, 11, 12, 13)))
    return equals(call("BTRIM", _as_text(column), space), text(""))


def _number_from_text(column: Node) -> Node:
    value = _as_text(column)
    number = exp.TryCast(this=_trim(value.copy()), to=exp.DataType.build("DOUBLE"))
    return when([(_matches(value, text(_NUMBER)), number)])


SPARK = Dialect(
    name="spark",
    title="Spark",
    printer="spark",
    is_run=True,
    limits=Limits(),
    is_columnar=False,
    write_number=write_double,
    to_double=lambda column, _kind: cast(column, "DOUBLE"),
    nan_kinds=frozenset({"float"}),
    is_nan=lambda number: call("ISNAN", number),
    # NaN is above everything, itself included.
    is_finite=lambda number: between(number, write_double(-_LARGEST), write_double(_LARGEST)),
    # FLOOR would be of 64 bits.
    is_integral=lambda number: equals(call("RINT", number), number.copy()),
    is_true=lambda column: column,
    as_text=_as_text,
    write_text=text,
    fold=lambda column: call("TRANSLATE", column, text(UNFOLDED), text(FOLDED)),
    trim=_trim,
    is_blank=_is_blank,
    has_control=lambda column: _matches(_as_text(column), text("["), _char(0), text("-"), _char(31), text("]")),
    number_from_text=_number_from_text,
    exp=lambda number: call("EXP", number),
    join=lambda parts: call("CONCAT_WS", text(","), *parts),
    concatenate=lambda parts: call("CONCAT", *parts),
)
