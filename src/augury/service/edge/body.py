"""The body of a request as it arrives: counted where its length is declared, read by llhttp where it is chunked."""

from __future__ import annotations

from typing import Protocol

import httptools

from augury.service.edge.head import END, Head
from augury.service.problems import Refusal

# Chunks of one byte are five bytes of framing for each; extensions and trailers may have this much more.
_WORST_FRAMING = 8
_FREE_FRAMING = 16 * 1024


class BodyReader(Protocol):
    """Takes what arrives, and tells what of it is the body."""

    is_complete: bool

    def take(self, received: bytearray) -> bytes:
        """Take what belongs to this body out of ``received``, and tell its content.

        Raises:
            Refusal: it is malformed.
        """


class CountedBody:
    """A body of a declared length."""

    def __init__(self, length: int) -> None:
        self.left = length
        self.is_complete = length == 0

    def take(self, received: bytearray) -> bytes:
        """Take the bytes that are still to come."""
        piece = bytes(received[: self.left])
        del received[: len(piece)]
        self.left -= len(piece)
        self.is_complete = self.left == 0
        return piece

    def skip(self, size: int) -> int:
        """Pass over so many bytes of it, or all that are to come, because nobody wants them; tell how many."""
        skipped = min(size, self.left)
        self.left -= skipped
        self.is_complete = self.left == 0
        return skipped


class ChunkedBody:
    """A chunked body.

    It always ends with an empty line, so it is fed to the parser up to each of them: the parser never sees a byte of
    the request after it.
    """

    def __init__(self) -> None:
        self.is_complete = False
        self._pieces: list[bytes] = []
        self._tail = b""
        self._framing = 0
        self._parser = httptools.HttpRequestParser(self)
        # Written anew, so that an offer to upgrade, which is ignored, cannot make the parser stop here.
        self._parser.feed_data(b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n")

    def on_body(self, piece: bytes) -> None:
        """Keep a piece; the parser calls this."""
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """Note the end; the parser calls this."""
        self.is_complete = True

    def take(self, received: bytearray) -> bytes:
        """Feed what arrived to the parser, up to the end of the body."""
        arrived = self._tail + bytes(received)
        start = before = len(self._tail)
        while start < len(arrived) and not self.is_complete:
            # An empty line may have begun in what was fed before.
            found = arrived.find(END, max(0, start - 3))
            stop = len(arrived) if found < 0 else found + len(END)
            self._feed(arrived[start:stop])
            start = stop
        self._tail = arrived[max(0, start - 3) : start]
        del received[: start - before]
        content = b"".join(self._pieces)
        self._pieces.clear()
        self._framing += start - before - (_WORST_FRAMING + 1) * len(content)
        if self._framing > _FREE_FRAMING:
            raise Refusal("bad-request", "the chunked body is mostly chunk sizes, extensions or trailers")
        return content

    def _feed(self, piece: bytes) -> None:
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserError:
            raise Refusal("bad-request", "the chunked body is malformed") from None


def read_body(head: Head) -> BodyReader:
    """Make what reads the body that a head announces."""
    return ChunkedBody() if head.length is None else CountedBody(head.length)
