"""Engines that no test of ours runs: SQL by their manuals, which was read and not tried.

Where a manual leaves a question open, the careful answer is taken: every number is cast, no text is compared under a
collation, and nothing is asked of a number that could be beyond a double.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace
from sqlglot import exp

from augury.errors import UsageError
from augury.sql.build import call, cast, deny, equals, some, text, when, write_double
from augury.sql.dialect import Dialect, Limits, Node
from augury.sql.layout import Kind
from augury.sql.postgres import POSTGRES
from augury.sql.spark import SPARK
from augury.sql.spelling import BLANK, CONTROL, FOLDED, NUMBER, UNFOLDED

# What is put behind a text and its literals where an engine pads the shorter of two with spaces to compare them.
_END = "."


def _write_cast(number: float) -> Node:
    """Write a literal as a text that is cast, where one with an exponent may be a decimal."""
    return cast(text(repr(number)), "DOUBLE")


def _to_double(column: Node, kind: Kind) -> Node:
    return cast(cast(column, "TEXT"), "DOUBLE") if kind == "decimal" else cast(column, "DOUBLE")


def _try_double(value: Node) -> Node:
    return exp.TryCast(this=value, to=exp.DataType.build("DOUBLE"))


def _translate(column: Node) -> Node:
    return call("TRANSLATE", column, text(UNFOLDED), text(FOLDED))


def _is_integral(number: Node) -> Node:
    return equals(call("FLOOR", number), number.copy())


def _is_true(column: Node) -> Node:
    return column


def _exp(number: Node) -> Node:
    return call("EXP", number)


def _concatenate(parts: Sequence[Node]) -> Node:
    return call("CONCAT", *parts)


def _concat_ws(parts: Sequence[Node]) -> Node:
    return call("CONCAT_WS", text(","), *parts)


def _join_array(array: str) -> Callable[[Sequence[Node]], Node]:
    """Join the elements of an array, of which those that are null are left out."""

    def join(parts: Sequence[Node]) -> Node:
        listed = call(array, *parts) if array else exp.Array(expressions=list(parts))
        return call("ARRAY_TO_STRING", listed, text(","))

    return join


def _join_chain(parts: Sequence[Node]) -> Node:
    listed = [call("COALESCE", exp.DPipe(this=text(","), expression=part), text("")) for part in parts]
    return call("SUBSTRING", _chain(listed), exp.Literal.number(2))


def _chain(parts: Sequence[Node]) -> Node:
    middle = len(parts) // 2
    return exp.DPipe(this=_chain(parts[:middle]), expression=_chain(parts[middle:])) if middle else parts[0]


def _from_text(
    matches: Callable[[Node, str], Node], trim: Callable[[Node], Node], infinity: Callable[[], Node]
) -> Callable[[Node], Node]:
    """Make the rule decimal-1; a cast that gives nothing for what is a number says that it is too large."""

    def read(column: Node) -> Node:
        number = exp.Coalesce(this=_try_double(trim(column.copy())), expressions=[infinity()])
        return when([(matches(column, NUMBER), number)])

    return read


def _trim_characters(column: Node) -> Node:
    return call("TRIM", column, call("CONCAT", text(" "), call("CHR", exp.Literal.number(9))))


# --- BigQuery


def _bigquery_matches(value: Node, pattern: str) -> Node:
    return call("REGEXP_CONTAINS", value, text(f"^{pattern}$"))


BIGQUERY = Dialect(
    name="bigquery",
    title="BigQuery",
    printer="bigquery",
    is_run=False,
    limits=Limits(columns=10_000, stops_on_overflow=True),
    is_columnar=False,
    write_number=write_double,
    to_double=_to_double,
    nan_kinds=frozenset({"float"}),
    is_nan=lambda number: call("IS_NAN", number),
    is_finite=lambda number: deny(some([call("IS_NAN", number), call("IS_INF", number.copy())])),
    is_integral=_is_integral,
    is_true=_is_true,
    as_text=lambda column: column,
    write_text=text,
    fold=_translate,
    trim=_trim_characters,
    is_blank=lambda column: _bigquery_matches(column, BLANK),
    has_control=lambda column: call("REGEXP_CONTAINS", column, text(CONTROL)),
    number_from_text=_from_text(_bigquery_matches, _trim_characters, lambda: cast(text("inf"), "DOUBLE")),
    exp=_exp,
    join=_join_array(""),
    concatenate=_concatenate,
)

# --- Snowflake


def _snowflake_matches(value: Node, pattern: str) -> Node:
    # It matches the whole text.
    return call("REGEXP_LIKE", value, text(pattern))


def _snowflake_has_control(column: Node) -> Node:
    first, last = (call("CHR", exp.Literal.number(code)) for code in (1, 31))
    pattern = call("CONCAT", text("["), first, text("-"), last, text("]"))
    return exp.GT(this=call("REGEXP_INSTR", column, pattern), expression=exp.Literal.number(0))


SNOWFLAKE = Dialect(
    name="snowflake",
    title="Snowflake",
    printer="snowflake",
    is_run=False,
    limits=Limits(stops_on_overflow=True, others=("a column whose collation is not its default",)),
    is_columnar=False,
    write_number=_write_cast,
    to_double=_to_double,
    nan_kinds=frozenset({"float"}),
    is_nan=lambda number: equals(number, cast(text("NaN"), "DOUBLE")),
    is_finite=lambda number: exp.LT(this=call("ABS", number), expression=cast(text("inf"), "DOUBLE")),
    is_integral=_is_integral,
    is_true=_is_true,
    as_text=lambda column: column,
    write_text=text,
    fold=_translate,
    trim=_trim_characters,
    is_blank=lambda column: _snowflake_matches(column, BLANK),
    has_control=_snowflake_has_control,
    number_from_text=_from_text(_snowflake_matches, _trim_characters, lambda: cast(text("inf"), "DOUBLE")),
    exp=_exp,
    join=_join_array("ARRAY_CONSTRUCT_COMPACT"),
    concatenate=_concatenate,
)

# --- Trino


def _trino_matches(value: Node, pattern: str) -> Node:
    return call("REGEXP_LIKE", value, text(f"^{pattern}$(?!.)"))


def _trino_trim(value: Node) -> Node:
    return call("REGEXP_REPLACE", value, text(r"^[ \t]+|[ \t]+$"))


TRINO = Dialect(
    name="trino",
    title="Trino",
    printer="trino",
    is_run=False,
    limits=Limits(),
    is_columnar=False,
    write_number=write_double,
    to_double=_to_double,
    nan_kinds=frozenset({"float"}),
    is_nan=lambda number: call("IS_NAN", number),
    is_finite=lambda number: call("IS_FINITE", number),
    is_integral=_is_integral,
    is_true=_is_true,
    as_text=lambda column: cast(column, "TEXT"),
    write_text=text,
    fold=_translate,
    trim=_trino_trim,
    is_blank=lambda column: _trino_matches(cast(column, "TEXT"), BLANK),
    has_control=lambda column: call("REGEXP_LIKE", cast(column, "TEXT"), text(CONTROL)),
    number_from_text=_from_text(_trino_matches, _trino_trim, lambda: call("INFINITY")),
    exp=_exp,
    join=_concat_ws,
    concatenate=_concatenate,
)

# --- Databricks, which is Spark

DATABRICKS = replace(SPARK, name="databricks", title="Databricks", printer="databricks", is_run=False)

# --- Redshift, which came from PostgreSQL and went its own way


def _redshift_text(column: Node) -> Node:
    return exp.DPipe(this=cast(column, "TEXT"), expression=text(_END))


def _redshift_matches(value: Node, pattern: str) -> Node:
    return exp.RegexpLike(this=cast(value, "TEXT"), expression=text(f"^{pattern}$"))


def _redshift_trim(value: Node) -> Node:
    return call("BTRIM", value, exp.DPipe(this=text(" "), expression=call("CHR", exp.Literal.number(9))))


def _redshift_has_control(column: Node) -> Node:
    first, last = (call("CHR", exp.Literal.number(code)) for code in (1, 31))
    pattern = _chain([text("["), first, text("-"), last, text("]")])
    return exp.GT(this=call("REGEXP_INSTR", cast(column, "TEXT"), pattern), expression=exp.Literal.number(0))


REDSHIFT = replace(
    POSTGRES,
    name="redshift",
    title="Amazon Redshift",
    printer="redshift",
    is_run=False,
    limits=Limits(columns=1600, stops_on_overflow=True, stops_on_underflow=True),
    to_double=_to_double,
    nan_kinds=frozenset({"float"}),
    as_text=_redshift_text,
    write_text=lambda value: text(value + _END),
    trim=_redshift_trim,
    is_blank=lambda column: _redshift_matches(column, BLANK),
    has_control=_redshift_has_control,
    number_from_text=_from_text(_redshift_matches, _redshift_trim, lambda: cast(text("Infinity"), "DOUBLE")),
    join=_join_chain,
    concatenate=_chain,
    fence=lambda select: select,
)

# --- SQL Server: no regular expressions before its release of 2025, no infinity, and spaces at the end do not count

_SQLSERVER_LACKS = ("a number in a column of texts", "levels beyond ASCII in a database without UTF-8")
_SQLSERVER_TEXT = "SQL Server reads no number from a text as the contract says: cast that column to float in the table"


def _sqlserver_text(column: Node) -> Node:
    # CONCAT would make a text of a null.
    ended = exp.Paren(this=exp.Add(this=column, expression=text(_END)))
    return exp.Collate(this=ended, expression=exp.Var(this="Latin1_General_100_BIN2_UTF8"))


def _sqlserver_refuse(_column: Node) -> Node:
    raise UsageError(_SQLSERVER_TEXT)


def _like(column: Node, *parts: Node) -> Node:
    return exp.Like(this=_sqlserver_text(column), expression=call("CONCAT", *parts))


def _char(code: int) -> Node:
    return call("CHAR", exp.Literal.number(code))


def _sqlserver_is_blank(column: Node) -> Node:
    space = call("CONCAT", text(" "), *map(_char, range(9, 14)))
    return equals(call("LEN", exp.Trim(this=column, expression=space)), exp.Literal.number(0))


def _sqlserver_value(condition: Node) -> Node:
    """Write a condition as a column, which it cannot be here."""
    return cast(when([(condition, exp.Literal.number(1)), (deny(condition.copy()), exp.Literal.number(0))]), "BIT")


SQLSERVER = Dialect(
    name="sqlserver",
    title="SQL Server",
    printer="tsql",
    is_run=False,
    limits=Limits(
        columns=4096,
        stops_on_overflow=True,
        others=_SQLSERVER_LACKS,
    ),
    is_columnar=False,
    write_number=write_double,
    to_double=lambda column, _kind: cast(column, "DOUBLE"),
    nan_kinds=frozenset(),
    is_nan=lambda _number: exp.false(),
    # It knows neither infinity nor NaN.
    is_finite=lambda number: deny(exp.Is(this=number, expression=exp.Null())),
    is_integral=_is_integral,
    is_true=lambda column: equals(column, exp.Literal.number(1)),
    as_text=_sqlserver_text,
    write_text=lambda value: text(value + _END),
    fold=_translate,
    trim=lambda column: exp.Trim(this=column, expression=call("CONCAT", text(" "), _char(9))),
    is_blank=_sqlserver_is_blank,
    has_control=lambda column: _like(column, text("%["), _char(1), text("-"), _char(31), text("]%")),
    number_from_text=_sqlserver_refuse,
    exp=_exp,
    join=_concat_ws,
    concatenate=_concatenate,
    as_column=_sqlserver_value,
)
