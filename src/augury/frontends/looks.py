"""What a file that is no pickle looks like, and what to do about it."""

from __future__ import annotations

import re

from augury.errors import PickleError

SAVE_PICKLE = "save the fitted estimator with pickle.dump or joblib.dump and give that file"

MAGIC = (
    (b"PK\x03\x04", "a zip file (as torch and numpy.savez write)", SAVE_PICKLE),
    (b"\x93NUMPY", "an array that numpy.save wrote", SAVE_PICKLE),
    (b"\x89HDF", "an HDF5 file (as keras writes)", SAVE_PICKLE),
    (b"PAR1", "a Parquet table", "give the estimator here and the table as --sample"),
    (b"\x04\x22\x4d\x18", "compressed with lz4", "save it again with joblib.dump(..., compress=3)"),
    (b"ZF", "written by joblib before 0.10", "load it there and save it again with pickle.dump"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "decompress it first"),
    (b"version https://git-lfs", "a pointer of Git LFS", "fetch the file itself: git lfs pull"),
    (b"\x7fELF", "a program", SAVE_PICKLE),
    (b"SQLite format 3\0", "an SQLite database", SAVE_PICKLE),
)
"""First bytes, what they tell, how to mend it."""

ONNX = re.compile(rb"skl2onnx|onnxruntime|ai\.onnx")
SKOPS_MEMBER = b"schema.json"

TEXT = (
    (b"{", "JSON", SAVE_PICKLE),
    (b"[", "JSON", SAVE_PICKLE),
    (b"<", "HTML or XML, perhaps a page that says why a download failed", "look at it, and fetch the file again"),
)


def check_looks(content: bytes) -> None:
    """Refuse a file whose first bytes tell that it is something else than a pickle."""
    if not content:
        raise PickleError("the file is empty", mend="write or copy the file again")
    if content.startswith(b"PK\x03\x04") and SKOPS_MEMBER in content:
        raise PickleError("the file looks like one of skops", mend="load it with skops.io.load and " + SAVE_PICKLE)
    for magic, what, mend in MAGIC:
        if content.startswith(magic):
            raise PickleError(f"the file is no pickle: it looks like {what}", mend=mend)


def describe_failure(content: bytes) -> PickleError:
    """Say what a file that could not be read as a pickle looks like."""
    if content.startswith(b"\x80") and len(content) > 1 and content[1] <= 5:
        return PickleError("the file is a pickle that is damaged", mend="write or copy the file again")
    if ONNX.search(content[:4096]):
        return PickleError("the file is no pickle: it looks like ONNX", mend=SAVE_PICKLE)
    head = content[:4096].removeprefix(b"\xef\xbb\xbf")
    start = head.lstrip()
    if _is_text(head):
        for first, what, mend in TEXT:
            if start.startswith(first):
                return PickleError(f"the file is no pickle: it looks like {what}", mend=mend)
        return PickleError("the file is no pickle: it looks like text", mend=SAVE_PICKLE)
    return PickleError("the file is no pickle, or a damaged one", mend=SAVE_PICKLE)


def _is_text(start: bytes) -> bool:
    """Whether the first bytes read as text: printable, with no control characters but white space."""
    text = start.decode("utf-8", "ignore")
    return len(text) >= len(start) - 3 and all(c.isprintable() or c.isspace() for c in text)
