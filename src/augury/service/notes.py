"""The header ``Augury-Notes``: what was accepted and is worth knowing, where the number itself is not in doubt."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from augury.contract.faults import DOUBTFUL, MAX_LISTED, Note

# Of a pointer this many characters are told; with 20 notes and three bytes an escape the header stays under 8 KiB,
# the least that common proxies take for a whole head.
_MAX_POINTER = 64
_MAX_HEADER = 4096


def encode_notes(notes: Iterable[Note]) -> str | None:
    """Write notes as a list of RFC 9651 tokens, each with its place: ``unknown_key;at="/loyalty"``.

    The pointer is percent-encoded, so nothing that a caller writes can end the header. Doubtful notes are left out:
    the answer itself tells them. Notes beyond the bounds are counted: ``more;n=3``.

    Returns:
        The header's value, or None when there is nothing to tell.
    """
    items: list[str] = []
    length, more = 0, 0
    for note in notes:
        if note.code in DOUBTFUL:
            continue
        item = f'{note.code};at="{_encode_pointer(note.pointer)}"'
        if len(items) == MAX_LISTED or length + len(item) > _MAX_HEADER:
            more += 1
            continue
        items.append(item)
        length += len(item) + 2
    if more:
        items.append(f"more;n={more}")
    return ", ".join(items) or None


def _encode_pointer(pointer: str) -> str:
    shown = pointer if len(pointer) <= _MAX_POINTER else pointer[: _MAX_POINTER - 1] + "…"
    return quote(shown, safe="/~", errors="replace")
