"""The least that an ASGI application can do: it reads the body, looks at none of it, and answers the same to all."""

from __future__ import annotations

from typing import Any

ANSWER = b'{"churn":false,"churn_probability":0.05960590758316391}'
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))],
}
BODY = {"type": "http.response.body", "body": ANSWER}


async def app(_scope: Any, receive: Any, send: Any) -> None:
    """Answer."""
    while (await receive()).get("more_body"):
        pass
    await send(START)
    await send(BODY)
