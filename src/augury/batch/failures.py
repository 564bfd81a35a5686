"""What engines say when something fails, as one sentence without their SQL: the one place that reads their words."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from augury.errors import TableError, UsageError

if TYPE_CHECKING:
    import duckdb

# What a full disk, a quota and a limit on the size of files are called, by the operating system.
_FULL = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the quota is used up", errno.EFBIG: "a file became too large"}
_FULL_WORDS = (
    ("No space left on device", _FULL[errno.ENOSPC]),
    ("Disk quota exceeded", _FULL[errno.EDQUOT]),
    ("File too large", _FULL[errno.EFBIG]),
)
_GO_ON = "parts that are finished are kept: make room, and go on with --resume"


@contextmanager
def translate(where: str, memory: str = "", output: str = "") -> Iterator[None]:
    """Turn what an engine raises into one sentence.

    Args:
        where: names the table.
        memory: the limit that was set.
        output: names what is written, where the engine does not say which file did not fit.

    Raises:
        TableError: the table cannot be read, or the answers cannot be written.
        UsageError: the limit of memory is too low.
        KeyboardInterrupt: the run was stopped while the engine worked.
    """
    import duckdb

    try:
        yield
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except RuntimeError as error:
        # DuckDB's own word for a signal that came while it worked.
        if "interrupted" in str(error):
            raise KeyboardInterrupt from None
        raise
    except duckdb.Error as error:
        raise _describe(error, where, memory, output) from None
    except OSError as error:
        raise _describe_system(error, where) from None


def _describe(error: duckdb.Error, where: str, memory: str, output: str) -> TableError | UsageError:
    import duckdb

    said = str(error)
    for words, meaning in _FULL_WORDS:
        if words in said:
            return TableError(meaning, where=_find_written(said) or output or where, mend=_GO_ON)
    if isinstance(error, duckdb.OutOfMemoryException):
        mend = "raise --memory, or make parts smaller by --part-rows"
        return UsageError(f"{memory or 'the memory'} is not enough for this", where=where, mend=mend)
    if "Permission denied" in said:
        return TableError(
            "permission is denied", where=_find_written(said) or where, mend="check who may read and write"
        )
    return TableError(
        f"the table cannot be read: {shorten(said)}", where=where, mend="write it again, or check the path"
    )


def _describe_system(error: OSError, where: str) -> TableError:
    named = str(error.filename) if error.filename is not None else where
    if error.errno in _FULL:
        return TableError(_FULL[error.errno], where=named, mend=_GO_ON)
    return TableError(error.strerror or str(error), where=named, mend="check the path, and who may read and write it")


def _find_written(said: str) -> str:
    found = re.search(r'file "([^"]+)"', said)
    return found[1] if found else ""


def shorten(said: str) -> str:
    """Keep the first sentence of a message, without the class of the error and the query that nobody wrote."""
    line = said.partition("\n")[0]
    _, colon, rest = line.partition(" Error: ")
    return rest.removesuffix(".") if colon else line
