"""Write an artifact: sealed, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from augury.artifact.canonical import seal
from augury.artifact.document import Document
from augury.artifact.read import MAX_BYTES, parse_artifact
from augury.errors import ArtifactError


def write_artifact(document: Document, path: str | os.PathLike[str]) -> Document:
    """Seal a document and write it to a path; answer with the sealed document.

    The old file stays until the new one is complete and on the disk; a link stays a link and what it leads to is
    replaced.

    Raises:
        ArtifactError: the document would be refused when read, or the file cannot be written.
    """
    where = os.fsdecode(path)
    sealed, rendered = seal(document)
    if len(rendered) > MAX_BYTES:
        size = f"{len(rendered) / 2**20:,.0f} MiB"
        raise ArtifactError(f"the artifact would be {size}, more than {MAX_BYTES >> 20} MiB", where=where)
    parse_artifact(rendered, where)
    try:
        replace_file(path, rendered)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        mend = "give a path in a folder that exists and can be written to"
        raise ArtifactError(f"the file cannot be written: {reason}", where=where, mend=mend) from error
    return sealed


def replace_file(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file by a temporary one beside it and a rename; a link stays a link.

    Raises:
        OSError: it cannot be written.
        ValueError: there is something else than a file at that path, or it cannot be a path.
    """
    target = Path(os.path.realpath(path))
    _check_replaceable(target)
    # A name of its own beside the target: on the same file system, so that renaming is one step.
    beside = target.with_name(f".augury-{os.urandom(8).hex()}.part")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    _sync_folder(target.parent)


def _check_replaceable(target: Path) -> None:
    """Refuse to rename over a device, a pipe or a folder: only a file, or nothing, is replaced."""
    try:
        mode = target.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise ValueError("there is something else than a file at that path")


def _sync_folder(folder: Path) -> None:
    """Put the renaming itself on the disk, where folders can be opened (not on Windows)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
