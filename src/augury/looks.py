"""What a file that is not what it should be looks like, by its first bytes."""

from __future__ import annotations

from msgspec import Struct

_DECOMPRESS = "decompress it first"


class Look(Struct, frozen=True):
    """What a file looks like, and how to mend that where it does not hang on what was wanted."""

    what: str
    mend: str = ""


# First bytes and what they tell.
_MAGIC: tuple[tuple[bytes, Look], ...] = (
    (b"PK\x03\x04", Look("a zip archive (as Excel, torch, skops and numpy.savez write)")),
    (b"\x93NUMPY", Look("an array that numpy.save wrote")),
    (b"\x89HDF", Look("an HDF5 file (as keras writes)")),
    (b"PAR1", Look("a Parquet table")),
    (b"ARROW1", Look("an Arrow table")),
    (b"SQLite format 3\0", Look("an SQLite database")),
    (b"\xd0\xcf\x11\xe0", Look("an old Excel workbook")),
    (b"%PDF", Look("a PDF document")),
    (b"\x7fELF", Look("a program")),
    (b"version https://git-lfs", Look("a pointer of Git LFS", "fetch the file itself: git lfs pull")),
    (b"\x1f\x8b", Look("a file compressed with gzip", _DECOMPRESS)),
    (b"BZh", Look("a file compressed with bzip2", _DECOMPRESS)),
    (b"\xfd7zXZ", Look("a file compressed with xz", _DECOMPRESS)),
    (b"\x28\xb5\x2f\xfd", Look("a file compressed with zstd", _DECOMPRESS)),
    (b"\x04\x22\x4d\x18", Look("a file compressed with lz4", _DECOMPRESS)),
    (b"\xff\xfe", Look("text in UTF-16", "save it as UTF-8")),
    (b"\xfe\xff", Look("text in UTF-16", "save it as UTF-8")),
)
_PAGE = (b"<!doctype", b"<html", b"<?xml", b"<svg")


def find_look(content: bytes) -> Look | None:
    """Find what a file looks like; None when its first bytes tell nothing."""
    for magic, look in _MAGIC:
        if content.startswith(magic):
            return look
    start = content[:256].removeprefix(b"\xef\xbb\xbf").lstrip()[:16].lower()
    if start.startswith(_PAGE):
        return Look("an HTML or XML page", "look at it: a download may have saved an error page")
    return None
