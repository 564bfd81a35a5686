"""The bytes of a table file: opened, unpacked, recognised and decoded as they are read, never whole in memory."""

from __future__ import annotations

import gzip
import io
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from msgspec import Struct

from augury.errors import TableError
from augury.looks import find_look

_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SAVE = "save the table as CSV or JSON lines and give that file"
_PICKLE = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
# So many bytes tell what a file is; blank ones may stand before the first that counts.
_START = 4096
_ENCODING = "save the file as UTF-8; it was probably saved in a Windows code page or as Latin-1"
_SIXTEEN = "if it is text in UTF-16, save it as UTF-8; else " + _SAVE


class _NulError(ValueError):
    """A text holds a NUL byte."""


class Start(Struct, frozen=True):
    """The first bytes of a file, unpacked where it is compressed by gzip."""

    content: bytes
    is_packed: bool


def read_start(path: Path) -> Start:
    """Read the first bytes of a regular file; whatever else stands at the path is not opened.

    Raises:
        TableError: when there is no such file, or none that can be read.
    """
    with _translate(path):
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise TableError("this is a directory, not a table", where=str(path), mend="give the path of a file in it")
        if not stat.S_ISREG(kind):
            # A pipe nobody writes to would be waited for without end, and a device may have none.
            what = "this is a pipe or a device, not a file"
            raise TableError(what, where=str(path), mend="write the table to a file and give that")
        with _open_bytes(path) as stream:
            return Start(stream.read(_START), isinstance(stream, gzip.GzipFile))


@contextmanager
def open_text(path: Path, newline: str = "") -> Iterator[IO[str]]:
    """Open a file in UTF-8, with or without a byte order mark, compressed by gzip or not, to be read once.

    ``newline`` says what ends a line, as :func:`open` has it. Whatever is wrong with the bytes is said as it is met.

    Raises:
        TableError: when it is not text in UTF-8; the sentence names the line.
    """
    _refuse_other_formats(read_start(path).content, str(path))
    with _translate(path), _open_bytes(path) as stream:
        yield io.TextIOWrapper(cast("IO[bytes]", _Watched(stream)), encoding="utf-8-sig", newline=newline)


@contextmanager
def _open_bytes(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as stream:
        is_packed = stream.read(len(_GZIP)) == _GZIP
        stream.seek(0)
        yield cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if is_packed else stream


class _Watched(io.BufferedIOBase):
    """Bytes of a text on their way to be decoded; a NUL among them is met here, for it can be decoded."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1, /) -> bytes:
        content = self._stream.read(size)
        if b"\x00" in content:
            raise _NulError
        return content

    def read(self, size: int | None = -1, /) -> bytes:
        return self.read1(-1 if size is None else size)


@contextmanager
def _translate(path: Path) -> Iterator[None]:
    """Turn what may go wrong with a file into one sentence; the line at fault is looked for only then."""
    where = str(path)
    try:
        yield
    except (UnicodeDecodeError, _NulError):
        raise _make_text_error(path) from None
    except FileNotFoundError:
        raise TableError("there is no such file", where=where, mend="check the path") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        what = f"the gzip file is damaged or cut short: {error}"
        raise TableError(what, where=where, mend="copy the file again") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise TableError(f"the file cannot be read: {reason}", where=where, mend="check the path") from None


def _make_text_error(path: Path) -> TableError:
    """Read the file once more, line by line, to name the line that is not text."""
    with _open_bytes(path) as stream:
        for number, line in enumerate(stream, 1):
            if b"\x00" in line:
                what = f"line {number} holds a NUL byte, so this is not a text file"
                return TableError(what, where=str(path), mend=_SIXTEEN)
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                what = f"line {number} is not UTF-8 (byte {line[error.start]:#04x})"
                return TableError(what, where=str(path), mend=_ENCODING)
    return TableError("the file changed while it was read", where=str(path), mend="try again")


def _refuse_other_formats(start: bytes, where: str) -> None:
    if start.startswith(_PICKLE):
        raise TableError("this looks like a pickle", where=where, mend="a model is compiled, not read as a table")
    look = find_look(start)
    if look is not None:
        raise TableError(f"this looks like {look.what}, not a table in text", where=where, mend=look.mend or _SAVE)
    if not start.removeprefix(_BYTE_ORDER_MARK).strip():
        raise TableError("the file is empty", where=where, mend="give a table with a header and rows")
