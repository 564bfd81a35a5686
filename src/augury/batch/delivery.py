"""What is finished, put into its place: the reject file, and then the answers as a file, a folder or a table."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from augury.artifact.write import replace_file
from augury.batch.into_table import fill_table
from augury.batch.ledger import Ledger, settle
from augury.batch.options import Options
from augury.batch.output import merge
from augury.batch.parts import list_files
from augury.batch.plan import Plan
from augury.batch.reject_file import name_columns
from augury.batch.summary import Summary

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# In a folder of parts: the summary, written when all parts are there. Readers of folders pass over what begins so.
_DONE = "_summary.json"


def find_rejects(options: Options) -> Path:
    """Find where the reject file goes: where it was said, else beside the output."""
    if options.rejects is not None:
        return options.rejects
    suffix = "" if options.is_folder else options.output.suffix
    stem = options.output.name if options.is_folder else options.output.stem
    kept = suffix if suffix.lower() in {".jsonl", ".ndjson", ".parquet", ".pq"} else ".csv"
    return options.output.with_name(f"{stem}.rejects{'.csv' if options.is_folder else kept}")


def deliver(connection: DuckDBPyConnection, plan: Plan, ledger: Ledger, options: Options, summary: Summary) -> None:
    """Put everything into its place, the answers last: when they are there, all is."""
    rejects = find_rejects(options)
    parts = list_files(ledger, "rejects-")
    if parts:
        header = _write_header(name_columns(plan.ids))
        merged = merge(connection, parts, plan.reject_form, header, ledger.folder / "rejects.tmp")
        settle(merged, rejects)
    else:
        # An old one would be taken for this run's.
        rejects.unlink(missing_ok=True)
    answers = list_files(ledger, "part-")
    if options.into is not None:
        fill_table(connection, plan, ledger, options.into, summary)
        return
    if options.is_folder:
        _fill_folder(answers, options.output)
        replace_file(options.output / _DONE, msgspec.json.encode(summary))
        return
    merged = merge(connection, answers, plan.form, _write_header(plan.outputs), ledger.folder / "answers.tmp")
    settle(merged, Path(os.path.realpath(options.output)))


def _fill_folder(parts: Sequence[Path], folder: Path) -> None:
    """Move the parts into a folder, from which those of an earlier run are removed first."""
    folder.mkdir(exist_ok=True)
    (folder / _DONE).unlink(missing_ok=True)
    for old in folder.glob("part-*.parquet"):
        old.unlink()
    for part in parts:
        settle(part, folder / part.name)


def _write_header(names: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(names)
    return text.getvalue()
