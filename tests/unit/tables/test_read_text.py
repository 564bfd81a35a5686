"""Tables in text files: what is read, and the one sentence about what is not."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from augury.errors import TableError
from augury.tables.read import read_table
from augury.tables.table import ABSENT, compute_fingerprint


def _write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("comma.csv", b"a,b\n1,x y\n"),
        ("crlf.csv", b"a,b\r\n1,x y\r\n"),
        ("old-mac.csv", b"a,b\r1,x y\r"),
        ("mark.csv", b"\xef\xbb\xbfa,b\n1,x y\n"),
        ("quoted.csv", b'"a","b"\n"1","x y"\n'),
        ("semicolon.csv", b"a;b\n1;x y\n"),
        ("tab.tsv", b"a\tb\n1\tx y\n"),
        ("no-end.csv", b"a,b\n1,x y"),
        ("blank-lines.csv", b"a,b\n\n1,x y\n\n\n"),
        ("packed.csv.gz", gzip.compress(b"a,b\n1,x y\n", mtime=0)),
        ("packed-without-saying-so.csv", gzip.compress(b"a,b\n1,x y\n", mtime=0)),
        ("no-suffix", b"a,b\n1,x y\n"),
    ],
)
def test_one_table_in_many_files(tmp_path: Path, name: str, content: bytes) -> None:
    """Delimiter, quotes, line ends, byte order mark and gzip do not change a table, nor its fingerprint."""
    table = read_table(_write(tmp_path, name, content))
    assert (table.columns, tuple(table.iter_rows()), table.is_text) == (("a", "b"), (("1", "x y"),), True)
    assert compute_fingerprint(table) == "8e4cf50e1a7751f5a172b4c0261bcf4f7a6e6debfa30533cdb00002664bda324"


def test_cells_stay_as_they_are(tmp_path: Path) -> None:
    """A cell of a text file is its text: spaces, quotes, line ends and words such as NA stay."""
    path = _write(tmp_path, "t.csv", b'a,b,c\n" x ","say ""hi""","1\n2"\nNA,null,\n')
    assert tuple(read_table(path).iter_rows()) == ((" x ", 'say "hi"', "1\n2"), ("NA", "null", ""))


def test_another_delimiter_by_option(tmp_path: Path) -> None:
    """A delimiter that is said is used, and one that two would fit is asked for."""
    path = _write(tmp_path, "t.csv", b"a;b,c\n1;2,3\n")
    with pytest.raises(TableError, match="both ',' and ';' would separate"):
        read_table(path)
    assert read_table(path, delimiter=";").columns == ("a", "b,c")
    assert tuple(read_table(_write(tmp_path, "u.csv", b"a|b\n1|2\n"), delimiter="|").iter_rows()) == (("1", "2"),)
    with pytest.raises(TableError, match="not one character"):
        read_table(path, delimiter="||")


