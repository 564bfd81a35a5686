"""The bytes of a table file: opened, unpacked and recognised before anything is parsed."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from augury.errors import TableError

_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SAVE = "save the table as CSV or JSON lines and give that file"
# What a file is by its first bytes, and how to get a table out of it. Formats that a later version may read are here
# with what is true today.
_LOOKS: tuple[tuple[bytes, str, str], ...] = (
    (b"PAR1", "a Parquet file, which is not read yet", _SAVE),
    (b"ARROW1", "an Arrow file, which is not read yet", _SAVE),
    (b"PK\x03\x04", "a zip archive or an Excel workbook", _SAVE),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", _SAVE),
    (b"SQLite format 3", "an SQLite database", _SAVE),
    (b"%PDF", "a PDF document", _SAVE),
    (b"\x80\x03", "a pickle", "a model is compiled, not read as a table"),
    (b"\x80\x04", "a pickle", "a model is compiled, not read as a table"),
    (b"\x80\x05", "a pickle", "a model is compiled, not read as a table"),
    (b"\xff\xfe", "text in UTF-16", "save it as UTF-8"),
    (b"\xfe\xff", "text in UTF-16", "save it as UTF-8"),
    (b"BZh", "a bzip2 file", "unpack it, or compress it by gzip"),
    (b"\xfd7zXZ", "an xz file", "unpack it, or compress it by gzip"),
    (b"\x28\xb5\x2f\xfd", "a zstd file", "unpack it, or compress it by gzip"),
)


def read_text(path: Path) -> str:
    """Read a text file in UTF-8, with or without a byte order mark, compressed by gzip or not.

    Raises:
        TableError: when there is no such file, or it is not text in UTF-8; the sentence names the line.
    """
    where = str(path)
    packed = _read_bytes(path)
    content = _unpack(packed, where) if packed.startswith(_GZIP) else packed
    _refuse_other_formats(content, where)
    content = content.removeprefix(_BYTE_ORDER_MARK)
    if not content.strip():
        raise TableError("the file is empty", where=where, mend="give a table with a header and rows")
    if b"\x00" in content:
        line = _find_line(content, content.index(b"\x00"))
        raise TableError(f"line {line} holds a NUL byte, so this is not a text file", where=where, mend=_SAVE)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        what = f"line {_find_line(content, error.start)} is not UTF-8 (byte {content[error.start]:#04x})"
        raise TableError(what, where=where, mend="save the file as UTF-8") from None


def _read_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise TableError("this is a directory, not a table", where=str(path), mend="give the path of a file in it")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise TableError("there is no such file", where=str(path), mend="check the path") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise TableError(f"the file cannot be read: {reason}", where=str(path), mend="check the path") from None


def _unpack(packed: bytes, where: str) -> bytes:
    try:
        return gzip.decompress(packed)
    except (EOFError, OSError, zlib.error) as error:
        what = f"the gzip file is damaged or cut short: {error}"
        raise TableError(what, where=where, mend="copy the file again") from None


def _refuse_other_formats(content: bytes, where: str) -> None:
    for magic, looks, mend in _LOOKS:
        if content.startswith(magic):
            raise TableError(f"this is {looks}, not a table in text", where=where, mend=mend)
    start = content[:256].removeprefix(_BYTE_ORDER_MARK).lstrip()[:16].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<svg")):
        mend = "a download often saves the page instead of the file: get the file itself"
        raise TableError("this is an HTML or XML page, not a table", where=where, mend=mend)


def _find_line(content: bytes, at: int) -> int:
    return content.count(b"\n", 0, at) + 1
