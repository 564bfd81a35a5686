"""A hundred tables that are broken, each in its own way: one sentence that says what, where, and how to mend it."""

from __future__ import annotations

import gzip
import io
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from augury.errors import ContractError, TableError
from augury.tables.propose import propose_contract
from augury.tables.read import read_table

# Slow enough for a loaded machine, and far below what a reader that hangs, or takes quadratic time, would need.
SECONDS = 20.0


def _pack_parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer)
    return buffer.getvalue()


def _pack_arrow(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pyarrow.feather.write_feather(table, buffer, compression="uncompressed")
    return buffer.getvalue()


SMALL = pa.table({"a": list(range(1000)), "b": [f"text {index}" for index in range(1000)]})
PARQUET, ARROW = _pack_parquet(SMALL), _pack_arrow(SMALL)
PACKED = gzip.compress(b"a,b\n" + b"1,2\n" * 5000, mtime=0)
MANY = ",".join(f"c{index}" for index in range(10_000))

# The name of the file, what it holds, and what the sentence says.
FILES: list[tuple[str, bytes, str]] = [
    # nothing
    ("t.csv", b"", "the file is empty"),
    ("t.csv", b"\n\n\n", "the file is empty"),
    ("t.csv", b" \t \n", "the file is empty"),
    ("t.csv", b"\r\r\r", "the file is empty"),
    ("t.csv", b"\xef\xbb\xbf", "the file is empty"),
    ("t.csv", b"\n" * 10_000, "the file is empty"),
    ("t.csv.gz", gzip.compress(b"", mtime=0), "the file is empty"),
    ("t.jsonl", b"", "the file is empty"),
    ("t.csv", b"a,b\n", "the table has no rows"),
    ("t.csv", b"a,b", "the table has no rows"),
    ("t.csv", b"a,b\n\n\r\n\n", "the table has no rows"),
    # lines
    ("t.csv", b"a,b\n1,2\n3\n", "line 3 has 1 cell where the header has 2"),
    ("t.csv", b"a,b\n1,2,3\n", "line 2 has 3 cells where the header has 2"),
    ("t.csv", b"a,b\n1,2\n3,4,\n", "line 3 has 3 cells where the header has 2"),
    ("t.csv", b"a,b\r1,2\r3\r", "line 3 has 1 cell"),
    ("t.csv", b'a,b\n"1\n\n1",2\n3\n', "line 5 has 1 cell"),
    ("t.csv", b"a,b\n" + b"1,2\n" * 50_000 + b"1\n", "line 50002 has 1 cell"),
    ("t.csv", b"a,b\n1;2\n", "line 2 has 1 cell where the header has 2"),
    ("t.csv", b"a;b;c,d\n1;2;3,4\n1;2\n", "line 3 has 2 cells where the header has 3"),
    ("t.csv", b"a;b,c\n1;2,3\n", "both ',' and ';' would separate"),
    ("t.csv", b"a\tb,c\n1\t2,3\n", "would separate the cells"),
    ("t.csv", b'a,b\n"1,2\n3,4\n', "the record that begins on line 2 cannot be read"),
    ("t.csv", b'a,b\n1,2\n"x"y,2\n', "the record that begins on line 3 cannot be read"),
    ("t.csv", b'"a,b\n1,2\n', "the record that begins on line 1 cannot be read"),
    ("t.csv", b'a,b\n"' + b"1,2\n" * 100_000, "the record that begins on line 2 cannot be read"),
    ("t.csv", b"a,b\n1," + b"x" * 200_000 + b"\n", "the record that begins on line 2 cannot be read"),
    ("t.csv", f"{MANY}\n1,2\n".encode(), "line 2 has 2 cells where the header has 10000"),
    # headers
    ("t.csv", b"a,a\n1,2\n", "column 'a' stands twice"),
    ("t.csv", b"Tenure,tenure\n1,2\n", "'Tenure' and 'tenure' differ in case only"),
    ("t.csv", b",a\n0,1\n", "column 1 has no name"),
    ("t.csv", b"a, \n0,1\n", "column 2 has no name"),
    ("t.csv", b'"a\tb",c\n0,1\n', "the name of column 1, 'a\\tb', holds a control character"),
    ("t.csv", b'"a\nb",c\n0,1\n', "holds a control character"),
    ("t.csv", b"a\x1b[31m,c\n0,1\n", "holds a control character"),
    ("t.csv", b"1,2.5\n3,4\n", "the first line holds numbers only"),
    ("t.csv", f"{MANY},C7\n".encode(), "differ in case only"),
    # encodings
    ("t.csv", b"a,b\n1,caf\xe9\n", "line 2 is not UTF-8 (byte 0xe9); save the file as UTF-8"),
    ("t.csv", b"caf\xe9,b\n1,2\n", "line 1 is not UTF-8"),
    ("t.csv", b"a,b\n" + b"1,2\n" * 50_000 + b"1,\xff\n", "line 50002 is not UTF-8"),
    ("t.csv", b"a,b\n1,\xc3\n", "line 2 is not UTF-8"),
    ("t.csv", b"a,b\n1,\xed\xa0\x80\n", "line 2 is not UTF-8"),
    ("t.csv", b"a,b\n1,\x80uro\n", "line 2 is not UTF-8"),
    ("t.csv.gz", gzip.compress(b"a,b\n1,caf\xe9\n", mtime=0), "line 2 is not UTF-8"),
    ("t.jsonl", b'{"a": 1}\n{"a": "caf\xe9"}\n', "line 2 is not UTF-8"),
    ("t.csv", "a,b\n1,2\n".encode("utf-16"), "looks like text in UTF-16"),
    ("t.csv", b"\xfe\xff" + "a,b\n1,2\n".encode("utf-16-be"), "looks like text in UTF-16"),
    ("t.csv", "a,b\n1,2\n".encode("utf-16-le"), "line 1 holds a NUL byte"),
    ("t.csv", b"a,b\n1,\x002\n", "line 2 holds a NUL byte"),
    ("t.csv", b"a,b\n" + b"1,2\n" * 50_000 + b"1,\x00\n", "line 50002 holds a NUL byte"),
    # other formats
    ("t.csv", b"PK\x03\x04\x14\x00", "looks like a zip archive"),
    ("t.xlsx", b"PK\x03\x04\x14\x00", "looks like a zip archive"),
    ("t.xls", b"\xd0\xcf\x11\xe0\xa1", "looks like an old Excel workbook"),
    ("t.csv", b"\x80\x04\x95", "looks like a pickle"),
    ("t.csv", b"<!DOCTYPE html>\n<html>", "looks like an HTML or XML page"),
    ("t.csv", b"SQLite format 3\x00", "looks like an SQLite database"),
    ("t.csv", b"BZh91AY", "looks like a file compressed with bzip2"),
    ("t.csv", b"\xfd7zXZ\x00", "looks like a file compressed with xz"),
    ("t.csv", b"\x28\xb5\x2f\xfd", "looks like a file compressed with zstd"),
    ("t.csv", b"\x93NUMPY", "looks like an array that numpy.save wrote"),
    ("t.csv", b"%PDF-1.7", "looks like a PDF document"),
    ("t.csv", b"\x7fELF", "looks like a program"),
    ("t.csv", b"version https://git-lfs.github.com/spec/v1\n", "looks like a pointer of Git LFS"),
    (
        "t.csv.gz",
        gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0),
        "looks like a file compressed with gzip",
    ),
    ("t.parquet.gz", gzip.compress(PARQUET, mtime=0), "looks like a Parquet table"),
    # damaged gzip
    ("t.csv.gz", PACKED[:-6], "the gzip file is damaged or cut short"),
    ("t.csv.gz", PACKED[:40], "the gzip file is damaged or cut short"),
    ("t.csv.gz", PACKED[:12], "the gzip file is damaged or cut short"),
    ("t.csv.gz", PACKED[:-8] + b"\x00" * 8, "the gzip file is damaged or cut short"),
    ("t.csv.gz", PACKED[:20] + b"\xff" * 20 + PACKED[40:], "the gzip file is damaged or cut short"),
    ("t.csv.gz", PACKED + b"trailing", "the gzip file is damaged or cut short"),
    # Parquet and Arrow
    ("t.parquet", b"", "the Parquet file cannot be read"),
    ("t.parquet", b"a,b\n1,2\n", "the Parquet file cannot be read"),
    ("t.parquet", b"PAR1", "the Parquet file cannot be read"),
    ("t.parquet", PARQUET[: len(PARQUET) // 2], "the Parquet file cannot be read"),
    ("t.parquet", PARQUET[:-4] + b"XXXX", "the Parquet file cannot be read"),
    ("t.parquet", PARQUET[:-8] + b"\xff\xff\xff\x7fPAR1", "the Parquet file cannot be read"),
    ("t.parquet", _pack_parquet(SMALL.slice(0, 0)), "the table has no rows"),
    ("t.parquet", _pack_parquet(pa.table({"a": [1], "A": [2]})), "differ in case only"),
    ("t.parquet", _pack_parquet(pa.table({"a\n": [1]})), "holds a control character"),
    ("t.arrow", b"", "the Arrow file cannot be read"),
    ("t.arrow", b"ARROW1", "the Arrow file cannot be read"),
    ("t.arrow", ARROW[: len(ARROW) // 2], "the Arrow file cannot be read"),
    ("t.arrow", ARROW[:-6] + b"XXXXXX", "the Arrow file cannot be read"),
    ("t.arrow", _pack_arrow(SMALL.slice(0, 0)), "the table has no rows"),
    ("t.feather", _pack_arrow(pa.table({"a": [1], "A": [2]})), "differ in case only"),
    # JSON
    ("t.json", b"[]", "the table has no columns"),
    ("t.json", b"{}", "the table has no columns"),
    ("t.json", b"[{}]", "the table has no columns"),
    ("t.json", b"[1, 2]", "row 1 is a number, not an object"),
    ("t.json", b'[{"a": 1}, null]', "row 2 is null, not an object"),
    ("t.json", b'[{"a": 1}, [2]]', "row 2 is an array, not an object"),
    ("t.json", b'[{"a": 1}', "the file is not JSON"),
    ("t.json", b"[{'a': 1}]", "the file is not JSON"),
    ("t.json", b'[{"a": 1},]', "the file is not JSON"),
    ("t.json", b'{"a": [1, 2], "b": [3, 4]}', "line 1 holds an array under 'a'"),
    ("t.json", b"[" * 100_000, "nested more than"),
    ("t.jsonl", b'{"a": 1}\n{"a": 2', "line 2 is not JSON"),
    ("t.jsonl", b'{"a": 1}\n{"a": 2} {"a": 3}\n', "line 2 is not JSON"),
    ("t.jsonl", b'{"a": 1}\n7\n', "line 2 is a number, not an object"),
    ("t.jsonl", b'{"a": 1}\n"x"\n', "line 2 is text, not an object"),
    ("t.jsonl", b'{"a": 1}\n{"a": {"b": 1}}\n', "line 2 holds an object under 'a'"),
    ("t.jsonl", b'{"a": 1, "a": 2}\n', "line 1 has the key 'a' twice"),
    ("t.jsonl", b'{"a": 1}\n{"A": 1}\n', "differ in case only"),
    ("t.jsonl", b'{"a": 1}\n{"": 1}\n', "column 2 has no name"),
    ("t.jsonl", b'{"a": "\\ud800"}\n', "half of a surrogate pair"),
    ("t.jsonl", b'{"a\\u0000": 1}\n', "holds a control character"),
    ("t.jsonl", b'{"a": 1}\n{"a": \x00}\n', "line 2 holds a NUL byte"),
]


@pytest.mark.parametrize(
    ("name", "content", "sentence"), FILES, ids=[f"{i}-{s[:40]}" for i, (*_, s) in enumerate(FILES)]
)
def test_a_broken_file(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    """A broken file is refused with one sentence that begins with its path."""
    path = tmp_path / name
    path.write_bytes(content)
    _hold(lambda: read_table(path), sentence, str(path))


def _hold(read: Callable[[], object], sentence: str, where: str = "") -> None:
    begins = time.monotonic()
    with pytest.raises(TableError) as caught:
        read()
    assert sentence in str(caught.value)
    assert str(caught.value).startswith(where)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600, "more is no sentence"
    assert time.monotonic() - begins < SECONDS


# --- what is no file


def _make_fifo(folder: Path) -> Path:
    os.mkfifo(folder / "fifo.csv")
    return folder / "fifo.csv"


def _make_loop(folder: Path) -> Path:
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    return folder / "loop.csv"


def _make_dangling(folder: Path) -> Path:
    (folder / "dangling.csv").symlink_to(folder / "none.csv")
    return folder / "dangling.csv"


def _make_fifo_in_directory(folder: Path) -> Path:
    os.mkfifo(folder / "fifo.parquet")
    return folder


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: folder, "this is a directory, not a table"),
        (_make_fifo, "this is a pipe or a device, not a file"),
        (_make_fifo_in_directory, "this is a pipe or a device, not a file"),
        (lambda _: Path("/dev/null"), "this is a pipe or a device, not a file"),
        (lambda _: Path("/dev/zero"), "this is a pipe or a device, not a file"),
        (_make_loop, "the file cannot be read: "),
        (_make_dangling, "there is no such file"),
        (lambda folder: folder / "none.csv", "there is no such file"),
        (lambda folder: folder / "none*.parquet", "there is no such file"),
        (lambda folder: folder / ("x" * 300), "the file cannot be read: "),
        (lambda _: "a\0b", "the file cannot be read: "),
        (lambda _: "", "this is a directory"),
    ],
)
def test_what_is_no_file(tmp_path: Path, make: Callable[[Path], Path | str], sentence: str) -> None:
    """A directory, a pipe, a device and a path to nothing are refused at once, and never waited for."""
    source = make(tmp_path)
    _hold(lambda: read_table(source), sentence)


# --- frames


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (pd.DataFrame(), "the table has no columns"),
        (pd.DataFrame({"a": []}), "the table has no rows"),
        (pd.DataFrame([[1, 2]]), "the name of column 1 is a number, not text"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "column 'a' stands twice"),
        (pd.DataFrame([[1, 2]], columns=["a", "A"]), "differ in case only"),
        (pd.DataFrame([[1, 2]], columns=["a", None]), "the name of column 2 is"),
        (pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_product([["a"], ["b", "c"]])), "the name of column 1 is"),
        (pd.DataFrame({"a": ["\ud800"]}, dtype=object), "row 1 holds half of a surrogate pair under 'a'"),
        (pl.DataFrame(), "the table has no columns"),
        (pl.DataFrame({"a": []}), "the table has no rows"),
        (pl.DataFrame({"a": [1], "A": [2]}), "differ in case only"),
        (pl.LazyFrame({"a": [1]}), "collect the lazy frame first"),
        (pa.table({}), "the table has no columns"),
        (pa.table({"a": pa.array([], pa.int64())}), "the table has no rows"),
        (pa.table([[1], [2]], names=["a", "a"]), "column 'a' stands twice"),
        (pd.Series([1, 2]), "is not a table"),
        ([], "the list is empty"),
        ([{}], "the table has no columns"),
        ([{"a": 1}, 2], "row 2 is a number, not a dict"),
        ([{"a": 1}, {2: 1}], "row 2 has the key 2, which is not text"),
        ([{"a": [1]}], "row 1 holds an array under 'a'"),
        (iter([{"a": 1}]), "is not a table"),
        (None, "null is not a table"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else type(value).__name__,
)
def test_a_broken_frame(source: Any, sentence: str) -> None:
    """A frame whose header names no fields, or that is none, is refused with one sentence."""
    _hold(lambda: read_table(source), sentence)


# --- tables that can be read, of which no model can be made


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\n,\n,\n", "no column is left for a model to read: a holds no value"),
        ("a\n1\n1\n", "a holds one value only"),
        ("a\n2020-01-01\n2020-01-02\n", "a holds dates"),
        ("a\nx@y.zz\nu@y.zz\n", "a holds e-mail addresses"),
        ("a\n" + "".join(f"k{index}\n" for index in range(30)), "a looks like an identifier"),
    ],
)
def test_nothing_is_left(tmp_path: Path, text: str, sentence: str) -> None:
    """A table of which every column is dropped is refused with the reasons."""
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(ContractError, match="no column is left") as caught:
        propose_contract(read_table(path))
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "'; DROP TABLE customers; --", "😀", "x" * 1000, "a b-c", "été", "__class__"]
)
def test_strange_names_are_names(tmp_path: Path, name: str) -> None:
    """A column may have any name without a control character, a double quote or a backslash."""
    path = tmp_path / "t.csv"
    path.write_text(f'"{name}",b\n1.5,x\n2.5,y\n')
    assert [field.name for field in propose_contract(read_table(path)).contract.features] == [name, "b"]


