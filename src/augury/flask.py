"""The service's answers as a blueprint, for those who have a Flask application (``augury[flask]``).

::

    app = flask.Flask(__name__)
    app.register_blueprint(make_blueprint("churn.augury.json"), url_prefix="/churn")

Status, body, notes and limits are those of ``augury serve``, by the same functions. What is the application's stays
its own: paths that are not the blueprint's, its ``MAX_CONTENT_LENGTH`` where that is the lower one, and its log, in
which the logger ``augury.service`` has one line a request for whoever configures it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from os import PathLike, fspath
from time import perf_counter

import msgspec
from msgspec import Struct

from augury.api import load, load_bundled
from augury.errors import RecordError, UsageError
from augury.prediction import Scorer
from augury.service.descriptions import PONG, describe_contract, describe_model, describe_models
from augury.service.exchange import Exchange, count_faults, find_signature
from augury.service.log.access import log_failure, log_request
from augury.service.models import Models, find_model, gather_models
from augury.service.problems import Refusal, answer_faults, answer_internal, answer_refusal, refuse_method
from augury.service.records.answers import Answers, read_explain
from augury.service.records.body import Body, find_media_type
from augury.service.reply import Reply
from augury.service.request_id import find_request_id
from augury.service.settings import Settings

try:
    from flask import Blueprint, Response, request
    from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
except ImportError as error:
    raise ImportError("augury.flask is for a Flask application; install augury[flask]") from error

# What any of Flask's routes may be asked with; a method that a path has not is refused here, as the service does.
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def make_blueprint(
    *models: Scorer | str | PathLike[str],
    name: str = "augury",
    url_prefix: str | None = None,
    default: str | None = None,
    settings: Settings | None = None,
) -> Blueprint:
    """Make a blueprint that answers with these models.

    Args:
        models: models, or paths of artifacts; the bundled churn model when none is named.
        name: of the blueprint, under which ``url_for`` finds its routes: ``augury.predict``.
        url_prefix: the path that the routes begin with; the application may say another when it registers.
        default: the name of the bare routes' model; the first when not given.
        settings: the service's, of which the limits count here.

    Raises:
        ArtifactError: an artifact is refused.
        UsageError: the models cannot be served together, or the settings guard what only the application can.
    """
    loaded = [load(fspath(each)) if isinstance(each, str | PathLike) else each for each in models]
    settings = settings or Settings()
    if settings.api_keys or settings.allow_host:
        mend = "let the application check its requests, and make the settings without"
        raise UsageError("keys and hosts are for augury serve", where="api_keys, allow_host", mend=mend)
    gathered = gather_models(loaded or [load_bundled()], default or settings.default)
    blueprint = Blueprint(name, __name__, url_prefix=url_prefix)
    for path, endpoint, method, work in _ROUTES:
        view = partial(_view, _Asked(gathered, settings), method, work)
        blueprint.add_url_rule(path, endpoint, view, methods=_METHODS, provide_automatic_options=False)
    return blueprint


class _Asked(Struct, frozen=True):
    """What a route answers from."""

    models: Models
    settings: Settings


_Work = Callable[[_Asked, Exchange], Reply]


def _view(asked: _Asked, method: str, work: _Work, /, name: str | None = None) -> Response:
    """Answer one request of the path of a model, or of a bare path."""
    started = perf_counter()
    sent = request.headers.get("X-Request-Id")
    exchange = Exchange(
        request_id=find_request_id([] if sent is None else [(b"x-request-id", sent.encode("latin-1", "replace"))]),
        method=request.method,
        models=asked.models,
        model=asked.models.default,
        route=str(request.url_rule),
    )
    reply = _reply(asked, method, work, exchange, name)
    exchange.status = reply.status
    exchange.size = 0 if request.method == "HEAD" else len(reply.body)
    log_request(exchange, perf_counter() - started)
    headers = {**reply.headers, **find_signature(exchange)}
    return Response(reply.body, reply.status, headers, content_type=reply.media_type)


def _reply(asked: _Asked, method: str, work: _Work, exchange: Exchange, name: str | None) -> Reply:
    allowed = ("GET", "HEAD") if method == "GET" else (method,)
    if request.method == "OPTIONS":  # browsers ask so before a request from elsewhere, and Flask's extensions answer
        return Reply(b"", headers={"Allow": ", ".join((*allowed, "OPTIONS"))})
    try:
        if request.method not in allowed:
            raise refuse_method(allowed)
        exchange.model = find_model(asked.models, name)
        return work(asked, exchange)
    except Refusal as refusal:
        return answer_refusal(refusal, exchange.request_id)
    except RecordError as refused:
        count_faults(exchange, refused.faults)
        return answer_faults(refused, exchange.request_id)
    except HTTPException:  # the application's own, of its limits or of a caller who went away
        raise
    except Exception as error:  # noqa: BLE001 - every caller needs a problem in its place, and the log the traceback
        log_failure(exchange, error)
        return answer_internal(exchange.request_id)


def _ping(_asked: _Asked, _exchange: Exchange) -> Reply:
    return PONG


def _predict(asked: _Asked, exchange: Exchange) -> Reply:
    return _answer(asked, exchange, explain=read_explain(request.args.getlist("explain")))


def _explain(asked: _Asked, exchange: Exchange) -> Reply:
    return _answer(asked, exchange, explain=True)


def _answer(asked: _Asked, exchange: Exchange, *, explain: bool) -> Reply:
    # To WSGI no type and an empty one are the same.
    said = request.headers.get("Content-Type")
    find_media_type([said] if said else [], request.headers.getlist("Content-Encoding"), takes_lines=False)
    body = _read_body(asked.settings)
    answers = Answers(exchange, explain=explain)
    rows = answers.split(body, asked.settings)
    if rows is None:
        return answers.reply_record(body)
    return answers.reply_rows(answers.answer_rows(rows))


def _read_body(settings: Settings) -> bytes:
    """Read the whole body, also one that the application has looked at before."""
    of_application = request.max_content_length
    limit = settings.max_body if of_application is None else min(of_application, settings.max_body)
    limits = msgspec.structs.replace(settings, max_body=limit, max_record=min(limit, settings.max_record))
    body = Body(limits, request.headers.get("Content-Length", ""))
    # Werkzeug 3.1 cuts a body without a length at its limit without a word, so it is let one byte beyond.
    request.max_content_length = limit + 1
    try:
        body.add(request.get_data())
    except RequestEntityTooLarge:
        raise Refusal("too-large", f"the body is larger than {limit:,} bytes; send less at once") from None
    return bytes(body.content)


def _schema(_asked: _Asked, exchange: Exchange) -> Reply:
    return describe_contract(exchange.model)


def _list_models(asked: _Asked, _exchange: Exchange) -> Reply:
    return describe_models(asked.models)


def _show_model(asked: _Asked, exchange: Exchange) -> Reply:
    return describe_model(exchange.model, asked.models)


# The service's routes, without those that are about its process: /, /livez and /readyz are the application's.
_ROUTES: tuple[tuple[str, str, str, _Work], ...] = (
    ("/ping", "ping", "GET", _ping),
    ("/predict", "predict", "POST", _predict),
    ("/explain", "explain", "POST", _explain),
    ("/schema", "schema", "GET", _schema),
    ("/models", "models", "GET", _list_models),
    ("/models/<name>", "model", "GET", _show_model),
    ("/models/<name>/predict", "model_predict", "POST", _predict),
    ("/models/<name>/explain", "model_explain", "POST", _explain),
    ("/models/<name>/schema", "model_schema", "GET", _schema),
)
