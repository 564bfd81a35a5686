"""A reply as the bytes of an answer, in the order in which the application's own answers stand."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from augury.service.reply import Reply

_CLOSE = b"connection: close\r\n"


def write_status_line(status: int) -> bytes:
    """Write the first line of an answer."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return b"HTTP/1.1 %d %b\r\n" % (status, phrase.encode())


_STATUS_LINES = {status.value: write_status_line(status.value) for status in HTTPStatus}


def find_status_line(status: int) -> bytes:
    """Find the first line of an answer, written once for each known status."""
    return _STATUS_LINES.get(status) or write_status_line(status)


def write_reply(
    reply: Reply, signature: Mapping[str, str], date: bytes, *, keep_alive: bool, is_head: bool = False
) -> bytes:
    """Write a whole answer; ``date`` is the line of the header Date."""
    headers = {
        **reply.headers,
        "content-length": str(len(reply.body)),
        "content-type": find_content_type(reply.media_type),
        **signature,
    }
    lines = [b"%b: %b\r\n" % (name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    end = b"\r\n" if keep_alive else _CLOSE + b"\r\n"
    return b"".join((find_status_line(reply.status), date, *lines, end, b"" if is_head else reply.body))


def find_content_type(media_type: str) -> str:
    """Name the character set of a text, as Starlette does."""
    is_bare_text = media_type.startswith("text/") and "charset=" not in media_type
    return f"{media_type}; charset=utf-8" if is_bare_text else media_type
