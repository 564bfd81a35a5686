"""The header ``Augury-Notes``: what was accepted and is worth knowing, where the number itself is not in doubt."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from augury.contract.faults import DOUBTFUL, MAX_LISTED, Note

# Of a pointer this many characters are told. A header stays under 4 KiB, half of what common proxies take as a head.
_MAX_POINTER = 64
_MAX_HEADER = 4096


class NotesHeader:
    """Notes as a list of RFC 9651 tokens, each with its place: ``unknown_key;at="/loyalty"``.

    The pointer is percent-encoded, so nothing that a caller writes can end the header. Doubtful notes are left out:
    the answer itself tells them. Notes beyond the bounds are counted: ``more;n=3``.
    """

    def __init__(self) -> None:
        self._items: list[str] = []
        self._length = 0
        self._more = 0

    def add(self, notes: Iterable[Note], prefix: str = "") -> None:
        """Add the notes of one record, which stands at the pointer ``prefix`` of the body."""
        for note in notes:
            if note.code not in DOUBTFUL:
                self._add(note, prefix)

    def find_headers(self) -> dict[str, str]:
        """Find the header by its name; nothing when there is nothing to tell."""
        encoded = self.encode()
        return {} if encoded is None else {"Augury-Notes": encoded}

    def encode(self) -> str | None:
        """Write the header's value; None when there is nothing to tell."""
        more = [f"more;n={self._more}"] if self._more else []
        return ", ".join([*self._items, *more]) or None

    def _add(self, note: Note, prefix: str) -> None:
        item = f'{note.code};at="{_encode_pointer(prefix + note.pointer)}"'
        if len(self._items) == MAX_LISTED or self._length + len(item) > _MAX_HEADER:
            self._more += 1
        else:
            self._items.append(item)
            self._length += len(item) + 2


def _encode_pointer(pointer: str) -> str:
    shown = pointer if len(pointer) <= _MAX_POINTER else pointer[: _MAX_POINTER - 1] + "…"
    return quote(shown, safe="/~", errors="replace")
