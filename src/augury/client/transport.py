"""Requests over HTTP by httpx2: bytes there, and bytes or a reason back, within a time and a size."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic

import httpx2

from augury.client.question import Question
from augury.client.reading import Answered
from augury.errors import (
    NoServiceError,
    ServiceError,
    ServiceTimeoutError,
    ServiceUnreachableError,
    UsageError,
)

# Ten thousand answers with reasons of a hundred fields each are 30 MiB; a server that sends more is something else.
_MAX_ANSWER = 64 * 1024 * 1024
_LAST_PORT = 65_535
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


class _Receiver:
    """An answer as it arrives, held to the time and the size that it may have."""

    def __init__(self, url: str, seconds: float) -> None:
        self._url, self._until = url, monotonic() + seconds
        self._body = bytearray()

    def add(self, piece: bytes) -> None:
        """Add a piece."""
        self._body += piece
        if monotonic() > self._until:  # each piece may come in time, and all of them never end
            raise httpx2.ReadTimeout("the answer does not end")
        if len(self._body) > _MAX_ANSWER:
            raise NoServiceError("what answers there sends more than any answer is", where=self._url)

    def finish(self, response: httpx2.Response) -> Answered:
        """Make the answer of what came."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answered(response.status_code, headers, bytes(self._body), self._url)


class BlockingTransport:
    """Connections to one service, to be used from any thread."""

    def __init__(self, base_url: str, headers: Mapping[str, str], timeout: float) -> None:
        self._base = check_url(base_url)
        self._timeout = timeout
        self._http = httpx2.Client(headers={**_JSON, **headers}, timeout=timeout)

    def send(self, question: Question) -> Answered | ServiceError:
        """Ask, and return the answer or the reason for which there is none."""
        url = self._base + question.path
        receiver = _Receiver(url, self._timeout)
        try:
            with self._http.stream(question.method, url, content=question.body) as response:
                for piece in response.iter_bytes():
                    receiver.add(piece)
                return receiver.finish(response)
        except (httpx2.RequestError, ServiceError) as error:
            return _translate(error, url, self._timeout)

    def close(self) -> None:
        """Close every connection."""
        self._http.close()


class AsyncTransport:
    """Connections to one service, of one event loop."""

    def __init__(self, base_url: str, headers: Mapping[str, str], timeout: float) -> None:
        self._base = check_url(base_url)
        self._timeout = timeout
        self._http = httpx2.AsyncClient(headers={**_JSON, **headers}, timeout=timeout)

    async def send(self, question: Question) -> Answered | ServiceError:
        """Ask, and return the answer or the reason for which there is none."""
        url = self._base + question.path
        receiver = _Receiver(url, self._timeout)
        try:
            async with self._http.stream(question.method, url, content=question.body) as response:
                async for piece in response.aiter_bytes():
                    receiver.add(piece)
                return receiver.finish(response)
        except (httpx2.RequestError, ServiceError) as error:
            return _translate(error, url, self._timeout)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()


def check_url(base_url: str) -> str:
    """Check an address, and take what follows its path off it.

    Raises:
        UsageError: it is no address of a web server.
    """
    mend = "say it as in http://localhost:9696"
    try:
        url = httpx2.URL(base_url)
    except (httpx2.InvalidURL, TypeError):
        raise UsageError(f"{base_url!r} is no address", where="base_url", mend=mend) from None
    if url.scheme not in ("http", "https") or not url.host or (url.port or 0) > _LAST_PORT:
        raise UsageError(f"{base_url!r} is no address of a web server", where="base_url", mend=mend)
    return str(url.copy_with(query=None, fragment=None)).rstrip("/")


def _translate(error: httpx2.RequestError | ServiceError, url: str, timeout: float) -> ServiceError:
    """Say in our own words why there is no answer."""
    match error:
        case ServiceError():
            return error
        case httpx2.ConnectTimeout() | httpx2.NetworkError() | httpx2.RemoteProtocolError() if _is_cut(error):
            what = f"there is no connection to the service ({str(error) or type(error).__name__})"
            return ServiceUnreachableError(what, where=url, mend="check the address, and that it runs")
        case httpx2.TimeoutException():
            what = f"the service did not answer within {timeout:g} seconds"
            return ServiceTimeoutError(what, where=url, mend="ask for less at once, or give it a longer timeout")
    what = f"what answers there is no Augury service: it does not speak HTTP ({str(error)[:100]})"
    return NoServiceError(what, where=url, mend="check the address")


def _is_cut(error: httpx2.RequestError) -> bool:
    """Tell a connection that is cut from a server that answers something else than HTTP."""
    return not isinstance(error, httpx2.RemoteProtocolError) or "disconnected" in str(error) or "closed" in str(error)