def test_a_name_with_a_quote_is_dropped_with_a_line(tmp_path: Path) -> None:
    """A column whose name holds a double quote is read, and dropped from the contract with a notice."""
    path = tmp_path / "t.csv"
    path.write_text('"""; DROP TABLE x",b\n1.5,x\n2.5,y\n')
    proposed = propose_contract(read_table(path))
    assert [field.name for field in proposed.contract.features] == ["b"]
    assert [notice.code for notice in proposed.notices if notice.column != "b"] == ["name"]


def test_ten_thousand_columns(tmp_path: Path) -> None:
    """A table of ten thousand columns is read and its contract proposed, in time that does not grow with its square."""
    path = tmp_path / "t.csv"
    path.write_text(f"{MANY}\n" + "".join(",".join([f"{row}.5"] * 10_000) + "\n" for row in range(3)))
    begins = time.monotonic()
    assert len(propose_contract(read_table(path)).contract.features) == 10_000
    assert time.monotonic() - begins < SECONDS


def test_mixed_types_are_dropped_with_a_line() -> None:
    """A column that mixes text and numbers is dropped with a notice, and the others stay."""
    proposed = propose_contract(read_table([{"a": 1, "b": 1.5}, {"a": "x", "b": 2.5}, {"a": True, "b": 0.5}]))
    assert [field.name for field in proposed.contract.features] == ["b"]
    assert [(notice.column, notice.code) for notice in proposed.notices] == [("a", "mixed")]
