"""The readers of all formats that artifacts were ever written in; each gives a document of today."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from augury.artifact.canonical import render_exact
from augury.artifact.document import NEEDS, Document
from augury.artifact.header import Header
from augury.errors import ArtifactError

_RESTORE = "restore the file as Augury wrote it"
_DECODER = msgspec.json.Decoder(Document)


def _read_1(content: bytes) -> Document:
    """Read format 1: the document itself in its canonical rendering."""
    try:
        document = _DECODER.decode(content)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
        raise ArtifactError(f"the content is not as format 1 fixes it: {error}", mend=_RESTORE) from error
    rendered = render_exact(document)
    if rendered != content:
        line, found, wanted = _find_difference(content, rendered)
        what = f"line {line} is {found}, where Augury writes {wanted}"
        raise ArtifactError(f"the file is not the canonical rendering of its content: {what}", mend=_RESTORE)
    return document


# One row a format; a reader is never removed.
READERS: dict[int, Callable[[bytes], Document]] = {1: _read_1}


def find_reader(header: Header) -> Callable[[bytes], Document]:
    """Find the reader of a file by its header.

    Raises:
        ArtifactError: the file is of a format that this version does not know; the version that does is named.
    """
    needs = ".".join(map(str, header.needs))
    if header.needs > tuple(map(int, NEEDS.split("."))):
        what = f"the file is of format {header.format} and needs Augury {needs} or newer"
        raise ArtifactError(what, mend=f"upgrade Augury to {needs}")
    if header.format not in READERS:
        raise ArtifactError(f"format {header.format} is none that Augury ever wrote", mend=_RESTORE)
    return READERS[header.format]


def _find_difference(content: bytes, rendered: bytes) -> tuple[int, str, str]:
    """Find the first line in which two texts differ, and that line in both."""
    same = 0
    # Halving compares each byte about twice, in C.
    step = 1 << max(len(content), len(rendered)).bit_length()
    while step:
        if content[same : same + step] == rendered[same : same + step] and same + step <= len(content):
            same += step
        step //= 2
    start = content.rfind(b"\n", 0, same) + 1
    return content.count(b"\n", 0, start) + 1, _show_line(content, start), _show_line(rendered, start)


def _show_line(text: bytes, start: int) -> str:
    end = text.find(b"\n", start)
    line = text[start : len(text) if end < 0 else end].decode("utf-8", "replace").strip()
    # Sixty characters show a number or the beginning of a text.
    return repr(line if len(line) <= 60 else line[:59] + "…")