def test_a_comma_in_few_cells_is_no_delimiter(tmp_path: Path) -> None:
    """The delimiter is the one by which header and rows agree, not the one that is seen most."""
    path = _write(tmp_path, "t.csv", b"name;size\nx,y,z;1,5\nu;2,5\n")
    assert tuple(read_table(path).iter_rows()) == (("x,y,z", "1,5"), ("u", "2,5"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"a,b\n", "has no rows"),
        (b"a,b\n1,2\n3\n", "line 3 has 1 cell where the header has 2"),
        (b"a,b\n1,2,3\n", "line 2 has 3 cells where the header has 2"),
        (b'a,b\n"1\n1",2\n\n3\n', "line 5 has 1 cell"),
        (b"a,a\n1,2\n", "column 'a' stands twice"),
        (b"Tenure,tenure\n1,2\n", "'Tenure' and 'tenure' differ in case only"),
        (b",a\n0,1\n", "column 1 has no name; name it, or write the table without row names"),
        (b'"a\tb",c\n0,1\n', "holds a control character"),
        (b"1,2.5\n3,4\n", "the first line holds numbers only"),
        (b"a,b\n1,caf\xe9\n", r"line 2 is not UTF-8 \(byte 0xe9\)"),
        (b"\xff\xfea\x00,\x00", "looks like text in UTF-16"),
        (b"a,b\n1,\x002\n", "line 2 holds a NUL byte"),
        (b'a,b\n"1,2\n3,4\n', "the record that begins on line 2 cannot be read: unexpected end"),
        (b'a,b\n1,2\n"x"y,2\n', "the record that begins on line 3 cannot be read"),
        (b"a,b\n1," + b"x" * 200_000 + b"\n", "line 2 cannot be read: field larger"),
        (b"PAR1\x15\x04", "the Parquet file cannot be read"),
        (b"PK\x03\x04\x14", "looks like a zip archive"),
        (b"\x80\x04\x95", "looks like a pickle"),
        (b"<!DOCTYPE html>\n<html>", "looks like an HTML or XML page"),
        (b"\n  <HTML>", "looks like an HTML or XML page"),
        (b"SQLite format 3\x00", "an SQLite database"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-6], "the gzip file is damaged or cut short"),
        (gzip.compress(b"PAR1", mtime=0), "looks like a Parquet table"),
    ],
)
def test_what_is_no_table(tmp_path: Path, content: bytes, sentence: str) -> None:
    """A file that is not a table is refused with one sentence that names the file, and the line where there is one."""
    path = _write(tmp_path, "t.csv", content)
    with pytest.raises(TableError, match=sentence) as caught:
        read_table(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    """A missing file, a directory and an impossible path are refused with one sentence each."""
    for path, sentence in (
        (tmp_path / "none.csv", "no such file"),
        (tmp_path, "directory"),
        ("a\0b", "cannot be read"),
    ):
        with pytest.raises(TableError, match=sentence):
            read_table(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.jsonl", b'{"a": 1, "b": null}\n\n{"b": "x", "c": true}\n'),
        ("t.ndjson.gz", gzip.compress(b'{"a": 1, "b": null}\r\n{"b": "x", "c": true}\r\n', mtime=0)),
        ("t.json", b'[{"a": 1, "b": null}, {"b": "x", "c": true}]'),
        ("no-suffix", b'\xef\xbb\xbf\n [{"a": 1, "b": null},\n {"b": "x", "c": true}]'),
    ],
)
def test_json_keeps_types_and_absence(tmp_path: Path, name: str, content: bytes) -> None:
    """The values of JSON keep their types, and a key that a record lacks is absent, which is not null."""
    table = read_table(_write(tmp_path, name, content))
    assert table.columns == ("a", "b", "c")
    assert tuple(table.iter_rows()) == ((1, None, ABSENT), (ABSENT, "x", True))
    assert not table.is_text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"a": 1,\n"b": 2}', "line 1 is not JSON: .* at column"),
        (b'{"a": 1}\n{"a": [1]}', "line 2 holds an array under 'a'"),
        (b'{"a": {"b": 1}}', "line 1 holds an object under 'a'"),
        (b'{"a": 1, "\\u0061": 2}', "line 1 has the key 'a' twice"),
        (b'{"a": 1}\n[1]', "line 2 is an array, not an object"),
        (b'{"a": 1}\n7', "line 2 is a number, not an object"),
        (b'{"a": 1}\n{"A": 1}', "differ in case only"),
        (b"[]", "has no columns"),
        (b"[1]", "row 1 is a number, not an object"),
        (b'[{"a": 1}', "the file is not JSON"),
        (b"[" * 100_000, "the file is nested more than"),
        (b'{"a": "\\ud800"}', "half of a surrogate pair"),
        (b"{}", "has no columns"),
    ],
)
def test_what_is_no_json_table(tmp_path: Path, content: bytes, sentence: str) -> None:
    """JSON that is not a flat table is refused with its line or row."""
    with pytest.raises(TableError, match=sentence):
        read_table(_write(tmp_path, "t.json", content))


def test_only_line_feeds_end_a_line_of_json(tmp_path: Path) -> None:
    """A line separator of Unicode inside a text is part of the text."""
    path = _write(tmp_path, "t.jsonl", '{"a": "x\u2028y"}\n{"a": "x\u0085y"}'.encode())
    assert tuple(read_table(path).iter_rows()) == (("x\u2028y",), ("x\u0085y",))


def test_a_number_that_json_cannot_say_is_infinite(tmp_path: Path) -> None:
    """NaN and 1e400 come as infinity, which the contract refuses, never as null."""
    path = _write(tmp_path, "t.jsonl", b'{"a": NaN}\n{"a": 1e400}\n')
    assert tuple(read_table(path).iter_rows()) == ((float("inf"),), (float("inf"),))


def test_the_fingerprint_is_of_the_cells() -> None:
    """A fingerprint changes with a name, a cell, a type, an absence and the order of rows, and with nothing else."""
    tables = [
        [{"a": 1, "b": "x"}],
        [{"a": 2, "b": "x"}],
        [{"a": "1", "b": "x"}],
        [{"a": True, "b": "x"}],
        [{"a": 1, "c": "x"}],
        [{"a": 1, "b": None}],
        [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
        [{"a": 2, "b": "y"}, {"a": 1, "b": "x"}],
        [{"a": 1, "b": "x"}, {"b": "y"}],
        [{"a": 1, "b": "x"}, {"a": None, "b": "y"}],
    ]
    digests = [compute_fingerprint(read_table(table)) for table in tables]
    assert len(set(digests)) == len(digests)
    assert digests == [compute_fingerprint(read_table(table)) for table in tables]
    # Pinned, so that a fingerprint in an old artifact stays comparable.
    assert digests[0] == "581ae3d706057b27539fb1039969f3241d8ff7fc128a9cd86338fc8a627437a1"
