"""An answer before any web framework has seen it: what Starlette's routes and Flask's both send."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

JSON = "application/json"


class Reply(Struct, frozen=True):
    """A status, a body with its type, and the headers beside ``Content-Type`` and ``Content-Length``."""

    body: bytes
    status: int = 200
    media_type: str = JSON
    headers: Mapping[str, str] = {}
