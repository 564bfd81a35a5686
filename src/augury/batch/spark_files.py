"""Paths as Spark takes them: tables that it reads, folders that it writes, and what is there already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from augury.batch.postgresql import show_source
from augury.batch.spark_failures import translate
from augury.errors import UsageError

Form = Literal["parquet", "csv"]
_PACKED = (".gz", ".bz2", ".zst", ".lz4", ".snappy", ".deflate")
_DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
# What a column of Spark's cannot hold, or Spark cannot read.
_OTHERS = {
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), "JSON has a type for each cell, and Spark one for a column"),
    **dict.fromkeys((".arrow", ".feather", ".ipc", ".db", ".sqlite"), "Spark reads and writes Parquet and CSV here"),
}
# Each value as it stands, every line whole: what Spark would guess at, trim, cut or leave out is the contract's to
# judge. Without enforcement no file's header is looked at but the first one's, and with pruning no other cell is.
_READING = {
    "header": "true",
    "inferSchema": "false",
    "escape": '"',
    "mode": "FAILFAST",
    "enforceSchema": "false",
    "columnPruning": "false",
}
_WRITING = {
    "header": "true",
    "escape": '"',
    "ignoreLeadingWhiteSpace": "false",
    "ignoreTrailingWhiteSpace": "false",
}
# Of the session, while a run is at work. The values in names of folders are texts, which `month=007` is. And a method
# of more bytecode is one that Java never compiles: two million rows of a frame took 30 seconds so, and 11 without.
_SESSION = {
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.codegen.hugeMethodLimit": "8000",
}


def find_form(path: str) -> Form:
    """Find what a path holds by its suffix; without one that is known it is Parquet.

    Raises:
        UsageError: Spark would not keep what is in such a file.
    """
    suffix = _find_suffix(path)
    if suffix in _OTHERS or path.startswith(("postgresql:", "postgres:", "sqlite:")):
        what = _OTHERS.get(suffix, "a database is not read by Spark here")
        raise UsageError(what, where=show_source(path), mend="give Parquet, or leave out --engine spark")
    return "csv" if suffix in _DELIMITERS else "parquet"


def read_table(session: Any, path: str, form: Form, delimiter: str | None) -> Any:
    """Make the frame of a table: CSV as texts, Parquet with its types, Hive's partitions as texts."""
    if form == "csv":
        separator = delimiter or _DELIMITERS[_find_suffix(path)]
        reader, load = session.read.options(**_READING, sep=separator), "csv"
    elif delimiter is not None:
        raise UsageError("--delimiter is of CSV, and this is Parquet", where=path, mend="leave it out")
    else:
        # Else a column is read that only the file has which Spark looks at first, and none that only others have.
        reader, load = session.read.option("mergeSchema", "true"), "parquet"
    return getattr(reader, load)(path)


def check_places(session: Any, frame: Any, folders: Sequence[str], *, force: bool) -> None:
    """See before the work that nothing is in the way, and that nothing is replaced but what a run has written.

    Spark would delete a folder with all that is in it, the table that it reads among it.

    Raises:
        UsageError: something is.
    """
    answers, rejects = (folder.rstrip("/") for folder in folders)
    if answers == rejects:
        raise UsageError("-o and --rejects name the same folder", where=answers, mend="name another by --rejects")
    table: frozenset[str] | None = None
    for folder in folders:
        files = _list_files(session, folder)
        if files is None:
            continue
        if not force:
            what = "something is here already"
            raise UsageError(what, where=folder, mend="name another folder, or replace it by --force")
        table = frozenset(frame.inputFiles()) if table is None else table
        if not table.isdisjoint(files):
            raise UsageError("it would take the place of what is read", where=folder, mend="name another folder")
        if others := [file for file in files if not file.rpartition("/")[2].startswith("part-")]:
            what = f"it has files that no run has written, as {others[0].rpartition('/')[2]}"
            raise UsageError(what, where=folder, mend="name another folder")


def write_folder(frame: Any, path: str, form: Form, *, force: bool) -> None:
    """Write a frame into a folder; Spark puts ``_SUCCESS`` into it when all is there."""
    writer = frame.write.mode("overwrite" if force else "errorifexists")
    with translate(path):
        if form == "csv":
            writer.options(**_WRITING, sep=_DELIMITERS[_find_suffix(path)]).csv(path)
        else:
            writer.parquet(path)


def read_folder(session: Any, path: str, form: Form) -> Any:
    """Make the frame of a folder that was written."""
    if form == "csv":
        return session.read.options(**_READING, sep=_DELIMITERS[_find_suffix(path)]).csv(path)
    return session.read.parquet(path)


def quote(name: str) -> str:
    """Quote the name of a column, as Spark does."""
    return "`" + name.replace("`", "``") + "`"


def _find_suffix(path: str) -> str:
    name = path.rstrip("/").rpartition("/")[2].lower()
    for packed in _PACKED:
        name = name.removesuffix(packed)
    _, dot, suffix = name.rpartition(".")
    return dot + suffix


@contextmanager
def set_session(session: Any) -> Iterator[None]:
    """Set what a run needs of a session, which has its own settings back afterwards."""
    before = {name: session.conf.get(name) for name in _SESSION}
    for name, value in _SESSION.items():
        session.conf.set(name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            session.conf.set(name, value)


def _list_files(session: Any, folder: str) -> list[str] | None:
    """List the files at or below a path; None where nothing is there."""
    from pyspark.errors import AnalysisException

    reader = session.read.format("binaryFile").option("recursiveFileLookup", "true")
    with translate(folder):
        try:
            found: list[str] = reader.load(folder).inputFiles()
        except AnalysisException as error:
            if error.getCondition() != "PATH_NOT_FOUND":
                raise
            return None
    return found
