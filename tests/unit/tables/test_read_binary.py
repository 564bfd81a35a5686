"""Tables in Parquet and Arrow files."""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from augury.errors import TableError
from augury.tables.column import name_type
from augury.tables.propose import propose_contract
from augury.tables.read import read_table

TABLE = pa.table({"word": ["Yes", "No", None], "flag": [True, False, None], "number": [1, 2, 3], "code": ["007"] * 3})
ROWS = [("Yes", True, 1, "007"), ("No", False, 2, "007"), (None, None, 3, "007")]


def _write_parquet(path: Path, table: pa.Table = TABLE) -> Path:
    pyarrow.parquet.write_table(table, path)
    return path


@pytest.mark.parametrize("name", ["t.parquet", "t.pq", "no-suffix", "[1]*?.parquet", "it's.parquet"])
def test_a_parquet_file(tmp_path: Path, name: str) -> None:
    """A Parquet file is known by its name or its first bytes; its texts stay texts, its booleans booleans."""
    table = read_table(_write_parquet(tmp_path / name))
    assert (table.columns, list(table.iter_rows()), table.is_text) == (tuple(TABLE.column_names), ROWS, False)


@pytest.mark.parametrize("name", ["t.arrow", "t.feather", "t.ipc", "no-suffix"])
def test_an_arrow_file(tmp_path: Path, name: str) -> None:
    """An Arrow file, compressed or not and of several batches, is the same table as a Parquet file."""
    path = tmp_path / name
    pyarrow.feather.write_feather(TABLE, str(path), compression="lz4", chunksize=2)
    table = read_table(path)
    assert (table.columns, list(table.iter_rows()), table.is_text) == (tuple(TABLE.column_names), ROWS, False)


def test_parts_are_one_table(tmp_path: Path) -> None:
    """A directory and a pattern of Parquet files are one table, in the order of their names."""
    for number in (2, 1, 3):
        _write_parquet(tmp_path / f"part-{number}.parquet", pa.table({"n": [number, number * 10]}))
    for source in (tmp_path, f"{tmp_path}/part-*.parquet", str(tmp_path / "part-[123].parquet")):
        assert list(read_table(source).iter_column(0)) == [1, 10, 2, 20, 3, 30]


def test_parts_of_other_columns_are_refused(tmp_path: Path) -> None:
    """Parts with other columns, or that are no Parquet files, are refused with one sentence."""
    _write_parquet(tmp_path / "a.parquet")
    _write_parquet(tmp_path / "b.parquet", pa.table({"other": [1]}))
    with pytest.raises(TableError, match="the Parquet file cannot be read: ") as caught:
        read_table(tmp_path)
    assert "\n" not in str(caught.value)
    (tmp_path / "b.parquet").write_text("a,b\n1,2\n")
    with pytest.raises(TableError, match=r"b\.parquet is no Parquet file"):
        read_table(tmp_path)


def test_values_of_parquet_become_plain(tmp_path: Path) -> None:
    """Decimals are floats, dates keep their value, and what is no scalar keeps only its type."""
    table = pa.table(
        {
            "decimal": pa.array([Decimal("1.50"), None], pa.decimal128(10, 2)),
            "nan": [float("nan"), 1.0],
            "day": [dt.date(2020, 1, 1), None],
            "time": pa.array([dt.datetime(2020, 1, 1, 12), None], pa.timestamp("us")),  # noqa: DTZ001 - no zone
            "bytes": [b"x", b"y"],
            "list": [[1, 2], []],
            "struct": [{"a": 1}, {"a": 2}],
        }
    )
    first, second = read_table(_write_parquet(tmp_path / "t.parquet", table)).iter_rows()
    assert first[:4] == (1.5, None, dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, 12))  # noqa: DTZ001 - no zone
    assert second[:4] == (None, 1.0, None, None)
    assert [name_type(cell) for cell in first[4:]] == ["bytes", "list", "dict"]


def test_nested_columns_are_dropped_with_a_line(tmp_path: Path) -> None:
    """A column of lists becomes no field, and its notice says what it holds."""
    path = _write_parquet(tmp_path / "t.parquet", pa.table({"n": [1.5, 2.5], "list": [[1], [2]]}))
    proposed = propose_contract(read_table(path))
    assert [field.name for field in proposed.contract.features] == ["n"]
    assert [(notice.column, notice.code) for notice in proposed.notices] == [("list", "mixed")]


@pytest.mark.parametrize(
    ("module", "name", "extra"), [("duckdb", "t.parquet", "augury[train]"), ("pyarrow", "t.arrow", "augury[arrow]")]
)
def test_a_library_that_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str, extra: str
) -> None:
    """Without the library that reads a format, the sentence names what to install."""
    path = tmp_path / name
    path.write_bytes(b"PAR1" if module == "duckdb" else b"ARROW1")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(TableError, match="which is not installed; pip install") as caught:
        read_table(path)
    assert extra in str(caught.value)
