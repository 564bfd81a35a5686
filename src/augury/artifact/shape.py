"""The shape of a file, judged on its raw bytes: whether it is safe to decode.

A decoder's stack grows with the nesting and its memory with the number of values; both are bounded here by passes in C
over the bytes, before anything is decoded.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import accumulate

# The deepest that a pipeline nests is about 20; the checks that walk a model recurse no deeper than the file does.
MAX_DEPTH = 64
# Bytes, escapes aside: longer than any name, level or sentence.
MAX_TEXT = 4096

# Bytes that are looked at in one go; no line is as long, for a line holds at most a key and a text.
_BLOCK = 2**16

# An opening bracket is a step down, a closing one a step up: 1 and, as a signed byte, -1.
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))


def find_misshape(content: bytes) -> str | None:
    """Say what makes a file unsafe to decode; None where nothing does. It takes time linear in the size."""
    depth = 0
    for block in _iter_blocks(content):
        if len(block) > 2 * _BLOCK:
            return f"it has a line of more than {_BLOCK >> 10} KiB"
        # Without escapes, every second piece between quotes is a text; no text goes over the end of a line.
        pieces = block.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
        if len(pieces) % 2 == 0 or max(map(len, pieces[1::2]), default=0) > MAX_TEXT:
            return f"it has a text of more than {MAX_TEXT} bytes, or one without an end"
        bare = b"".join(pieces[::2])
        if bare.count(b",") != bare.count(b",\n"):
            return "two of its values stand on one line, which Augury does not write"
        depths = list(accumulate(array("b", bare.translate(_STEPS, _OTHERS)), initial=depth))
        if max(depths) > MAX_DEPTH:
            return f"it is nested more than {MAX_DEPTH} deep"
        depth = depths[-1]
    return None


def _iter_blocks(content: bytes) -> Iterator[bytes]:
    """Cut the content behind line ends, into blocks of about the same size where its lines are short."""
    start = 0
    while start < len(content):
        end = content.find(b"\n", start + _BLOCK) + 1 or len(content)
        yield content[start:end]
        start = end
