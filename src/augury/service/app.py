"""The application: routes, and what goes around them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from augury.errors import RecordError
from augury.prediction import Scorer
from augury.service import endpoints
from augury.service.drain import Drain
from augury.service.exchange import count_faults
from augury.service.metrics import endpoint as metrics_endpoint
from augury.service.metrics.tally import tally_alone
from augury.service.middleware import ExchangeMiddleware, find_exchange
from augury.service.models import Roster, gather_models
from augury.service.oip import endpoints as oip_endpoints
from augury.service.openapi import endpoint as openapi_endpoint
from augury.service.page import front as front_page
from augury.service.problems import Refusal, answer_faults, answer_refusal, refuse_method
from augury.service.response import make_problem
from augury.service.routes import Routes
from augury.service.service import Service
from augury.service.settings import Settings

_ROUTES: Routes = (
    *front_page.ROUTES,
    *endpoints.ROUTES,
    *openapi_endpoint.ROUTES,
    *metrics_endpoint.ROUTES,
    *oip_endpoints.ROUTES,
)


class TemplateRoute(Route):
    """A route that tells the exchange its template, which is what the log may say of a path."""

    def __init__(self, path: str, endpoint: Callable[[Request], Awaitable[Response]], method: str) -> None:
        super().__init__(path, endpoint, methods=[method])
        # Starlette's expression ends with `$`, which matches before a last line feed too: /predict%0A is not /predict.
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + r"\Z")

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request to this path, whatever its method."""
        find_exchange(scope).route = self.path
        await super().handle(scope, receive, send)


def create_app(models: Sequence[Scorer], *, settings: Settings, default: str | None = None) -> Starlette:
    """Make the application that answers with these models; the server beneath it may be anybody's.

    The bare routes are the model's named ``default``, else the settings', else the first's.

    Raises:
        UsageError: the models cannot be served together.
    """
    roster = Roster(gather_models(models, default or settings.default))
    return build_app(Service(roster, settings, Drain(), tally_alone()))


def build_app(service: Service) -> Starlette:
    """Build the application of a service."""
    app = Starlette(
        routes=[TemplateRoute(path, endpoint, method) for path, endpoint, method in _ROUTES],
        middleware=[Middleware(ExchangeMiddleware, service=service)],
        exception_handlers={
            HTTPException: _answer_http_exception,
            Refusal: _answer_refusal,
            RecordError: _answer_record_error,
        },
    )
    # A redirect would be made from the Host that the caller claims, and a client may not repeat its POST.
    app.router.redirect_slashes = False
    app.state.service = service
    return app


async def _answer_http_exception(request: Request, error: Exception) -> Response:
    """Answer what the router refuses: an unknown path, or a method that the path does not have."""
    status, headers = cast("HTTPException", error).status_code, cast("HTTPException", error).headers or {}
    if status == 405:
        refusal = refuse_method(method.strip() for method in headers.get("Allow", "").split(","))
    else:
        refusal = Refusal("not-found", "no such path; GET / says what is served here and how to ask")
    return await _answer_refusal(request, refusal)


async def _answer_refusal(request: Request, error: Exception) -> Response:
    exchange, refusal = find_exchange(request.scope), cast("Refusal", error)
    exchange.meter.count_refusal(refusal.kind)
    return make_problem(answer_refusal(refusal, exchange.request_id), request.scope)


async def _answer_record_error(request: Request, error: Exception) -> Response:
    exchange = find_exchange(request.scope)
    refused = cast("RecordError", error)
    count_faults(exchange, refused.faults)
    return make_problem(answer_faults(refused, exchange.request_id), request.scope)
