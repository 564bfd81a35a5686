"""Open connections, where the library that makes them is installed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING

from augury.errors import UsageError

if TYPE_CHECKING:
    from augury.client.transport import AsyncTransport, BlockingTransport


def open_blocking(base_url: str, headers: Mapping[str, str]) -> BlockingTransport:
    """Open connections that wait.

    Raises:
        UsageError: an argument cannot be honoured, or httpx2 is not installed.
    """
    _check_library()
    from augury.client.transport import BlockingTransport

    return BlockingTransport(base_url, headers)


def open_async(base_url: str, headers: Mapping[str, str]) -> AsyncTransport:
    """Open connections of an event loop.

    Raises:
        UsageError: an argument cannot be honoured, or httpx2 is not installed.
    """
    _check_library()
    from augury.client.transport import AsyncTransport

    return AsyncTransport(base_url, headers)


def _check_library() -> None:
    if find_spec("httpx2") is None:
        raise UsageError("a client needs the package httpx2", mend="install augury[client]")
