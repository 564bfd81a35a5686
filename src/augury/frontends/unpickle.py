"""Read a pickle or joblib file into plain values and stand-ins, without running anything in it.

::

    bytes ─▶ looks ─▶ decompress ─▶ machine (+ joblib's blocks) ─▶ names judged ─▶ settle ─▶ values, Arrays, StandIns
"""

from __future__ import annotations

import os
import pickle
import stat
import struct
from pathlib import Path

from augury.errors import PickleError, UnsafePickleError
from augury.frontends import limits
from augury.frontends.allowlist import find_unsafe, is_plain
from augury.frontends.joblib_stream import decompress, read_blocks
from augury.frontends.looks import check_looks, describe_failure
from augury.frontends.recipes import RECIPES
from augury.frontends.settle import settle
from augury.frontends.source import Ledger, Source

MALFORMED = (
    *(pickle.UnpicklingError, struct.error, EOFError),
    *(ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError),
)
"""What broken opcodes raise in the standard library's unpickler, and broken shapes in the walk after it."""

SECOND_PICKLE = b"\x80"
"""The first byte of a pickle of protocol 2 or later."""


def read_pickle(file: str | os.PathLike[str] | bytes, *, where: str = "") -> object:
    """Read one pickle, from a path or from its bytes.

    Answers plain Python values, :class:`~augury.frontends.arrays.Array` for every array and
    :class:`~augury.frontends.standins.StandIn` for every instance. Raises :class:`UnsafePickleError` with all names
    that are not on the list, and :class:`PickleError` for anything else that cannot be read; ``where`` (else the path)
    stands before the sentence.
    """
    where = where or ("" if isinstance(file, bytes) else os.fspath(file))
    try:
        return _read(file if isinstance(file, bytes) else read_file(Path(file)))
    except UnsafePickleError as refusal:
        raise UnsafePickleError(refusal.names, where=where) from None
    except PickleError as refusal:
        raise PickleError(refusal.what, where=where, mend=refusal.mend) from refusal.__cause__


def read_file(path: Path) -> bytes:
    """Read a regular file of at most :data:`limits.MAX_BYTES`; a FIFO is refused instead of waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise PickleError("it is not a regular file")
            if status.st_size > limits.MAX_BYTES:
                raise PickleError(f"the file is larger than {limits.MAX_BYTES >> 20} MiB, more than any model needs")
            return file.read(status.st_size)
    except OSError as fault:
        raise PickleError(f"the file cannot be read: {fault.strerror}") from fault


def _read(content: bytes) -> object:
    content = decompress(content)
    check_looks(content)
    ledger = Ledger()
    try:
        value = _run(content, ledger)
        failure = None
    except PickleError as refusal:
        value, failure = None, refusal
    unsafe = find_unsafe(ledger.names)
    if unsafe and (failure is None or any(is_plain(name) for name, _ in unsafe)):
        # Told even if the rest cannot be read: it is the more important news.
        raise UnsafePickleError(unsafe)
    if failure is not None:
        raise failure
    try:
        return settle(value, RECIPES)
    except MALFORMED as fault:
        raise PickleError("the pickle holds values that contradict themselves") from fault


def _run(content: bytes, ledger: Ledger) -> object:
    source = Source(content)
    try:
        value = read_blocks(source, ledger)
    except MALFORMED as fault:
        raise describe_failure(content) from fault
    except PickleError as refusal:
        failure = describe_failure(content)
        raise (refusal if content.startswith(SECOND_PICKLE) else failure) from refusal
    if ledger.python_2:
        raise PickleError("the pickle was written by Python 2", mend="load it there and save it from Python 3")
    if content[source.position :]:
        raise _describe_rest(content[source.position :])
    return value


def _describe_rest(rest: bytes) -> PickleError:
    if rest.startswith(SECOND_PICKLE):
        return PickleError(
            "the file holds a second pickle after the first",
            mend="save both as one: pickle.dump((vectorizer, model), file)",
        )
    return PickleError("the file goes on after the pickle", mend="write or copy the file again")
