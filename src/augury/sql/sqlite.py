"""SQLite: its columns have no types, each cell has one; it has no regular expressions, and no NaN."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sqlglot import exp

from augury.sql.build import call, cast, choose, deny, equals, every, group, negate, some, text, when
from augury.sql.dialect import Dialect, Limits, Node
from augury.sql.layout import Kind

# What SQLite calls the type of a cell, and what each is to a field.
_KINDS = {"text": "text", "integer": "integer", "real": "float", "null": "null"}
_MOST_EXACT = 2**53
_MOST_DECIMALS = 3
_WHOLE_POWER = 62


def _write_number(number: float) -> Node:
    """Write a double exactly: releases of SQLite read one decimal in ten thousand one unit in the last place off.

    Right by all of them are integers that a double holds, and these over a power of ten or two: few decimals are
    written as they are, for even an 80-bit quotient cannot be in the middle between two doubles there.
    """
    sign, size = math.copysign(1.0, number), abs(number)
    plain = repr(size)
    decimals = len(plain.partition(".")[2])
    is_plain = "e" not in plain and decimals <= _MOST_DECIMALS and size < _MOST_EXACT / 10**decimals
    literal: Node = exp.Literal.number(plain) if is_plain else _write_quotient(size)
    return literal if sign > 0 else negate(literal)


def _write_quotient(size: float) -> Node:
    mantissa, exponent = math.frexp(size)
    whole, power = int(math.ldexp(mantissa, 53)), exponent - 53
    while power < 0 and whole % 2 == 0 and whole:
        whole, power = whole // 2, power + 1
    value: Node = exp.Literal.number(f"{whole}.0")
    operator = exp.Mul if power > 0 else exp.Div
    while power:
        step = min(abs(power), _WHOLE_POWER)
        factor = exp.Literal.number(f"{2**step}.0")
        value = operator(this=value, expression=factor, **({"typed": True} if operator is exp.Div else {}))
        power += -step if power > 0 else step
    return exp.Paren(this=value)


def _as_text(column: Node) -> Node:
    # A column may be declared to be compared without case, or without the spaces at its end.
    return exp.Collate(this=cast(column, "TEXT"), expression=exp.Var(this="BINARY"))


def _char(*codes: int) -> Node:
    return call("CHAR", *(exp.Literal.number(code) for code in codes))


def _chain(*parts: Node) -> Node:
    middle = len(parts) // 2
    if not middle:
        return parts[0]
    # Balanced: no expression may be deeper than a thousand.
    return exp.DPipe(this=_bracket(_chain(*parts[:middle])), expression=_bracket(_chain(*parts[middle:])))


def _bracket(part: Node) -> Node:
    return exp.Paren(this=part) if isinstance(part, exp.DPipe) else part


def _glob(value: Node, pattern: str) -> Node:
    return exp.Glob(this=value, expression=text(pattern))


def _trim(value: Node) -> Node:
    return call("TRIM", value, exp.DPipe(this=text(" "), expression=_char(9)))


def _number_from_text(column: Node) -> Node:
    """Read a number: its mantissa stands before the first e, its exponent behind it, and each has one sign at most."""
    value = _trim(_as_text(column))
    marked = call("REPLACE", value.copy(), text("E"), text("e"))
    place = call("INSTR", marked.copy(), text("e"))
    before = exp.Sub(this=place.copy(), expression=exp.Literal.number(1))
    after = exp.Add(this=place.copy(), expression=exp.Literal.number(1))
    has_exponent = exp.GT(this=place, expression=exp.Literal.number(0))
    mantissa = when([(has_exponent, call("SUBSTR", value.copy(), exp.Literal.number(1), before))], value.copy())
    exponent = _drop_sign(call("SUBSTR", marked, after))
    digits = _drop_sign(mantissa)
    is_number = [
        # A text ends at U+0000 for GLOB, and goes on behind it for everything else.
        equals(call("INSTR", value.copy(), _char(0)), exp.Literal.number(0)),
        _glob(digits, "*[0-9]*"),
        deny(_glob(digits.copy(), "*[^0-9.]*")),
        deny(_glob(digits.copy(), "*.*.*")),
        some([deny(has_exponent.copy()), every([_glob(exponent, "[0-9]*"), deny(_glob(exponent.copy(), "*[^0-9]*"))])]),
    ]
    return when([(every(is_number), _read_digits(value))])


def _drop_sign(value: Node) -> Node:
    return when([(_glob(value, "[+-]*"), call("SUBSTR", value.copy(), exp.Literal.number(2)))], value.copy())


def _read_digits(value: Node) -> Node:
    """Read a number that is one: up to 15 digits with a point as their integer over a power of ten, rounded once."""
    point = call("INSTR", value.copy(), text("."))
    length = call("LENGTH", value.copy())
    scale = exp.Sub(this=length.copy(), expression=point.copy())
    power = cast(exp.DPipe(this=text("1e"), expression=exp.Paren(this=scale)), "DOUBLE")
    whole = cast(call("REPLACE", value.copy(), text("."), text("")), "DOUBLE")
    is_short = every(
        [
            exp.GT(this=point, expression=exp.Literal.number(0)),
            exp.LTE(this=length, expression=exp.Literal.number(16)),
            deny(_glob(value.copy(), "*[eE]*")),
        ]
    )
    return when([(is_short, exp.Div(this=whole, expression=power, typed=True))], cast(value.copy(), "DOUBLE"))


def _has_control(column: Node) -> Node:
    value = _as_text(column)
    pattern = _chain(text("*["), _char(1), text("-"), _char(31), text("]*"))
    ends = exp.GT(this=call("INSTR", value.copy(), _char(0)), expression=exp.Literal.number(0))
    return some([exp.Glob(this=value, expression=exp.Paren(this=pattern)), ends])


def _fold(value: Node) -> Node:
    # LOWER knows ASCII alone.
    spaced = call("REPLACE", call("LOWER", value), text(" "), text("_"))
    return exp.Collate(this=call("REPLACE", spaced, text("-"), text("_")), expression=exp.Var(this="BINARY"))


def _join(parts: Sequence[Node]) -> Node:
    # CONCAT_WS came with release 3.44.
    listed = [call("COALESCE", exp.DPipe(this=text(","), expression=group(part)), text("")) for part in parts]
    return call("SUBSTR", _chain(*listed), exp.Literal.number(2))


def _find_kind(cell: Node) -> Node:
    return choose(call("TYPEOF", cell), [(text(word), text(name)) for word, name in _KINDS.items()], text("other"))


def _read_dynamic(cell: Node, kind: Kind) -> Node:
    if kind == "text":
        return _as_text(cell)
    if kind == "boolean":
        return exp.false()
    return cast(cell, "DOUBLE") if kind == "float" else cell


def _fence(select: Node) -> Node:
    # A sub-select is copied to all who read it, unless it has a limit; a negative one is none.
    assert isinstance(select, exp.Select)
    return select.limit(-1, copy=False)


SQLITE = Dialect(
    name="sqlite",
    title="SQLite",
    printer="sqlite",
    is_run=True,
    limits=Limits(columns=2000, replaces_views=False),
    is_columnar=False,
    write_number=_write_number,
    to_double=lambda column, _kind: cast(column, "DOUBLE"),
    nan_kinds=frozenset(),
    is_nan=lambda _number: exp.false(),
    is_finite=lambda number: exp.LT(this=call("ABS", number), expression=exp.Literal.number("9e999")),
    is_integral=lambda number: equals(call("FLOOR", number), number.copy()),
    is_true=lambda column: column,
    as_text=_as_text,
    write_text=text,
    fold=_fold,
    trim=_trim,
    is_blank=lambda column: equals(
        call("TRIM", _as_text(column), exp.DPipe(this=text(" "), expression=_char(9, 10, 11, 12, 13))), text("")
    ),
    has_control=_has_control,
    number_from_text=_number_from_text,
    exp=lambda number: call("EXP", number),
    join=_join,
    concatenate=lambda parts: _chain(*parts),
    find_kind=_find_kind,
    read_dynamic=_read_dynamic,
    fence=_fence,
)
