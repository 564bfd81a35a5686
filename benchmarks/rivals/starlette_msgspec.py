"""Starlette with the compiled model from bytes to bytes: types of msgspec in and out, and no pydantic."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import augury.api

answer_fast = augury.api.load_bundled().answer_fast


async def predict(request: Request) -> Response:
    """Answer one customer."""
    answered = answer_fast(await request.body())
    if answered is None:
        return Response(status_code=422)
    return Response(answered[0], media_type="application/json")


app = Starlette(routes=[Route("/predict", predict, methods=["POST"])])
