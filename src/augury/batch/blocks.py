"""The bytes of a text file in blocks that end where a line ends."""

from __future__ import annotations

from typing import IO

SIZE = 8 * 2**20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Blocks:
    """Blocks of whole lines, one after the other; a byte order mark is no part of the first.

    ``ends`` are the characters that end a line, and ``size`` how many bytes are read at once. ``lines_before`` counts
    the lines of the blocks that are done: whoever reads a block adds its own.
    """

    def __init__(self, stream: IO[bytes], ends: bytes = b"\r\n", size: int = SIZE) -> None:
        self._stream = stream
        self._ends = ends
        self._size = size
        self._left = b""
        self._is_first = True
        self.lines_before = 0

    def read(self) -> bytes:
        """Read the next block; none is left where it is empty."""
        pieces = [self._left]
        while piece := self._stream.read(self._size):
            # A carriage return at the very end may have its line feed in the next piece.
            end = 1 + max(piece.rfind(b"\n"), piece.rfind(b"\r", 0, -1) if b"\r" in self._ends else -1)
            if end:
                self._left = piece[end:]
                return self._open(b"".join((*pieces, piece[:end])))
            pieces.append(piece)
        self._left = b""
        return self._open(b"".join(pieces))

    def _open(self, block: bytes) -> bytes:
        if self._is_first:
            self._is_first = False
            return block.removeprefix(_BYTE_ORDER_MARK)
        return block
