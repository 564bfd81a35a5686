"""Scoring on Spark: tables at paths that Spark reads, answers in folders that it writes, and no row in this process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from msgspec import Struct

from augury.batch.distribution import measure_scores
from augury.batch.identifiers import choose_ids
from augury.batch.ledger import Count
from augury.batch.spark_failures import translate
from augury.batch.spark_files import check_places, find_form, quote, read_folder, read_table, set_session, write_folder
from augury.batch.summary import Scores, Summary
from augury.errors import TableError, UsageError
from augury.frames.spark import read_layout, score_frame
from augury.model import Model
from augury.profile import QUANTILES
from augury.sql.layout import bind_columns
from augury.statement import Wanted

# Quantiles are found as well as one row in so many tells them: each executor keeps about as many numbers.
_ACCURACY = 10_000
_FAULTS = "array<struct<code: string, field: string>>"


class Asked(Struct, frozen=True, kw_only=True):
    """What is asked of Spark.

    Args:
        source: a path as Spark takes it: a file, a folder or a pattern, of any scheme that it knows.
        output: the folder of answers.
        rejects: the folder of refused rows.
        keeps_refused: whether refused rows are in the answers too.
        ids: columns to copy beside the declared identifiers.
        renames: by column the field that it is.
        delimiter: of CSV; what the path's suffix says where None.
        force: whether folders of earlier runs are replaced.
    """

    source: str
    output: str
    rejects: str
    keeps_refused: bool = False
    ids: tuple[str, ...] = ()
    renames: dict[str, str] = {}
    delimiter: str | None = None
    force: bool = False


def predict_on_spark(model: Model, asked: Asked) -> Summary:
    """Score a table where Spark has it, in one pass, and in a second one where rows are refused, to tell them.

    The session is the one at work, or one that Spark's own configuration makes.

    Raises:
        TableError: the table cannot be read, or the answers cannot be written.
        ContractError: a field has no column, or two.
        UsageError: an option cannot be honoured, or something is where the answers are to be.
    """
    began = time.monotonic()
    form, written = find_form(asked.source), find_form(asked.output)
    with translate(asked.source), _open_session() as session, set_session(session):
        frame = read_table(session, asked.source, form, asked.delimiter)
        # Of two columns of one name Spark makes two names, and finds that out when it reads a row.
        if frame.isEmpty():
            raise TableError("the table has no rows", where=asked.source, mend="give a table with at least one row")
        scored, ids = _score(model, frame, asked, is_text=form == "csv")
        check_places(session, frame, (asked.output, asked.rejects), force=asked.force)
        seen = _write_answers(model.target, scored, ids, asked)
        refused = scored.where("faults IS NOT NULL") if seen["refused"] else session.createDataFrame([], scored.schema)
        write_folder(refused.select(*map(quote, ids), "faults"), asked.rejects, written, force=asked.force)
        faults = _count(session, asked, seen["refused"]) if seen["refused"] else ()
    return Summary(
        model=f"{model.name}@{model.digest.removeprefix('sha256:')[:12]}",
        rows=seen["rows"],
        scored=seen["rows"] - seen["refused"],
        refused=seen["refused"],
        faults=faults,
        scores=_make_scores(model, seen),
        drift=None,
        output=asked.output,
        rejects=asked.rejects if seen["refused"] else None,
        seconds=time.monotonic() - began,
    )


@contextmanager
def _open_session() -> Iterator[Any]:
    """Give the session at work, or make one and stop it at last: a cluster would call the job failed otherwise."""
    from pyspark.sql import SparkSession

    found = SparkSession.getActiveSession()
    session = found or SparkSession.builder.getOrCreate()
    try:
        yield session
    finally:
        if found is None:
            session.stop()


def _score(model: Model, frame: Any, asked: Asked, *, is_text: bool) -> tuple[Any, tuple[str, ...]]:
    """Make the frame of all rows with their answers, and choose the columns that say whose they are."""
    body = model.document.model
    layout = read_layout(frame, asked.source, is_text=is_text)
    bound = bind_columns(body.contract, layout, renames=asked.renames, where=asked.source)
    ids = choose_ids(bound, frame.columns, asked.ids, asked.source)
    if not ids:
        what = "nothing says whose row is whose: on Spark rows have no number, and the table has no identifier"
        raise UsageError(what, where=asked.source, mend="name a column by --id")
    return score_frame(body, bound, frame, Wanted(ids)), ids


def _write_answers(target: str, scored: Any, ids: tuple[str, ...], asked: Asked) -> dict[str, Any]:
    """Write the answers, and find on the way what the summary says of all rows."""
    from pyspark.sql import Observation
    from pyspark.sql import functions as F  # noqa: N812 - as Spark's own documents import it

    probability, label = quote(f"{target}_probability"), quote(target)
    observation = Observation()
    shares = ", ".join(f"{share!r}D" for share in QUANTILES)
    seen = scored.observe(
        observation,
        F.expr("count(1) AS rows"),
        F.expr("count(faults) AS refused"),
        F.expr(f"count_if({label}) AS positives"),
        F.expr(f"percentile_approx({probability}, array({shares}), {_ACCURACY}) AS quantiles"),
    )
    chosen = seen if asked.keeps_refused else seen.where("faults IS NULL")
    columns = (*map(quote, ids), probability, label, *(("faults",) if asked.keeps_refused else ()))
    write_folder(chosen.select(*columns), asked.output, find_form(asked.output), force=asked.force)
    found: dict[str, Any] = observation.get
    return found


def _make_scores(model: Model, seen: dict[str, Any]) -> Scores | None:
    scored = seen["rows"] - seen["refused"]
    if not scored:
        return None
    quantiles = tuple(seen["quantiles"])
    profile = model.document.model.profile
    drift = measure_scores(profile, quantiles) if profile is not None else None
    return Scores(seen["positives"] / scored, quantiles, drift)


def _count(session: Any, asked: Asked, refused: int) -> tuple[Count, ...]:
    """Count the faults in the folder of refused rows, the most frequent first, and see that it has all rows."""
    told = read_folder(session, asked.rejects, find_form(asked.output))
    if told.count() != refused:
        raise TableError("the table changed while it was read", where=asked.source, mend="start anew with --force")
    counted = told.selectExpr(f"inline(from_json(faults, '{_FAULTS}'))").groupBy("field", "code").count().collect()
    counted.sort(key=lambda row: (-row["count"], row["field"], row["code"]))
    return tuple(Count(row["field"], row["code"], row["count"]) for row in counted)
