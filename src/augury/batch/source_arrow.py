"""Arrow and Feather files: their record batches, as pyarrow reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from augury.batch.source import Part, Reading, find_kind, fingerprint_files
from augury.batch.stream import cut_parts
from augury.errors import TableError
from augury.sql.layout import Layout, SourceColumn
from augury.tables.table import check_header

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class ArrowSource:
    """An Arrow file, which is also what Feather is since its version 2."""

    is_snapshot = False
    lacking: frozenset[str] = frozenset()

    def __init__(self, connection: DuckDBPyConnection, path: Path) -> None:
        self.where = str(path)
        self._path = path
        with self._open() as reader:
            check_header(reader.schema.names, self.where)
            self.layout = Layout(find_arrow_columns(connection, reader.schema))
            self.total: int | None = None

    def find_fingerprint(self) -> dict[str, object]:
        """Find what tells this file from others."""
        return fingerprint_files([self._path], self.where)

    def iter_parts(self, reading: Reading) -> Iterator[Part]:
        """Yield the parts that are not done."""
        return cut_parts(self._iter_batches(reading.columns), reading)

    def _iter_batches(self, columns: Sequence[str]) -> Iterator[Any]:
        with self._open() as reader:
            for number in range(reader.num_record_batches):
                yield convert_batch(reader.get_batch(number).select(list(columns)))

    @contextmanager
    def _open(self) -> Iterator[Any]:
        import pyarrow as pa

        try:
            with pa.memory_map(self.where) as stream:
                yield pa.ipc.open_file(stream)
        except (pa.ArrowException, OSError) as error:
            what = f"the Arrow file cannot be read: {str(error).partition(chr(10))[0]}"
            raise TableError(what, where=self.where, mend="write it again, or save the table as Parquet") from None


def find_arrow_columns(connection: DuckDBPyConnection, schema: Any) -> tuple[SourceColumn, ...]:
    """Find what the columns of an Arrow schema hold, as the engine reads them."""
    import duckdb

    columns = []
    for name in schema.names:
        empty = convert_batch(schema.empty_table().select([name]))
        try:
            declared = str(connection.from_arrow(empty).types[0])
        except duckdb.NotImplementedException:  # a type that the engine has not is one that no field takes
            declared = "unknown"
        columns.append(SourceColumn(name, find_kind(declared)))
    return tuple(columns)


def convert_batch(batch: Any) -> Any:
    """Convert numbers of types that the engine has not: 16-bit floats, and decimals of more than 38 digits."""
    import pyarrow as pa

    for at, field in enumerate(batch.schema):
        if pa.types.is_float16(field.type):
            batch = batch.set_column(at, field.name, batch.column(at).cast(pa.float32()))
        elif pa.types.is_decimal256(field.type):
            batch = batch.set_column(at, field.name, batch.column(at).cast(pa.float64()))
    return batch
