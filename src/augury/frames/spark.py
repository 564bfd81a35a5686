"""Frames of Spark: the statement over one is one more frame, of which no row is read before it is asked for.

Nothing of Spark is imported: a frame brings its session with it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import uuid4

from augury.artifact.document import ModelBody
from augury.errors import ContractError
from augury.frames.asked import Asked, check_asked
from augury.sql.layout import Bound, Kind, Layout, SourceColumn, bind_unique
from augury.sql.told import read_told
from augury.statement import Wanted, write_statement
from augury.tables.table import check_header

_WHERE = "the Spark frame passed"
# Spark's own words for its types; every other is a scalar that no feature takes.
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("string", "varchar", "char"), "text"),
    **dict.fromkeys(("float", "double"), "float"),
    **dict.fromkeys(("byte", "short", "integer", "long"), "integer"),
    **dict.fromkeys(("array", "map", "struct", "variant"), "nested"),
    "decimal": "decimal",
    "boolean": "boolean",
}
# So many kinds of faults tell what is wrong with a table.
_SHOWN = 3


def predict_spark(body: ModelBody, frame: Any, asked: Asked) -> Any:
    """Score a frame by SQL that Spark runs where the rows are.

    Where a refused row is to be an error, the frame is computed once to see.

    Raises:
        TableError: its columns can name no fields.
        ContractError: two columns are one field, or a row is refused and that is to be an error.
        UsageError: two columns of the result would have one name.
    """
    check_asked(asked)
    bound = bind_unique(body.contract, read_layout(frame, _WHERE), _WHERE)
    keep = tuple(column.name for column in bound.identifiers.values())
    wanted = Wanted(keep, notes=asked.notes, reasons=asked.reasons)
    scored = score_frame(body, bound, frame, wanted).drop("margin")
    if asked.refused == "raise":
        _check_refused(scored)
    return scored


def read_layout(frame: Any, where: str, *, is_text: bool = False) -> Layout:
    """Read the columns of a frame as Spark declares them.

    Raises:
        TableError: they can name no fields.
    """
    check_header(frame.columns, where)
    columns = (SourceColumn(field.name, _KINDS.get(field.dataType.typeName(), "other")) for field in frame.schema)
    return Layout(tuple(columns), is_text=is_text)


def score_frame(body: ModelBody, bound: Bound, frame: Any, wanted: Wanted) -> Any:
    """Make the frame that the statement over a frame is; nothing is computed yet.

    Raises:
        UsageError: two columns of the result would have one name.
    """
    view = f"augury_{uuid4().hex}"
    statement = write_statement(body, bound, dialect="spark", source=view, wanted=wanted)
    frame.createOrReplaceTempView(view)
    try:
        scored = frame.sparkSession.sql(statement)
        scored.schema  # noqa: B018 - looks the view up, which is gone soon
    finally:
        frame.sparkSession.catalog.dropTempView(view)
    return scored


def _check_refused(scored: Any) -> None:
    refused = scored.filter("faults IS NOT NULL").groupBy("faults").count().collect()
    if not refused:
        return
    kinds: Counter[str] = Counter()
    for faults, rows in refused:
        kinds.update({f"{told.field}: {told.code}": rows for told in read_told(faults)})
    told = ", ".join(f"{kind} in {rows:,}" for kind, rows in kinds.most_common(_SHOWN))
    rest = f", and {len(kinds) - _SHOWN} more kinds of faults" if len(kinds) > _SHOWN else ""
    what = f"{sum(rows for _, rows in refused):,} rows are refused: {told}{rest}"
    raise ContractError(what, where=_WHERE, mend="mend them, or leave them out")
