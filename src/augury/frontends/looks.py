"""What a file that is no pickle looks like, and what to do about it."""

from __future__ import annotations

import re

from augury.errors import PickleError
from augury.looks import find_look

SAVE_PICKLE = "save the fitted estimator with pickle.dump or joblib.dump and give that file"

# Compressed or written in ways that scikit-learn's users meet, and that another library must undo.
OURS = (
    (b"\x04\x22\x4d\x18", "a file compressed with lz4", "save it again with joblib.dump(..., compress=3)"),
    (b"ZF", "a file that joblib before 0.10 wrote", "load it there and save it again with pickle.dump"),
)
ONNX = re.compile(rb"skl2onnx|onnxruntime|ai\.onnx")
SKOPS_MEMBER = b"schema.json"

TEXT = (
    (b"{", "JSON", SAVE_PICKLE),
    (b"[", "JSON", SAVE_PICKLE),
)


def check_looks(content: bytes) -> None:
    """Refuse a file whose first bytes tell that it is something else than a pickle."""
    if not content:
        raise PickleError("the file is empty", mend="write or copy the file again")
    if content.startswith(b"PK\x03\x04") and SKOPS_MEMBER in content:
        raise PickleError("the file looks like one of skops", mend="load it with skops.io.load and " + SAVE_PICKLE)
    for magic, what, mend in OURS:
        if content.startswith(magic):
            raise PickleError(f"the file is no pickle: it looks like {what}", mend=mend)
    look = find_look(content)
    if look is not None:
        raise PickleError(f"the file is no pickle: it looks like {look.what}", mend=look.mend or SAVE_PICKLE)


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
