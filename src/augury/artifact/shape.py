"""The shape of a file, judged on its raw bytes: whether it is safe to decode.

A decoder's stack grows with the nesting and its memory with the number of values; both are bounded here by passes in C
over the bytes, before anything is decoded.
"""

from __future__ import annotations

import re

# The deepest that a pipeline nests is about 20; the checks that walk a model recurse no deeper than the file does.
MAX_DEPTH = 64
# Longer than any name, level or sentence; so is no line longer than this by much, and no number.
MAX_TEXT = 4096

# Escaped quotes and backslashes are gone before this is used. A text that is too long keeps its first quote.
_TEXT = re.compile(rb'"[^"]{0,%d}+"' % MAX_TEXT)
# Twice the digits that any double or 64-bit integer is written with: converting a long number is quadratic.
_LONG_NUMBER = re.compile(rb"[-+.0-9eE]{50}")
_BRACKETS = b"[]{}"
_OTHERS = bytes(set(range(256)) - set(_BRACKETS))


def find_misshape(content: bytes) -> str | None:
    """Say what makes a file unsafe to decode; None where nothing does. It takes time linear in the size."""
    bare = _TEXT.sub(b"", content.replace(b"\\\\", b"").replace(b'\\"', b""))
    if b'"' in bare:
        return f"it has a text of more than {MAX_TEXT} bytes, or one without an end"
    if bare.count(b",") != bare.count(b",\n"):
        return "it is not as Augury writes it: two values stand on one line"
    if _LONG_NUMBER.search(bare):
        return "it has a number of 50 digits or more"
    return _find_nesting(bare.translate(None, _OTHERS))


def _find_nesting(brackets: bytes) -> str | None:
    for _ in range(MAX_DEPTH):
        if not brackets:
            return None
        # Each pass takes away at least the innermost level, everywhere at once.
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if not brackets:
        return None
    return f"it is nested more than {MAX_DEPTH} deep, or its brackets do not match"
