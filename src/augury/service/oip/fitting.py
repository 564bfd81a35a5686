"""A problem as the protocol wants it: its errors are JSON objects with the member ``error``."""

from __future__ import annotations

import msgspec

from augury.service.reply import JSON, Reply

_PROBLEM = "application/problem+json"


def is_v2(path: str) -> bool:
    """Tell whether a path belongs to the protocol."""
    return path == "/v2" or path.startswith("/v2/")


def fit_reply(reply: Reply, path: str) -> Reply:
    """Fit a reply to the path that was asked: on the protocol's paths a problem also says its detail as ``error``."""
    if reply.media_type != _PROBLEM or not is_v2(path):
        return reply
    problem = msgspec.json.decode(reply.body, type=dict[str, msgspec.Raw])
    body = msgspec.json.encode(problem | {"error": problem["detail"]})
    return Reply(body, reply.status, JSON, reply.headers)
