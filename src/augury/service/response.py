"""A reply as Starlette sends it."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Scope

from augury.service.oip.fitting import fit_reply
from augury.service.reply import Reply


def make_response(reply: Reply) -> Response:
    """Make Starlette's response of a reply."""
    return Response(reply.body, reply.status, dict(reply.headers), media_type=reply.media_type)


def make_problem(reply: Reply, scope: Scope) -> Response:
    """Make Starlette's response of a problem, in the form of the protocol whose path was asked."""
    return make_response(fit_reply(reply, scope["path"]))
