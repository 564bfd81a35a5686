"""``GET /metrics``: whichever process is asked answers for all of them."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from augury.service.endpoints import find_service
from augury.service.meter import Meter
from augury.service.middleware import find_exchange
from augury.service.models import Models
from augury.service.reply import Reply
from augury.service.response import make_response
from augury.service.routes import Routes

_OPENMETRICS = "application/openmetrics-text"


async def show_metrics(request: Request) -> Response:
    """Answer with everything that was counted since the service started."""
    openmetrics = _takes_openmetrics(request.headers.getlist("accept"))
    # Forty routes take 14 ms to write; in a thread, others wait for a switch at most (5 ms).
    reply = await asyncio.to_thread(
        _write, find_service(request).meter, find_exchange(request.scope).models, openmetrics=openmetrics
    )
    return make_response(reply)


def _write(meter: Meter, models: Models, *, openmetrics: bool) -> Reply:
    # Prometheus' library takes 40 ms to load, which a service that nobody watches need not spend.
    from augury.service.metrics.exposition import OPENMETRICS, TEXT, write_openmetrics, write_text

    if openmetrics:
        return Reply(write_openmetrics(meter.read(), models), media_type=OPENMETRICS)
    return Reply(write_text(meter.read(), models), media_type=TEXT)


def _takes_openmetrics(accepted: list[str]) -> bool:
    """Tell whether OpenMetrics is among what is accepted; its versions differ in nothing that is written here."""
    offers = [offer.partition(";")[0].strip().lower() for header in accepted for offer in header.split(",")]
    return _OPENMETRICS in offers


ROUTES: Routes = (("/metrics", show_metrics, "GET"),)
