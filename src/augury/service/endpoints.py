"""What the routes answer."""

from __future__ import annotations

import asyncio
from typing import cast

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from augury.contract.jsonschema import make_schema
from augury.prediction import Scorer
from augury.service.answers import Answers
from augury.service.body import check_media_type, read_body
from augury.service.drain import Drain
from augury.service.exchange import find_exchange
from augury.service.models import Models, find_label
from augury.service.problems import Refusal
from augury.service.rows import find_first_byte, split_rows
from augury.service.settings import Settings

# After this many rows of an array other requests get their turn: a refused row takes up to a millisecond.
_ROWS_A_TURN = 100
_JSON = "application/json"
_EXPLAIN = {"true": True, "false": False}


class Service(Struct, frozen=True):
    """What the endpoints answer from; it is the application's ``state.service``."""

    models: Models
    settings: Settings
    drain: Drain


def find_service(request: Request) -> Service:
    """Find what a request is answered from."""
    return cast("Service", request.app.state.service)


def find_model(request: Request) -> Scorer:
    """Find the model that the path names, else the default one, and say that it answers.

    Raises:
        Refusal: there is no model of that name.
    """
    models = find_service(request).models
    name = request.path_params.get("name")
    model = models.default if name is None else models.by_name.get(name)
    if model is None:
        raise Refusal("not-found", "no model of this name is served here; GET /models lists those that are")
    find_exchange(request.scope).model = model
    return model


async def ping(_request: Request) -> Response:
    """Answer as the lab's service does."""
    return PlainTextResponse("PONG")


async def predict(request: Request) -> Response:
    """Answer one record, or an array of them; with ``?explain=true``, with reasons."""
    return await _predict(request, explain=_read_explain(request))


async def explain(request: Request) -> Response:
    """Answer with reasons."""
    return await _predict(request, explain=True)


async def _predict(request: Request, *, explain: bool) -> Response:
    model = find_model(request)
    check_media_type(request)
    settings = find_service(request).settings
    body = await read_body(request, settings)
    answers = Answers(model, find_exchange(request.scope), explain=explain)
    if find_first_byte(body) == b"[":
        rows = split_rows(body, max_rows=settings.max_rows, max_record=settings.max_record)
        find_exchange(request.scope).rows = len(rows)
        response = await _answer_rows(answers, rows)
    else:
        response = Response(answers.answer_record(body), media_type=_JSON)
    notes = answers.notes.encode()
    if notes is not None:
        response.headers["Augury-Notes"] = notes
    return response


async def _answer_rows(answers: Answers, rows: list[bytes]) -> Response:
    answered: list[bytes] = []
    for index, row in enumerate(rows):
        if index % _ROWS_A_TURN == _ROWS_A_TURN - 1:
            await asyncio.sleep(0)
        answered.append(answers.answer_row(row, index))
    headers = {"Augury-Refused": str(answers.refused)}
    return Response(b"[" + b",".join(answered) + b"]", headers=headers, media_type=_JSON)


def _read_explain(request: Request) -> bool:
    asked = request.query_params.get("explain", "false")
    if asked not in _EXPLAIN:
        raise Refusal("bad-query", "explain is true or false")
    return _EXPLAIN[asked]


class ServedModel(Struct, frozen=True):
    """What is said about a model that is served."""

    name: str
    target: str
    digest: str
    label: str
    golden_rows: int
    default: bool


async def list_models(request: Request) -> Response:
    """Answer with every model that is served."""
    models = find_service(request).models
    described = [_describe(model, models) for model in models.by_name.values()]
    return Response(msgspec.json.encode({"models": described}), media_type=_JSON)


async def show_model(request: Request) -> Response:
    """Answer with one model."""
    model = find_model(request)
    return Response(msgspec.json.encode(_describe(model, find_service(request).models)), media_type=_JSON)


def _describe(model: Scorer, models: Models) -> ServedModel:
    golden, is_default = len(model.examples), model is models.default
    return ServedModel(model.name, model.target, model.digest, find_label(model), golden, is_default)


async def schema(request: Request) -> Response:
    """Answer with the contract as JSON Schema."""
    model = find_model(request)
    written = make_schema(model.contract, model.name, model.digest, model.examples[0])
    return Response(msgspec.json.encode(written), media_type="application/schema+json")


async def livez(_request: Request) -> Response:
    """Answer that the process lives."""
    return Response(b'{"status":"alive"}', media_type=_JSON)


async def readyz(request: Request) -> Response:
    """Answer whether requests should be sent here."""
    if find_service(request).drain.has_begun:
        raise Refusal("draining", "the service finishes what it has and stops", headers={"Retry-After": "1"})
    return Response(b'{"status":"ready"}', media_type=_JSON)
