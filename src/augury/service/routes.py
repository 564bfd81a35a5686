"""What a table of routes is: each room that answers has one, and the application is all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

# A path's template, what answers, and the method; GET answers HEAD as well.
Routes = tuple[tuple[str, Callable[[Request], Awaitable[Response]], str], ...]
