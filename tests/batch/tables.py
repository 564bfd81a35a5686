"""The real table as each kind of source, with the types that its columns have there."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

Row = Mapping[str, str]
Cell = str | int | float | None


def read_types(row: Row) -> dict[str, Cell]:
    """Give the cells of a row the types that a database would have for them."""
    total = row["TotalCharges"].strip()
    typed = {"SeniorCitizen": int(row["SeniorCitizen"]), "tenure": int(row["tenure"])}
    return {
        **row,
        **typed,
        "MonthlyCharges": float(row["MonthlyCharges"]),
        "TotalCharges": float(total) if total else None,
    }


def make_arrow(rows: Sequence[Row]) -> pa.Table:
    """Make an Arrow table."""
    return pa.Table.from_pylist([read_types(row) for row in rows])


def _write_text(rows: Sequence[Row], path: Path) -> str:
    names = list(rows[0])
    lines = [",".join(names), *(",".join(row.values()) for row in rows)]
    content = "\n".join(lines).encode() + b"\n"
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return str(path)


def _write_csv(rows: Sequence[Row], folder: Path) -> str:
    return _write_text(rows, folder / "t.csv")


def _write_gzip(rows: Sequence[Row], folder: Path) -> str:
    return _write_text(rows, folder / "t.csv.gz")


def _write_parquet(rows: Sequence[Row], folder: Path) -> str:
    pyarrow.parquet.write_table(make_arrow(rows), folder / "t.parquet", row_group_size=1000)
    return str(folder / "t.parquet")


def _write_parts(rows: Sequence[Row], folder: Path) -> str:
    (folder / "parts").mkdir()
    for number, start in enumerate(range(0, len(rows), 900)):
        table = make_arrow(rows[start : start + 900])
        pyarrow.parquet.write_table(table, folder / "parts" / f"{number:02}.parquet", row_group_size=500)
    return str(folder / "parts" / "*.parquet")


def _write_lines(rows: Sequence[Row], folder: Path) -> str:
    content = b"\n".join(msgspec.json.encode(read_types(row)) for row in rows)
    (folder / "t.jsonl").write_bytes(content + b"\n")
    return str(folder / "t.jsonl")


def _write_arrow(rows: Sequence[Row], folder: Path) -> str:
    table = make_arrow(rows)
    with pa.ipc.new_file(str(folder / "t.arrow"), table.schema) as writer:
        writer.write_table(table, max_chunksize=1024)
    return str(folder / "t.arrow")


def _write_feather(rows: Sequence[Row], folder: Path) -> str:
    pyarrow.feather.write_feather(make_arrow(rows), str(folder / "t.feather"), compression="lz4")
    return str(folder / "t.feather")


def _write_sqlite(rows: Sequence[Row], folder: Path) -> str:
    typed = [read_types(row) for row in rows]
    with sqlite3.connect(folder / "t.db") as connection:
        connection.execute(f"CREATE TABLE customers ({', '.join(typed[0])})")
        marks = ", ".join("?" * len(typed[0]))
        connection.executemany(f"INSERT INTO customers VALUES ({marks})", [tuple(row.values()) for row in typed])
    connection.close()
    return f"sqlite:///{folder / 't.db'}"


# Write the rows into a folder, and answer with the source.
WRITERS: dict[str, Callable[[Sequence[Row], Path], str]] = {
    "csv": _write_csv,
    "gzip": _write_gzip,
    "parquet": _write_parquet,
    "parts": _write_parts,
    "jsonl": _write_lines,
    "arrow": _write_arrow,
    "feather": _write_feather,
    "sqlite": _write_sqlite,
}
# What must be said of a source beside its name.
SAID: dict[str, dict[str, str]] = {"sqlite": {"table": "customers"}}
