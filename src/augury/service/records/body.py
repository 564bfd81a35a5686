"""The body of a request: its type, and its bytes within the limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from augury.service.problems import Refusal
from augury.service.records.rows import find_first_byte
from augury.service.settings import Settings

MediaType = Literal["application/json", "application/x-ndjson"]
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"

# One record a line. Only the first is what the specification of NDJSON names; the others are what else is in use for
# the very same lines: jsonlines.org's, SageMaker's, and the two with and without the ``x-`` that RFC 6648 ended.
NDJSON_NAMES = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/jsonlines",
    "application/x-jsonlines",
)
_TYPE = re.compile(r'([^ \t;]*)(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?[ \t]*;?', re.IGNORECASE)


def find_media_type(types: Sequence[str], codings: Sequence[str], *, takes_lines: bool) -> MediaType:
    """Find whether the body is JSON, which it is where nothing is said, or a record a line.

    Args:
        types: each ``Content-Type`` of the request.
        codings: each ``Content-Encoding``; lines of one name are one list (RFC 9110, section 5.3), and it may be empty.
        takes_lines: whether a record a line is taken here.

    Raises:
        Refusal: it is of a type that is not taken, in another charset or compressed.
    """
    media_type = _find_media_type(types)
    if media_type is None or (media_type == NDJSON and not takes_lines):
        lines = f", or with {NDJSON} and a record a line" if takes_lines else ""
        detail = f"the body is read as JSON in UTF-8; send it with Content-Type: {JSON}{lines}"
        taken = f"{JSON}, {NDJSON}" if takes_lines else JSON
        raise Refusal("unsupported-media-type", detail, headers={"Accept": taken})
    if ", ".join(codings).strip().lower() not in {"", "identity"}:
        detail = "compressed bodies are not read; send it without Content-Encoding"
        raise Refusal("unsupported-media-type", detail, headers={"Accept-Encoding": "identity"})
    return media_type


def _find_media_type(types: Sequence[str]) -> MediaType | None:
    if not types:
        return JSON
    said = _TYPE.fullmatch(types[0].strip()) if len(types) == 1 else None
    name = said.group(1).lower() if said else ""
    return JSON if name == JSON else NDJSON if name in NDJSON_NAMES else None


class Body:
    """A body as it arrives, piece by piece, held to the limit for an array or for one record.

    Args:
        settings: the limits.
        declared: the request's ``Content-Length``; empty when it has none.
        is_wrapped: whether an object holds the records, and is no record itself.

    Raises:
        Refusal: the body is declared to be larger than any may be.
    """

    def __init__(self, settings: Settings, declared: str, *, is_wrapped: bool = False) -> None:
        if declared.isdecimal():
            _check_size(int(declared), settings.max_body)
        self.content = bytearray()
        self._settings = settings
        self._first = b"[" if is_wrapped else b""

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
