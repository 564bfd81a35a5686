"""The body of a request: its type, and its bytes within the limits."""

from __future__ import annotations

import re
from collections.abc import Sequence

from augury.service.problems import Refusal
from augury.service.rows import find_first_byte
from augury.service.settings import Settings

_JSON = re.compile(r'application/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?[ \t]*;?', re.IGNORECASE)


def check_media_type(types: Sequence[str], encoding: str) -> None:
    """Check that the body is said to be JSON, or is not said to be anything.

    Args:
        types: each ``Content-Type`` of the request.
        encoding: its ``Content-Encoding``; ``identity`` when it has none.

    Raises:
        Refusal: it is of another type, in another charset or compressed.
    """
    if len(types) > 1 or (types and not _JSON.fullmatch(types[0].strip())):
        detail = "the body is read as JSON in UTF-8; send it with Content-Type: application/json"
        raise Refusal("unsupported-media-type", detail, headers={"Accept": "application/json"})
    if encoding.lower() != "identity":
        detail = "compressed bodies are not read; send it without Content-Encoding"
        raise Refusal("unsupported-media-type", detail, headers={"Accept-Encoding": "identity"})


class Body:
    """A body as it arrives, piece by piece, held to the limit for an array or for one record.

    Args:
        settings: the limits.
        declared: the request's ``Content-Length``; empty when it has none.

    Raises:
        Refusal: the body is declared to be larger than any may be.
    """

    def __init__(self, settings: Settings, declared: str) -> None:
        if declared.isdecimal():
            _check_size(int(declared), settings.max_body)
        self.content = bytearray()
        self._settings = settings
        self._first = b""

    def add(self, piece: bytes) -> None:
        """Add a piece.

        Raises:
            Refusal: the body is larger than the limit for what its first byte says that it is.
        """
        self.content += piece
        # Never the whole body again: spaces would cost their square.
        self._first = self._first or find_first_byte(piece)
        limit = self._settings.max_body if self._first in (b"", b"[") else self._settings.max_record
        _check_size(len(self.content), limit)


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise Refusal("too-large", f"the body is larger than {limit:,} bytes; send less at once")
