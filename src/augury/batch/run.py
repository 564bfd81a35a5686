"""A table scored, part by part, into one file or a folder of parts; a stopped run is gone on with."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from augury.artifact.document import ModelBody
from augury.batch.delivery import deliver, find_rejects
from augury.batch.distribution import find_drift, find_scores
from augury.batch.engine import open_engine
from augury.batch.failures import translate
from augury.batch.identifiers import choose_ids
from augury.batch.into_table import check_room
from augury.batch.ledger import REPLACES, Ledger
from augury.batch.options import Options, Progress, tell_nobody
from augury.batch.output import find_format
from augury.batch.parts import PartScorer, list_files, sum_counts
from augury.batch.plan import Plan
from augury.batch.postgresql import show_source
from augury.batch.source import Reading, Source
from augury.batch.sources import open_source
from augury.batch.summary import Summary
from augury.errors import TableError, UsageError
from augury.model import Model
from augury.sql.duckdb import set_optimizers
from augury.sql.layout import bind_columns
from augury.sql.names import find_free

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# So often it is told how far the engine is with a part, in seconds.
_TICK = 0.5


def predict_table(model: Model, options: Options, progress: Progress = tell_nobody) -> Summary:
    """Score a table of any size, and write the answers.

    Raises:
        TableError: the table cannot be read, or the answers cannot be written.
        ContractError: a field has no column, or two.
        UsageError: an option cannot be honoured, or a stopped run is in the way.
        KeyboardInterrupt: the run was stopped; what is finished is kept.
    """
    began = time.monotonic()
    ledger = Ledger(_find_workplace(options))
    with (
        translate(show_source(options.source), options.memory, str(options.output)),
        open_engine(options.memory, options.threads, ledger.spill) as connection,
    ):
        source = open_source(connection, options)
        plan = _make_plan(model.document.model, source, options)
        connection.execute(set_optimizers(len(plan.body.contract.features)))
        known = source.find_fingerprint()
        check_room(options, ledger)
        ledger.begin(_write_manifest(model, options, plan, known), resume=options.resume, force=options.force)
        try:
            if options.force and options.into is not None:
                ledger.note(REPLACES)
            _score_parts(connection, plan, ledger, source, options, progress)
            if not source.is_snapshot and source.find_fingerprint() != known:
                what = "the table changed while it was read"
                raise TableError(what, where=source.where, mend="start anew with --force")
            rows = sum(receipt.rows for receipt in ledger.receipts.values())
            progress("writing", rows, rows)
            summary = _summarise(connection, plan, model, options, ledger, began)
            deliver(connection, plan, ledger, options, summary)
            ledger.remove()
        finally:
            ledger.remove_spill()
            if not ledger.receipts:
                ledger.remove()  # there is nothing to go on with
            ledger.release()
    return summary


def _find_workplace(options: Options) -> Path:
    return options.output.with_name(f"{options.output.name}.augury-parts")


def _make_plan(body: ModelBody, source: Source, options: Options) -> Plan:
    bound = bind_columns(body.contract, source.layout, renames=options.renames, where=source.where)
    names = [column.name for column in source.layout.columns]
    ids = choose_ids(bound, names, options.ids, source.where)
    rejects = find_rejects(options)
    plan = Plan(
        body=body,
        bound=bound,
        lacking=source.lacking,
        ids=ids,
        row=find_free("row", {name.lower() for name in names}),
        form="parquet" if options.is_folder or options.into is not None else find_format(options.output),
        reject_form=find_format(rejects),
        keeps_refused=options.keep == "all",
        samples=options.drift and body.profile is not None,
        header=False,
    )
    _check_outputs(plan, source.where)
    return plan


def _check_outputs(plan: Plan, where: str) -> None:
    lowered = [name.lower() for name in plan.outputs]
    for name in plan.ids:
        if lowered.count(name.lower()) > 1:
            what = f"two columns of the answers would be called {name!r}"
            raise UsageError(what, where=where, mend="rename that column in the table, or do not name it by --id")


def _write_manifest(model: Model, options: Options, plan: Plan, known: object) -> dict[str, object]:
    said: dict[str, object] = {
        "columns": plan.outputs,
        "format": plan.form,
        "rejects": plan.reject_form,
        "renames": dict(options.renames),
        "part_rows": options.part_rows,
        "drift": options.drift,
    }
    if options.into is not None:
        said["into"] = options.into.where
    return {"model": model.digest, "table": known, "set of options": said}


def _score_parts(
    connection: DuckDBPyConnection,
    plan: Plan,
    ledger: Ledger,
    source: Source,
    options: Options,
    progress: Progress,
) -> None:
    done = {number: receipt.rows for number, receipt in ledger.receipts.items()}
    rows = sum(done.values())
    progress("scoring", rows, source.total)
    reading = Reading(plan.columns, plan.row, options.part_rows, done)
    scorer = PartScorer(connection, plan, ledger)
    for part in source.iter_parts(reading):
        with _watch(connection, rows, part.rows, source.total, progress):
            scorer.score(part)
        rows += part.rows
        progress("scoring", rows, source.total)
    if not rows:
        raise TableError("the table has no rows", where=source.where, mend="give a table with at least one row")


@contextmanager
def _watch(
    connection: DuckDBPyConnection, before: int, rows: int, total: int | None, progress: Progress
) -> Iterator[None]:
    """Tell how far the engine is with a part, from a thread beside it."""
    is_over = threading.Event()

    def tell() -> None:
        while not is_over.wait(_TICK):
            share = connection.query_progress()
            if 0 < share <= 100:
                progress("scoring", before + int(rows * share / 100), total)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        is_over.set()
        teller.join()


def _summarise(
    connection: DuckDBPyConnection, plan: Plan, model: Model, options: Options, ledger: Ledger, began: float
) -> Summary:
    receipts = ledger.receipts.values()
    seconds = time.monotonic() - began
    rows, scored = sum(receipt.rows for receipt in receipts), sum(receipt.scored for receipt in receipts)
    return Summary(
        model=f"{model.name}@{model.digest.removeprefix('sha256:')[:12]}",
        rows=rows,
        scored=scored,
        refused=rows - scored,
        faults=sum_counts(receipt.faults for receipt in receipts),
        scores=find_scores(connection, plan, list_files(ledger, "part-"), scored),
        drift=find_drift(connection, plan, list_files(ledger, "sample-")),
        output=str(options.output) if options.into is None else options.into.where,
        rejects=str(find_rejects(options)) if list_files(ledger, "rejects-") else None,
        seconds=seconds,
    )
