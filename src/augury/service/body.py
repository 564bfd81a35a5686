"""The body of a request: its type, and its bytes within the limits."""

from __future__ import annotations

import re

from starlette.requests import Request

from augury.service.problems import Refusal
from augury.service.rows import find_first_byte
from augury.service.settings import Settings

_JSON = re.compile(r'application/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?[ \t]*;?', re.IGNORECASE)


def check_media_type(request: Request) -> None:
    """Check that the body is said to be JSON, or is not said to be anything.

    Raises:
        Refusal: it is of another type, in another charset or compressed.
    """
    types = request.headers.getlist("content-type")
    if len(types) > 1 or (types and not _JSON.fullmatch(types[0].strip())):
        detail = "the body is read as JSON in UTF-8; send it with Content-Type: application/json"
        raise Refusal("unsupported-media-type", detail, headers={"Accept": "application/json"})
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        detail = "compressed bodies are not read; send it without Content-Encoding"
        raise Refusal("unsupported-media-type", detail, headers={"Accept-Encoding": "identity"})


async def read_body(request: Request, settings: Settings) -> bytes:
    """Read the whole body.

    Raises:
        Refusal: it is larger than the limit for an array, or for one record.
        ClientDisconnect: the caller went away.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal():
        _check_size(int(declared), settings.max_body)
    body = bytearray()
    first = b""
    async for chunk in request.stream():
        body += chunk
        first = first or find_first_byte(chunk)  # never the whole body again: spaces would cost their square
        limit = settings.max_body if first in (b"", b"[") else settings.max_record
        _check_size(len(body), limit)
    return bytes(body)


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise Refusal("too-large", f"the body is larger than {limit:,} bytes; send less at once")
