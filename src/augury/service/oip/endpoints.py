"""What the protocol's routes answer."""

from __future__ import annotations

import asyncio

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from augury.contract.faults import Fault
from augury.errors import RecordError
from augury.prediction import Scorer
from augury.service.endpoints import find_asked, find_service
from augury.service.middleware import find_exchange
from augury.service.oip.binary import HEADER, OCTETS, split_body
from augury.service.oip.columns import read_columns
from augury.service.oip.envelope import check_count, read_request
from augury.service.oip.inference import Inference
from augury.service.oip.metadata import describe_index, describe_server, describe_tensors
from augury.service.oip.outputs import find_version, read_asked, reply_answers
from augury.service.problems import Refusal
from augury.service.records.body import Body, find_media_type
from augury.service.reply import Reply
from augury.service.response import make_response
from augury.service.routes import Routes

# After this many rows other requests get their turn: a refused row takes up to a millisecond.
_ROWS_A_TURN = 100


async def live(_request: Request) -> Response:
    """Answer that the process lives."""
    return make_response(Reply(b'{"live":true}'))


async def ready(request: Request) -> Response:
    """Answer whether requests should be sent here."""
    _check_ready(request)
    return make_response(Reply(b'{"ready":true}'))


async def show_server(_request: Request) -> Response:
    """Answer with what the service is."""
    return make_response(describe_server())


async def show_tensors(request: Request) -> Response:
    """Answer with a model's inputs and outputs."""
    return make_response(describe_tensors(_find_version_asked(request)))


async def model_ready(request: Request) -> Response:
    """Answer whether a model answers."""
    model = _find_version_asked(request)
    _check_ready(request)
    return make_response(Reply(msgspec.json.encode({"name": model.name, "ready": True})))


async def infer(request: Request) -> Response:
    """Answer the rows of a request's tensors."""
    model, settings = _find_version_asked(request), find_service(request).settings
    lengths = request.headers.getlist(HEADER)
    if len(lengths) > 1:
        raise RecordError([Fault("malformed", "", f"{HEADER} stands in the head more than once")])
    _check_media_type(request, may_be_octets=bool(lengths))
    content, binary = split_body(await _read_body(request), lengths[0] if lengths else None)
    check_count(content, max_rows=settings.max_rows, inputs=len(model.contract.fields))
    sent = read_request(content)
    asked = read_asked(model, sent)
    columns = read_columns(model.contract, sent.inputs, binary, settings.max_rows)
    exchange = find_exchange(request.scope)
    exchange.rows = len(columns[0].cells)
    inference = Inference(exchange, columns)
    for row, record in enumerate(inference.make_records()):
        if row % _ROWS_A_TURN == _ROWS_A_TURN - 1:
            await asyncio.sleep(0)
        inference.score(record, row)
    return make_response(reply_answers(model, sent, asked, inference.finish()))


async def index(request: Request) -> Response:
    """Answer with every model that is served."""
    body = await _read_body(request)
    if body:
        _check_media_type(request)
    models, drain = find_exchange(request.scope).models, find_service(request).drain
    return make_response(describe_index(models, body, is_stopping=drain.has_begun))


async def change(_request: Request) -> Response:
    """Refuse to load or unload a model."""
    detail = "models are not loaded or unloaded over HTTP: the service is told of files when it is started"
    raise Refusal("files-only", detail)


def _find_version_asked(request: Request) -> Scorer:
    """Find the model that the path names, in the version that it names.

    Raises:
        Refusal: there is no such model, or it is of another version.
    """
    model = find_asked(request)
    version = request.path_params.get("version")
    if version is not None and version != find_version(model):
        raise Refusal("not-found", "this model is served in another version; its metadata say which")
    return model


def _check_ready(request: Request) -> None:
    if find_service(request).drain.has_begun:
        raise Refusal("draining", "the service finishes what it has and stops", headers={"Retry-After": "1"})


def _check_media_type(request: Request, *, may_be_octets: bool = False) -> None:
    """Check that the body is JSON, or JSON with tensors behind it.

    Raises:
        Refusal: it is said to be of another type, or is compressed.
    """
    said = request.headers.getlist("content-type")
    types = [] if may_be_octets and [each.strip().lower() for each in said] == [OCTETS] else said
    find_media_type(types, request.headers.getlist("content-encoding"), takes_lines=False)


async def _read_body(request: Request) -> bytes:
    """Read the whole body.

    Raises:
        Refusal: it is larger than its limit.
        ClientDisconnect: the caller went away.
    """
    body = Body(find_service(request).settings, request.headers.get("content-length", ""), is_wrapped=True)
    async for piece in request.stream():
        body.add(piece)
    return bytes(body.content)


ROUTES: Routes = (
    ("/v2", show_server, "GET"),
    ("/v2/health/live", live, "GET"),
    ("/v2/health/ready", ready, "GET"),
    ("/v2/models/{name}", show_tensors, "GET"),
    ("/v2/models/{name}/ready", model_ready, "GET"),
    ("/v2/models/{name}/infer", infer, "POST"),
    ("/v2/models/{name}/versions/{version}", show_tensors, "GET"),
    ("/v2/models/{name}/versions/{version}/ready", model_ready, "GET"),
    ("/v2/models/{name}/versions/{version}/infer", infer, "POST"),
    ("/v2/repository/index", index, "POST"),
    ("/v2/repository/models/{name}/load", change, "POST"),
    ("/v2/repository/models/{name}/unload", change, "POST"),
)
