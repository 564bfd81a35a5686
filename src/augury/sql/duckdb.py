"""DuckDB: the engine that scores files, and frames in memory."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from augury.sql.build import call, cast, choose, text, when, write_double
from augury.sql.dialect import Dialect, Limits, Node
from augury.sql.layout import Kind
from augury.sql.spelling import BLANK, CONTROL, FOLDED, NUMBER, UNFOLDED

# JSON's own words for the type of a value, and what each is to a field.
_JSON_KINDS = {
    "text": ("VARCHAR",),
    "integer": ("BIGINT", "UBIGINT", "HUGEINT", "UHUGEINT"),
    "float": ("DOUBLE",),
    "boolean": ("BOOLEAN",),
    "null": ("NULL",),
    "nested": ("ARRAY", "OBJECT"),
}


# Of a model with more fields DuckDB is asked without the optimizers whose time grows with the square of the columns:
# they took 45 seconds for 600 numbers, and 1.2 without.
_WIDE = 100
_SLOW_OPTIMIZERS = "common_subexpressions,expression_rewriter,statistics_propagation,unused_columns"


def set_optimizers(fields: int) -> str:
    """Write the setting of a connection that suits the statement of a model with so many fields."""
    return f"SET disabled_optimizers = '{_SLOW_OPTIMIZERS if fields > _WIDE else ''}'"


def _to_double(column: Node, kind: Kind) -> Node:
    # DECIMAL is divided as an integer, which rounds twice; its text is read with one rounding.
    return cast(cast(column, "TEXT"), "DOUBLE") if kind == "decimal" else cast(column, "DOUBLE")


def _has_control(column: Node) -> Node:
    # Bytes that print are printed as they are: of the same length, none is a control character, at a third of the cost
    # of a regular expression. Every identifier of every row is asked this.
    printed = call("strlen", cast(call("encode", column), "TEXT"))
    plain = exp.EQ(this=printed, expression=call("strlen", column.copy()))
    return when([(plain, exp.false())], call("regexp_matches", column.copy(), text(CONTROL)))


def _number_from_text(column: Node) -> Node:
    matches = call("regexp_full_match", column, text(NUMBER))
    return when([(matches, cast(_trim(column.copy()), "DOUBLE"))])


def _trim(column: Node) -> Node:
    return call("trim", column, exp.DPipe(this=text(" "), expression=call("chr", exp.Literal.number(9))))


def _find_kind(cell: Node) -> Node:
    kinds = [(text(word), text(name)) for name, words in _JSON_KINDS.items() for word in words]
    return choose(call("json_type", cell), kinds, text("other"))


def _read_dynamic(cell: Node, kind: Kind) -> Node:
    plain = call("json_extract_string", cell, text("$"))
    if kind == "boolean":
        return exp.EQ(this=plain, expression=text("true"))
    types = {"text": "TEXT", "float": "DOUBLE", "integer": "HUGEINT"}
    # One asks for the kind first, but an engine of columns may read before it is told.
    return exp.TryCast(this=plain, to=exp.DataType.build(types[kind], dialect="duckdb"))


def _join(parts: Sequence[Node]) -> Node:
    return call("concat_ws", text(","), *parts)


def _map(key: Node, pairs: Sequence[tuple[Node, Node]]) -> Node:
    entries = exp.Struct(expressions=[exp.PropertyEQ(this=each, expression=value) for each, value in pairs])
    known = exp.ToMap(this=entries)
    known.type = exp.DataType.Type.MAP  # else the printer looks for it in every entry, which takes longer than printing
    return exp.Bracket(this=known, expressions=[key])


def _pack(members: Sequence[tuple[str, Node]]) -> Node:
    pairs = [exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=value) for name, value in members]
    return exp.Struct(expressions=pairs)


DUCKDB = Dialect(
    name="duckdb",
    title="DuckDB",
    printer="duckdb",
    is_run=True,
    limits=Limits(),
    is_columnar=True,
    write_number=write_double,
    to_double=_to_double,
    nan_kinds=frozenset({"float"}),
    is_nan=lambda number: call("isnan", number),
    is_finite=lambda number: call("isfinite", number),
    is_integral=lambda number: exp.EQ(this=call("floor", number), expression=number.copy()),
    is_true=lambda column: column,
    as_text=lambda column: column,
    write_text=text,
    fold=lambda column: call("translate", column, text(UNFOLDED), text(FOLDED)),
    trim=_trim,
    is_blank=lambda column: call("regexp_full_match", column, text(BLANK)),
    has_control=_has_control,
    number_from_text=_number_from_text,
    exp=lambda number: call("exp", number),
    join=_join,
    concatenate=lambda parts: call("concat", *parts),
    find_kind=_find_kind,
    read_dynamic=_read_dynamic,
    map=_map,
    pack=_pack,
)
