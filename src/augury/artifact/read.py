"""Read an artifact: from the file to a document of which everything is checked but the golden margins."""

from __future__ import annotations

import errno
import os
import stat

from augury.artifact.check import check_model
from augury.artifact.document import Document
from augury.artifact.formats import find_reader
from augury.artifact.header import compute_digest, read_header
from augury.artifact.looks import describe_foreign, describe_line_ends
from augury.artifact.shape import find_misshape
from augury.errors import ArtifactError, AuguryError

# A model of a thousand fields with a hundred levels each is 20 MiB; a file that is larger is not what it says.
MAX_BYTES = 64 * 2**20
# An error stays a sentence, whatever the file holds.
_MAX_SENTENCE = 400

# Not blocking, so that a FIFO in the file's place does not hold the reader up; a terminal does not become ours.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_GIVE = "give the path of an artifact, NAME.augury.json"
_AGAIN = "copy or write the file again"


def read_artifact(path: str | os.PathLike[str]) -> Document:
    """Read the artifact at a path; symbolic links are followed.

    Raises:
        ArtifactError: there is no such file, or it is refused.
    """
    return parse_artifact(read_content(path), name_artifact(path))


def read_content(path: str | os.PathLike[str]) -> bytes:
    """Read the bytes of what may be an artifact: a regular file that is no larger than one may be.

    Raises:
        ArtifactError: there is no such file, or it is none.
    """
    where = name_artifact(path)
    try:
        return _read_bytes(path)
    except ArtifactError as error:
        raise ArtifactError(error.what, where=where, mend=error.mend) from error
    except (OSError, ValueError) as error:
        raise ArtifactError(f"the file cannot be read: {_describe(error)}", where=where, mend=_GIVE) from error


def name_artifact(path: str | os.PathLike[str]) -> str:
    """Name an artifact's path in a sentence."""
    return _show(os.fsdecode(path))


def parse_artifact(content: bytes, where: str) -> Document:
    """Check the bytes of an artifact and read the document from them; ``where`` is named in the error.

    Raises:
        ArtifactError: the artifact is refused.
    """
    try:
        document = _parse(content)
        check_model(document.model)
    except AuguryError as error:
        what = f"{error.where}: {error.what}" if error.where else error.what
        raise ArtifactError(_show(what), where=where, mend=error.mend) from error
    return document


def _parse(content: bytes) -> Document:
    header = read_header(content)
    if header is None:
        raise describe_foreign(content)
    read = find_reader(header)
    digest = compute_digest(content, header)
    if digest != header.digest:
        if b"\r\n" in content:
            raise describe_line_ends()
        what = f"the file is damaged: its digest is {digest[:19]}… and it says {header.digest[:19]}…"
        raise ArtifactError(what, mend=_AGAIN)
    misshape = find_misshape(content)
    if misshape is not None:
        raise ArtifactError(f"the file is no artifact: {misshape}", mend=_AGAIN)
    return read(content)


def _read_bytes(path: str | os.PathLike[str]) -> bytes:
    descriptor = os.open(path, _FLAGS)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        for is_kind, name in _KINDS:
            if is_kind(status.st_mode):
                raise ArtifactError(f"this is {name}, not a file", mend=_GIVE)
        if status.st_size > MAX_BYTES:
            size = f"{status.st_size / 2**20:,.0f} MiB"
            raise ArtifactError(f"the file is {size}; an artifact is at most {MAX_BYTES >> 20} MiB", mend=_GIVE)
        # One byte more than the file had, to see whether it grew.
        content = bytearray()
        while len(content) <= status.st_size and (piece := file.read(status.st_size + 1 - len(content))):
            content += piece
    if len(content) != status.st_size:
        raise ArtifactError("the file changed while it was read", mend="write files beside it and rename them")
    return bytes(content)


def _describe(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        # A socket cannot be opened at all, so that it does not come as far as `_KINDS`.
        return "it is a socket" if error.errno == errno.ENXIO else _show(error.strerror or "")
    return _show(str(error))


def _show(text: str) -> str:
    """Make a text safe for a sentence on a terminal: printable, and not too long."""
    shown = "".join(char if char.isprintable() else repr(char)[1:-1] for char in text[:_MAX_SENTENCE])
    return shown if len(text) <= _MAX_SENTENCE else shown + "…"
