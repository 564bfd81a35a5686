"""What the routes answer."""

from __future__ import annotations

import asyncio
from typing import cast

from starlette.requests import Request
from starlette.responses import Response

from augury.prediction import Scorer
from augury.service.descriptions import PONG, describe_contract, describe_model, describe_models
from augury.service.invocations.endpoint import answer_invocation
from augury.service.middleware import find_exchange
from augury.service.models import find_model
from augury.service.problems import Refusal
from augury.service.records.answers import Answers, read_explain
from augury.service.records.body import NDJSON, Body, MediaType, find_media_type
from augury.service.records.line_stream import LineStream
from augury.service.records.ndjson import LineAnswers
from augury.service.reply import Reply
from augury.service.response import make_response
from augury.service.routes import Routes
from augury.service.service import Service

# After this many rows of an array other requests get their turn: a refused row takes up to a millisecond.
_ROWS_A_TURN = 100


def find_service(request: Request) -> Service:
    """Find what a request is answered from; it is the application's ``state.service``."""
    return cast("Service", request.app.state.service)


def find_asked(request: Request) -> Scorer:
    """Find the model that the path names, else the default one, and say that it answers.

    Raises:
        Refusal: there is no model of that name.
    """
    exchange = find_exchange(request.scope)
    exchange.model = find_model(exchange.models, request.path_params.get("name"))
    return exchange.model


async def ping(_request: Request) -> Response:
    """Answer as the lab's service does."""
    return make_response(PONG)


async def predict(request: Request) -> Response:
    """Answer one record, an array of them, or one a line; with ``?explain=true``, with reasons."""
    return await _predict(request, explain=read_explain(request.query_params.getlist("explain")))


async def explain(request: Request) -> Response:
    """Answer with reasons."""
    return await _predict(request, explain=True)


async def _predict(request: Request, *, explain: bool) -> Response:
    find_asked(request)
    exchange, settings = find_exchange(request.scope), find_service(request).settings
    if _find_media_type(request, takes_lines=True) == NDJSON:
        return LineStream(request, exchange, LineAnswers(exchange, explain=explain, max_line=settings.max_record))
    body = await _read_body(request, Body(settings, request.headers.get("content-length", "")))
    answers = Answers(exchange, explain=explain)
    rows = answers.split(body, settings)
    return make_response(answers.reply_record(body) if rows is None else await _answer_rows(answers, rows))


async def invoke(request: Request) -> Response:
    """Answer as MLflow's scoring server does, and SageMaker's callers expect."""
    _find_media_type(request, takes_lines=False)
    settings = find_service(request).settings
    body = await _read_body(request, Body(settings, request.headers.get("content-length", ""), is_wrapped=True))
    return make_response(await answer_invocation(find_exchange(request.scope), body, settings))


def _find_media_type(request: Request, *, takes_lines: bool) -> MediaType:
    headers = request.headers
    return find_media_type(
        headers.getlist("content-type"), headers.getlist("content-encoding"), takes_lines=takes_lines
    )


async def _read_body(request: Request, body: Body) -> bytes:
    """Read the whole body.

    Raises:
        Refusal: it is larger than its limit.
        ClientDisconnect: the caller went away.
    """
    async for piece in request.stream():
        body.add(piece)
    return bytes(body.content)


async def _answer_rows(answers: Answers, rows: list[bytes]) -> Reply:
    answered: list[bytes] = []
    for first in range(0, len(rows), _ROWS_A_TURN):
        answered += answers.answer_rows(rows[first : first + _ROWS_A_TURN], first)
        await asyncio.sleep(0)
    return answers.reply_rows(answered)


async def list_models(request: Request) -> Response:
    """Answer with every model that is served."""
    return make_response(describe_models(find_exchange(request.scope).models))


async def show_model(request: Request) -> Response:
    """Answer with one model."""
    return make_response(describe_model(find_asked(request), find_exchange(request.scope).models))


async def schema(request: Request) -> Response:
    """Answer with the contract as JSON Schema."""
    return make_response(describe_contract(find_asked(request)))


async def livez(_request: Request) -> Response:
    """Answer that the process lives."""
    return make_response(Reply(b'{"status":"alive"}'))


async def readyz(request: Request) -> Response:
    """Answer whether requests should be sent here."""
    if find_service(request).drain.has_begun:
        raise Refusal("draining", "the service finishes what it has and stops", headers={"Retry-After": "1"})
    return make_response(Reply(b'{"status":"ready"}'))


ROUTES: Routes = (
    ("/ping", ping, "GET"),
    ("/predict", predict, "POST"),
    ("/explain", explain, "POST"),
    ("/invocations", invoke, "POST"),
    ("/schema", schema, "GET"),
    ("/models", list_models, "GET"),
    ("/models/{name}", show_model, "GET"),
    ("/models/{name}/predict", predict, "POST"),
    ("/models/{name}/explain", explain, "POST"),
    ("/models/{name}/schema", schema, "GET"),
    ("/livez", livez, "GET"),
    ("/readyz", readyz, "GET"),
)
