"""The routes of the service's own description."""

from __future__ import annotations

import asyncio

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from augury.service.endpoints import find_service
from augury.service.gate.gate import OPEN_PATHS
from augury.service.middleware import find_exchange
from augury.service.models import Models
from augury.service.page.headers import find_origin, make_page_headers
from augury.service.routes import Routes
from augury.service.service import Service


class Written(Struct, frozen=True):
    """What is said of one snapshot of the models: the document, and the page with its style."""

    models: Models
    document: bytes
    page: str
    style: str


async def show_document(request: Request) -> Response:
    """Answer with the document."""
    written = await _find_written(request)
    return Response(written.document, media_type="application/json")


async def show_page(request: Request) -> Response:
    """Answer with the page."""
    from augury.service.openapi.page import address_page

    written = await _find_written(request)
    page = address_page(written.page, find_origin(request))
    return Response(page, media_type="text/html", headers=make_page_headers(written.style))


async def _find_written(request: Request) -> Written:
    """Find what was written of the models that answer this request, and write it when they are new."""
    models, state = find_exchange(request.scope).models, request.app.state
    written: Written | None = getattr(state, "description", None)
    # Other models are another snapshot: what is held here keeps the old one alive, so its place is never taken.
    if written is None or written.models is not models:
        # It takes some 50 ms; in a thread, others wait for a switch at most (5 ms).
        written = state.description = await asyncio.to_thread(_write, models, find_service(request))
    return written


def _write(models: Models, service: Service) -> Written:
    # Few services are ever asked for this, and what writes it is not needed by any other.
    from augury.service.openapi.document import make_document, write_document
    from augury.service.openapi.page import read_page_style, write_page

    is_guarded = _is_guarded if service.gate.asks_key else None
    document = make_document(models, service.settings, is_guarded)
    style = read_page_style()
    return Written(models, write_document(document), write_page(document, style), style)


def _is_guarded(path: str) -> bool:
    return path not in OPEN_PATHS


ROUTES: Routes = (
    ("/openapi.json", show_document, "GET"),
    ("/docs", show_page, "GET"),
)
