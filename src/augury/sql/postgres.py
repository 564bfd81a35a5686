"""PostgreSQL: it stops at a number that is beyond a double or below all of them, which nothing may ask of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from augury.sql.build import between, call, cast, deny, equals, every, some, text, when
from augury.sql.dialect import Dialect, Limits, Node
from augury.sql.layout import Kind
from augury.sql.spelling import BLANK, FOLDED, NUMBER, UNFOLDED

# Decimals between these round to a double that is neither infinite nor zero: the middle between the largest double and
# 2**1024, and half of the smallest double.
_BEYOND = exp.Literal.number("1.797693134862315807937289714053e308")
_NOTHING = exp.Literal.number("2.4703282292062327208299439635e-324")
# What is so short and has at most two digits of exponent is a double by far.
_SHORT = 100
_SHORT_NUMBER = NUMBER.replace("[eE][+-]?[0-9]+", "[eE][+-]?[0-9]{1,2}")
# A decimal has 131,072 digits before the point and 16,383 after it: neither is reached with these, and longer texts are
# no finite number here.
_LONG = 5000
_LARGE_EXPONENT = "[eE][+]?0*[1-9][0-9]{4,}[ \t]*$"
_SMALL_EXPONENT = "[eE]-0*[1-9][0-9]{4,}[ \t]*$"
# Functions take a hundred arguments.
_MOST_ARGUMENTS = 90


def _write_number(number: float) -> Node:
    # A literal is a decimal until it is cast, also with an exponent.
    return cast(exp.Literal.number(repr(number)), "DOUBLE")


def _to_double(column: Node, kind: Kind) -> Node:
    return _from_decimal(column, column) if kind == "decimal" else cast(column, "DOUBLE")


def _from_decimal(decimal: Node, exact: Node) -> Node:
    """Read a decimal, or its text, as a double; NaN, which is equal to itself and above infinity, stays."""
    inside = between(decimal.copy(), exp.Neg(this=_BEYOND.copy()), _BEYOND.copy())
    nothing = between(decimal.copy(), exp.Neg(this=_NOTHING.copy()), _NOTHING.copy())
    is_nan = equals(decimal.copy(), cast(text("NaN"), "DECIMAL"))
    number = when([(nothing, _write_number(0.0))], cast(exact.copy(), "DOUBLE"))
    return when([(inside, number), (is_nan, _name("NaN"))], when([(deny(_is_null(decimal)), _name("Infinity"))]))


def _is_null(value: Node) -> Node:
    return exp.Is(this=value.copy(), expression=exp.Null())


def _name(number: str) -> Node:
    return cast(text(number), "DOUBLE")


def _as_text(column: Node) -> Node:
    # The database, or the column, may have a collation under which two texts are equal that are not the same.
    return exp.Collate(this=cast(column, "TEXT"), expression=exp.to_identifier("C", quoted=True))


def _matches(value: Node, pattern: str) -> Node:
    return exp.RegexpLike(this=value, expression=text(pattern))


def _number_from_text(column: Node) -> Node:
    value = _as_text(column)
    is_short = exp.LTE(this=call("LENGTH", value.copy()), expression=exp.Literal.number(_SHORT))
    number = cast(_trim(value.copy()), "DOUBLE")
    return when(
        [(every([is_short, _matches(value.copy(), f"^{_SHORT_NUMBER}$")]), number)], _number_from_long_text(value)
    )


def _number_from_long_text(value: Node) -> Node:
    decimal = cast(_trim(value.copy()), "DECIMAL")
    is_long = exp.GT(this=call("LENGTH", value.copy()), expression=exp.Literal.number(_LONG))
    return when(
        [
            (deny(_matches(value.copy(), f"^{NUMBER}$")), exp.Null()),
            (_matches(value.copy(), r"^[ \t]*[+-]?[0.]*([eE]|[ \t]*$)"), _write_number(0.0)),
            (some([is_long, _matches(value.copy(), _LARGE_EXPONENT)]), _name("Infinity")),
            (_matches(value.copy(), _SMALL_EXPONENT), _write_number(0.0)),
        ],
        _from_decimal(decimal, _trim(value.copy())),
    )


def _trim(value: Node) -> Node:
    return call("BTRIM", value, exp.DPipe(this=text(" "), expression=call("CHR", exp.Literal.number(9))))


def _join(parts: Sequence[Node]) -> Node:
    if len(parts) <= _MOST_ARGUMENTS:
        return call("CONCAT_WS", text(","), *parts)
    chunks = [parts[start : start + _MOST_ARGUMENTS] for start in range(0, len(parts), _MOST_ARGUMENTS)]
    return _join([exp.Nullif(this=_join(chunk), expression=text("")) for chunk in chunks])


def _fence(select: Node) -> Node:
    """Compute what is added beside each row, where OFFSET 0 keeps the planner from copying it to its readers.

    Left to it, a million rows took 48 seconds in place of ten, for each step is copied into the next one. In this
    place, unlike around the whole step or with MATERIALIZED, a condition on a view still finds the table's index.
    """
    assert isinstance(select, exp.Select)
    added = [each for each in select.expressions if not isinstance(each, exp.Star)]
    beside = exp.Subquery(this=exp.Select(expressions=added).offset(0, copy=False))
    select.set("expressions", [exp.Star()])
    lateral = exp.Lateral(this=beside, alias=exp.TableAlias(this=exp.to_identifier("added")))
    return select.join(lateral, join_type="cross", copy=False)


POSTGRES = Dialect(
    name="postgres",
    title="PostgreSQL",
    printer="postgres",
    is_run=True,
    limits=Limits(columns=1664, stops_on_overflow=True, stops_on_underflow=True),
    is_columnar=False,
    write_number=_write_number,
    to_double=_to_double,
    nan_kinds=frozenset({"float", "decimal"}),
    is_nan=lambda number: equals(number, _name("NaN")),
    is_finite=lambda number: exp.LT(this=call("ABS", number), expression=_name("Infinity")),
    is_integral=lambda number: equals(call("FLOOR", number), number.copy()),
    is_true=lambda column: column,
    as_text=_as_text,
    write_text=text,
    fold=lambda column: call("TRANSLATE", column, text(UNFOLDED), text(FOLDED)),
    trim=_trim,
    is_blank=lambda column: _matches(_as_text(column), f"^{BLANK}$"),
    # \x would take as many digits as follow it.
    has_control=lambda column: _matches(_as_text(column), r"[\u0001-\u001f]"),
    number_from_text=_number_from_text,
    exp=lambda number: call("EXP", number),
    join=_join,
    concatenate=lambda parts: call("CONCAT", *parts),
    fence=_fence,
)
