"""Files that a verb reads and writes: records from a file or standard input, results whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from augury.errors import UsageError

STANDARD = Path("-")


def read_bytes(path: Path, limit: int) -> bytes:
    """Read a file, or standard input where the path is ``-``, of at most ``limit`` bytes.

    Raises:
        UsageError: it cannot be read, or is larger.
    """
    where = name_source(path)
    try:
        if path == STANDARD and sys.stdin is None:
            raise UsageError("it is closed", where=where, mend="give the path of a file")
        if path == STANDARD:
            content = sys.stdin.buffer.read(limit + 1)
        else:
            with path.open("rb") as file:
                content = file.read(limit + 1)
    except IsADirectoryError:
        raise UsageError("this is a directory", where=where, mend="give the path of a file in it") from None
    except FileNotFoundError:
        raise UsageError("there is no such file", where=where, mend="check the path") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(f"the file cannot be read: {reason}", where=where, mend="check the path") from None
    if len(content) > limit:
        raise UsageError(f"there is more than {limit / 2**20:g} MiB", where=where, mend="give one record")
    return content


def name_source(path: Path) -> str:
    """Name an input in a sentence."""
    return "standard input" if path == STANDARD else str(path)


def check_output(path: Path) -> None:
    """See before long work that a file can be written at a path.

    Raises:
        UsageError: it cannot.
    """
    if path.is_dir():
        raise UsageError("this is a directory", where=str(path), mend="give the path of a file")
    check_folder(path)


def check_folder(path: Path) -> None:
    """See before long work that the folder is there which a path lies in, and can be written to.

    Raises:
        UsageError: it cannot.
    """
    folder = path.parent
    if not folder.is_dir():
        raise UsageError(
            "its folder does not exist", where=str(path), mend=f"make {folder} first, or name another file"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError("its folder cannot be written to", where=str(path), mend="name a file in another folder")


def check_outputs(outputs: Mapping[str, Path], *, inputs: Sequence[Path]) -> None:
    """See before long work that all files can be written, and that none takes the place of another or of an input.

    Raises:
        UsageError: one cannot; ``outputs`` has each by the option that named it.
    """
    taken = {os.path.realpath(path): "it would take the place of what is read" for path in inputs}
    for option, path in outputs.items():
        check_output(path)
        real = os.path.realpath(path)
        if real in taken:
            raise UsageError(taken[real], where=str(path), mend=f"name another file by {option}")
        taken[real] = f"{option} names it too"


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file by a temporary file beside it and a rename: what was there stays until the new one is complete.

    Raises:
        UsageError: it cannot be written.
    """
    check_output(path)
    write_together({path: chunks})


def write_together(contents: Mapping[Path, Iterable[bytes]]) -> None:
    """Write several files, each by a temporary file beside it; when all of these are complete they are renamed.

    Raises:
        UsageError: one cannot be written; then what was there before is still there, of all of them.
    """
    parts: dict[Path, Path] = {}
    path = Path()
    try:
        for path, chunks in contents.items():
            target = Path(os.path.realpath(path))
            parts[target] = target.with_name(f".augury-{os.urandom(8).hex()}.part")
            with parts[target].open("xb") as file:
                file.writelines(chunks)
                file.flush()
                os.fsync(file.fileno())
        for target, part in parts.items():
            part.replace(target)
    except OSError as error:
        raise UsageError(
            f"the file cannot be written: {error.strerror}", where=str(path), mend="name another"
        ) from None
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink()
