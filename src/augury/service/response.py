"""A reply as Starlette sends it."""

from __future__ import annotations

from starlette.responses import Response

from augury.service.reply import Reply


def make_response(reply: Reply) -> Response:
    """Make Starlette's response of a reply."""
    return Response(reply.body, reply.status, dict(reply.headers), media_type=reply.media_type)
