"""Scoring inside PostgreSQL: the model is sent to the rows, and nothing but counts comes back."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import msgspec
from msgspec import Struct

from augury.artifact.document import Document, ModelBody
from augury.batch.distribution import measure_scores
from augury.batch.ledger import Count
from augury.batch.postgresql import connect, quote_table, read_layout, show_address
from augury.batch.summary import Scores, Summary
from augury.errors import UsageError
from augury.model import Model
from augury.profile import QUANTILES
from augury.script import Script, write_script
from augury.sql.layout import bind_columns
from augury.sql.names import quote_name
from augury.sql.told import read_told
from augury.statement import Wanted, write_statement

_DIALECT = "postgres"
_MEND = "check the address, the table's name and your rights; nothing was changed"
_MEND_VIEW = "check the names and your rights; a view that has other columns must be dropped first; nothing was changed"


class Asked(Struct, frozen=True, kw_only=True):
    """What is asked of the database.

    Args:
        address: of the database.
        table: that is scored; a schema may stand before it.
        into: the table that is made.
        ids: columns to copy beside the declared identifiers.
        renames: by column the field that it is.
        force: whether a table of that name is replaced.
    """

    address: str
    table: str
    into: str
    ids: tuple[str, ...] = ()
    renames: dict[str, str] = {}
    force: bool = False


def predict_inside(model: Model, asked: Asked) -> Summary:
    """Score a table of a database into another one, in one transaction: it is there whole, or not at all.

    It has every row of the table: a refused one with faults in place of an answer.

    Raises:
        TableError: the server cannot be reached, or refuses.
        ContractError: a field has no column, or two.
        UsageError: the name is taken, or an option cannot be honoured.
    """
    began = time.monotonic()
    with connect(asked.address, mend=_MEND) as connection, connection.cursor() as cursor:
        _make_room(cursor, asked)
        statement = _write(model.document.model, cursor, asked)
        cursor.execute(f"CREATE TABLE {quote_table(asked.into)} AS {statement}")
        summary = _summarise(cursor, model, asked.into, began)
        connection.commit()
    return summary


def write_for(document: Document, address: str, script: Script) -> str:
    """Write a script for a table as its database declares it.

    Raises:
        TableError: the server cannot be reached, or refuses.
        ContractError: a field has no column, or two.
    """
    with connect(address, mend=_MEND) as connection, connection.cursor() as cursor:
        return _write_script(document, address, script, cursor)


def create_view(document: Document, address: str, script: Script) -> str:
    """Create a view that scores a table of a database; gives the script that did it.

    Raises:
        TableError: the server cannot be reached, or refuses.
        ContractError: a field has no column, or two.
    """
    with connect(address, mend=_MEND_VIEW) as connection, connection.cursor() as cursor:
        text = _write_script(document, address, script, cursor)
        cursor.execute(text)
        connection.commit()
    return text


def _write_script(document: Document, address: str, script: Script, cursor: Any) -> str:
    layout = read_layout(cursor, script.table, show_address(address))
    return write_script(document, msgspec.structs.replace(script, layout=layout))


def _make_room(cursor: Any, asked: Asked) -> None:
    """See that the name is free, or drop what has it: in this transaction, so that it may return."""
    cursor.execute("SELECT to_regclass($1) IS NOT NULL", (quote_table(asked.into),))
    if not cursor.fetchone()[0]:
        return
    if not asked.force:
        what = f"there is a table {asked.into!r} already"
        raise UsageError(what, where=show_address(asked.address), mend="name another, or say --force")
    cursor.execute(f"DROP TABLE {quote_table(asked.into)}")


def _write(body: ModelBody, cursor: Any, asked: Asked) -> str:
    where = show_address(asked.address)
    layout = read_layout(cursor, asked.table, where)
    bound = bind_columns(body.contract, layout, renames=asked.renames, where=where)
    ids = dict.fromkeys((*(column.name for column in bound.identifiers.values()), *asked.ids))
    return write_statement(
        body, bound, dialect=_DIALECT, source=quote_table(asked.table), wanted=Wanted(tuple(ids), notes=True)
    )


def _summarise(cursor: Any, model: Model, into: str, began: float) -> Summary:
    target = model.target
    probability, label = quote_name(f"{target}_probability"), quote_name(target)
    table = quote_table(into)
    cursor.execute(
        f"SELECT count(*), count({probability}), avg({label}::int)::double precision FROM {table}"  # noqa: S608 - quoted
    )
    rows, scored, positives = cursor.fetchone()
    scores = None
    if scored:
        shares = ", ".join(map(repr, QUANTILES))
        within = f"percentile_cont(ARRAY[{shares}]) WITHIN GROUP (ORDER BY {probability})"
        cursor.execute(f"SELECT {within} FROM {table}")  # noqa: S608 - names are quoted
        quantiles = tuple(cursor.fetchone()[0])
        profile = model.document.model.profile
        scores = Scores(positives, quantiles, measure_scores(profile, quantiles) if profile is not None else None)
    cursor.execute(f"SELECT faults, count(*) FROM {table} WHERE faults IS NOT NULL GROUP BY faults")  # noqa: S608
    return Summary(
        model=f"{model.name}@{model.digest.removeprefix('sha256:')[:12]}",
        rows=rows,
        scored=scored,
        refused=rows - scored,
        faults=_count(cursor.fetchall()),
        scores=scores,
        drift=None,
        output=into,
        rejects=None,
        seconds=time.monotonic() - began,
    )


def _count(listed: list[tuple[str, int]]) -> tuple[Count, ...]:
    """Count faults by field and code, the most frequent first, from the lists that rows have in common."""
    counts: Counter[tuple[str, str]] = Counter()
    for faults, rows in listed:
        for told in read_told(faults):
            counts[told.field, told.code] += rows
    return tuple(Count(field, code, rows) for (field, code), rows in counts.most_common())
