"""The bytes of a table file: opened, unpacked and recognised before anything is parsed."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from augury.errors import TableError
from augury.looks import find_look

_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SAVE = "save the table as CSV or JSON lines and give that file"
_PICKLE = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


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
    if content.startswith(_PICKLE):
        raise TableError("this looks like a pickle", where=where, mend="a model is compiled, not read as a table")
    look = find_look(content)
    if look is not None:
        raise TableError(f"this looks like {look.what}, not a table in text", where=where, mend=look.mend or _SAVE)


def _find_line(content: bytes, at: int) -> int:
    return content.count(b"\n", 0, at) + 1
