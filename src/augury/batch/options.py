"""What is asked of a run over a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

# Told what is being done, how many rows are done, and how many there are; None where nobody knows before the end.
Progress = Callable[[str, int, int | None], None]


# Half of what a small server has; what does not fit goes to the disk.
DEFAULT_MEMORY = "800MB"


class Destination(Struct, frozen=True):
    """The table of a database that answers go into.

    Args:
        address: of a PostgreSQL database, or the path of an SQLite file.
        table: its name; in PostgreSQL a schema may stand before it.
        where: names it in errors and in the summary, without what an address says of a user.
    """

    address: str
    table: str
    where: str


class Options(Struct, frozen=True, kw_only=True):
    """What is asked of a run.

    Args:
        source: a path, a pattern, a folder of Parquet files, or the address of a database.
        output: the file that is written; a folder of parts where it is one, or ``is_folder`` says so. Of a table in a
            database it is the name beside which the parts and the rejects lie.
        into: the table of a database, in place of a file.
        table, query: which rows of a database; one of them.
        rejects: the reject file; beside the output where None.
        keep: ``all`` keeps refused rows in the output too, with neither probability nor label.
        ids: columns to copy beside the declared identifiers.
        renames: by column the field that it is.
        delimiter: of a CSV file, where it cannot be told.
        part_rows: how many rows a part has, about; what suits the source where None.
        memory: the engine's limit, as DuckDB writes it.
        threads: of the engine; all cores where None.
        resume: go on with a run that was stopped.
        force: drop what a stopped run left.
        drift: compare a sample of the table, field by field, with the one that the model was trained on.
    """

    source: str
    output: Path
    is_folder: bool = False
    into: Destination | None = None
    table: str | None = None
    query: str | None = None
    rejects: Path | None = None
    keep: Literal["accepted", "all"] = "accepted"
    ids: tuple[str, ...] = ()
    renames: Mapping[str, str] = {}
    delimiter: str | None = None
    part_rows: int | None = None
    memory: str = DEFAULT_MEMORY
    threads: int | None = None
    resume: bool = False
    force: bool = False
    drift: bool = False


def tell_nobody(step: str, done: int, total: int | None) -> None:
    """Take the progress of a run that nobody watches."""
