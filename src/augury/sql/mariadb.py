"""MariaDB: it has no infinity, and by itself compares texts without case and without the spaces at their end.

No literal that is written here has a backslash, for whether it escapes is a setting of the server's.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from augury.sql.build import call, cast, deny, equals, every, text, when, write_double
from augury.sql.dialect import Dialect, Limits, Node
from augury.sql.spelling import FOLDED, UNFOLDED

# What a number in text that is too large is read as, for there is no infinity: a double that nobody has. A cast would
# give the largest one, and stop a statement that writes.
_BEYOND = 1.797693134862314e308
# A single character behind the end: $ also stands before a line feed that is the last.
_END = "$(?!.)"
_NUMBER = "(?s)^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?" + _END
# What is so short and has at most two digits of exponent is a double by far.
_SHORT = 100
_SHORT_NUMBER = _NUMBER.replace("[eE][+-]?[0-9]+", "[eE][+-]?[0-9]{1,2}")
_ZERO = "(?s)^[+-]?[0.]*([eE]|" + _END + ")"
_LARGE_EXPONENT = "[eE][+]?0*[1-9][0-9]{6,}$"
_SMALL_EXPONENT = "[eE]-0*[1-9][0-9]{6,}$"
# The largest double over 10**308.
_LARGEST_MANTISSA = 1.7976931348623157
_LARGEST_POWER = 308


def _integer(number: int) -> Node:
    return exp.Literal.number(number)


def _as_text(column: Node) -> Node:
    converted = exp.Cast(this=column, to=exp.DataType.build("CHAR CHARACTER SET utf8mb4", dialect="mysql"))
    return exp.Collate(this=converted, expression=exp.Var(this="utf8mb4_nopad_bin"))


def _char(*codes: int) -> Node:
    codes_of = ", ".join(map(str, codes))
    return exp.maybe_parse(f"CHAR({codes_of} USING utf8mb4)", dialect="mysql")


def _matches(value: Node, pattern: Node) -> Node:
    return exp.GT(this=call("REGEXP_INSTR", value, pattern), expression=_integer(0))


def _trim(value: Node) -> Node:
    space = _space(9)
    around = call("CONCAT", text("^"), space, text("+|"), space.copy(), text("+$"))
    return call("REGEXP_REPLACE", value, around, text(""))


def _space(*codes: int) -> Node:
    return call("CONCAT", text("[ "), _char(*codes), text("]"))


def _has_control(column: Node) -> Node:
    return _matches(_as_text(column), call("CONCAT", text("["), _char(0), text("-"), _char(31), text("]")))


def _is_blank(column: Node) -> Node:
    pattern = call("CONCAT", text("^"), _space(9, 10, 11, 12, 13), text("*$"))
    return _matches(_as_text(column), pattern)


def _number_from_text(column: Node) -> Node:
    value = _trim(_as_text(column))
    is_short = exp.LTE(this=call("CHAR_LENGTH", value.copy()), expression=_integer(_SHORT))
    return when(
        [
            (every([is_short, _matches(value.copy(), text(_SHORT_NUMBER))]), cast(value.copy(), "DOUBLE")),
            (deny(_matches(value.copy(), text(_NUMBER))), exp.Null()),
            (_matches(value.copy(), text(_ZERO)), write_double(0.0)),
            (_matches(value.copy(), text(_SMALL_EXPONENT)), write_double(0.0)),
            (_matches(value.copy(), text(_LARGE_EXPONENT)), write_double(_BEYOND)),
            (_is_beyond(value), write_double(_BEYOND)),
        ],
        cast(value.copy(), "DOUBLE"),
    )


def _is_beyond(value: Node) -> Node:
    """Tell whether a number of many digits is beyond a double: by the power of ten of its first digit, then by them."""
    exponent = call("REGEXP_SUBSTR", value.copy(), text("[eE].*"))
    shift = exp.Cast(this=call("SUBSTR", exponent, _integer(2)), to=exp.DataType.build("BIGINT", dialect="mysql"))
    whole = call("REGEXP_SUBSTR", value.copy(), text("^[+-]?[0-9]*"))
    behind = call("REGEXP_SUBSTR", value.copy(), text("[.][0-9]*"))
    digits = _replace(_replace(value, "[eE].*|[+-]|[.]"), "^0+")
    # A digit that stands first in the whole part is worth ten to the number of digits behind it.
    leading = _replace(call("CONCAT", _replace(whole, "[+-]"), call("SUBSTR", behind, _integer(2))), "^0+")
    places = call("CHAR_LENGTH", behind.copy())
    fraction = call("GREATEST", exp.Sub(this=places, expression=_integer(1)), _integer(0))
    power = exp.Sub(this=exp.Sub(this=call("CHAR_LENGTH", leading), expression=_integer(1)), expression=fraction)
    total = exp.Paren(this=exp.Add(this=exp.Paren(this=power), expression=shift))
    first = call("CONCAT", call("LEFT", digits, _integer(1)), text("."), call("SUBSTR", digits.copy(), _integer(2)))
    mantissa = cast(first, "DOUBLE")
    at_limit = every(
        [
            equals(total, _integer(_LARGEST_POWER)),
            exp.GT(this=mantissa, expression=write_double(_LARGEST_MANTISSA)),
        ]
    )
    return exp.Or(
        this=exp.GT(this=total.copy(), expression=_integer(_LARGEST_POWER)), expression=exp.Paren(this=at_limit)
    )


def _replace(value: Node, pattern: str) -> Node:
    return call("REGEXP_REPLACE", value.copy(), text(pattern), text(""))


def _fold(value: Node) -> Node:
    # LOWER would fold the letters of every alphabet.
    for before, after in zip(UNFOLDED, FOLDED, strict=True):
        value = call("REPLACE", value, text(before), text(after))
    return value


def _write_text(value: str) -> Node:
    if "\\" not in value:
        return text(value)
    return exp.maybe_parse(f"CONVERT(x'{value.encode().hex()}' USING utf8mb4)", dialect="mysql")


def _join(parts: Sequence[Node]) -> Node:
    return call("CONCAT_WS", text(","), *parts)


def _fence(select: Node) -> Node:
    # A sub-select is copied to all who read it, unless it has a HAVING; a condition on a view still finds an index.
    assert isinstance(select, exp.Select)
    return select.having(exp.true(), copy=False)


MARIADB = Dialect(
    name="mariadb",
    title="MariaDB",
    printer="mysql",
    is_run=True,
    limits=Limits(columns=4096, stops_on_overflow=True),
    is_columnar=False,
    write_number=write_double,
    to_double=lambda column, _kind: cast(column, "DOUBLE"),
    nan_kinds=frozenset(),
    is_nan=lambda _number: exp.false(),
    is_finite=lambda number: exp.NEQ(this=call("ABS", number), expression=write_double(_BEYOND)),
    is_integral=lambda number: equals(call("FLOOR", number), number.copy()),
    is_true=lambda column: column,
    as_text=_as_text,
    write_text=_write_text,
    fold=_fold,
    trim=_trim,
    is_blank=_is_blank,
    has_control=_has_control,
    number_from_text=_number_from_text,
    exp=lambda number: call("EXP", number),
    join=_join,
    concatenate=lambda parts: call("CONCAT", *parts),
    fence=_fence,
)
