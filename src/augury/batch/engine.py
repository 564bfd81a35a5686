"""The engine: DuckDB in this process, with its limits, and nothing fetched from the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from augury.errors import UsageError
from augury.tables.parquet_file import CONFIG

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@contextmanager
def open_engine(memory: str, threads: int | None, spill: Path) -> Iterator[DuckDBPyConnection]:
    """Open DuckDB; what does not fit into ``memory`` goes to the folder ``spill``.

    Raises:
        UsageError: the limit is none.
    """
    import duckdb

    config = CONFIG | {"temp_directory": str(spill)}
    if threads is not None:
        config["threads"] = threads
    with duckdb.connect(":memory:", config=config) as connection:
        # The bar is not printed, but without it DuckDB does not say how far a query is.
        connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
        try:
            connection.execute("SET memory_limit = ?", [memory])
        except duckdb.Error:
            raise UsageError(f"{memory!r} is no amount of memory", mend="write it as 800MB or 2GB") from None
        yield connection


def read_batches(connection: DuckDBPyConnection, query: str, rows: int) -> Any:
    """Open Arrow's reader of the rows of a query, in record batches of at most so many, as they are asked for."""
    found: Any = connection.sql(query)
    # The first is what newer releases call it, and warn of the other.
    read = found.to_arrow_reader if hasattr(found, "to_arrow_reader") else found.fetch_arrow_reader
    return read(rows)
