"""The reject file: row, identifiers, field, code and detail of each fault, in the format of its suffix."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from augury.batch.output import Format
from augury.batch.rejects import Reject
from augury.sql.names import find_free

# Lines of rejects that are held before they are written.
BLOCK_LINES = 20_000


def name_columns(ids: Sequence[str]) -> tuple[str, ...]:
    """Name the columns; an identifier that is called as one of ours keeps its name, and ours gets another."""
    taken = {name.lower() for name in ids}
    own = [find_free(name, taken) for name in ("row", "field", "code", "detail")]
    return (own[0], *ids, *own[1:])


def make_lines(rejects: Sequence[Reject], rows: Sequence[int], ids: Sequence[Any], names: Sequence[str]) -> Any:
    """Make the lines as an Arrow table.

    Args:
        rejects: the faults of a batch.
        rows: the number of each row of the batch.
        ids: Arrow's column of each identifier, of the batch.
        names: of the columns, as :func:`name_columns` has them.
    """
    import pyarrow as pa

    at = pa.array([reject.index for reject in rejects], pa.int64())
    faults = [reject.fault for reject in rejects]
    columns = [
        pa.array([rows[reject.index] for reject in rejects], pa.int64()),
        *(column.take(at) for column in ids),
        pa.array([fault.field for fault in faults], pa.string()),
        pa.array([fault.code for fault in faults], pa.string()),
        pa.array([fault.detail for fault in faults], pa.string()),
    ]
    return pa.table(columns, names=list(names))


@contextmanager
def open_rejects(path: Path, form: Format) -> Iterator[Callable[[Any], None]]:
    """Give the function that appends lines to a file, which is made with the first of them."""
    writer: Any = None
    with path.open("wb") as file:

        def write(lines: Any) -> None:
            nonlocal writer
            if writer is None:
                writer = _open_writer(file, lines.schema, form)
            writer.write(lines)

        yield write
        if writer is not None:
            writer.close()


def _open_writer(file: IO[bytes], schema: Any, form: Format) -> Any:
    if form == "parquet":
        from pyarrow import parquet

        return parquet.ParquetWriter(file, schema)
    if form == "csv":
        from pyarrow import csv

        options = csv.WriteOptions(include_header=False, quoting_style="needed")
        return csv.CSVWriter(file, schema, write_options=options)
    return _LineWriter(file)


class _LineWriter:
    """JSON lines, which Arrow reads and does not write."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, lines: Any) -> None:
        import msgspec

        self._file.write(msgspec.json.Encoder().encode_lines(lines.to_pylist()))

    def close(self) -> None:
        self._file.flush()
