"""Requests over HTTP by httpx2: bytes there, and bytes or a reason back, within a time and a size."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any

import httpx2

from augury.client.question import Question
from augury.client.reading import Answered
from augury.client.timeouts import Timeouts
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
# httpx2 keeps so many connections; each one more is opened and closed for a single question. None of them waits in its
# pool, which is gone through at every answer: with 5,000 waiting there a question took twice as long.
_MOST_AT_ONCE = 20
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

    def __init__(self, base_url: str, headers: Mapping[str, str]) -> None:
        self.base, auth = read_url(base_url)
        self._http = httpx2.Client(headers=_merge(headers), auth=auth)

    def send(self, question: Question, timeouts: Timeouts) -> Answered | ServiceError:
        """Ask, and return the answer or the reason for which there is none."""
        url = self.base + question.path
        try:
            with self._http.stream(**_ask(url, question, timeouts)) as response:
                receiver = _Receiver(url, timeouts.answer)
                for piece in response.iter_bytes():
                    receiver.add(piece)
                return receiver.finish(response)
        except (httpx2.RequestError, ServiceError) as error:
            return _translate(error, url, timeouts.answer)

    def close(self) -> None:
        """Close every connection."""
        self._http.close()


class AsyncTransport:
    """Connections to one service, of one event loop."""

    def __init__(self, base_url: str, headers: Mapping[str, str]) -> None:
        self.base, auth = read_url(base_url)
        self._http = httpx2.AsyncClient(headers=_merge(headers), auth=auth)
        self._turns = asyncio.Semaphore(_MOST_AT_ONCE)

    async def send(self, question: Question, timeouts: Timeouts) -> Answered | ServiceError:
        """Ask, and return the answer or the reason for which there is none."""
        url = self.base + question.path
        try:
            async with (
                asyncio.timeout(timeouts.total),
                self._turns,
                self._http.stream(**_ask(url, question, timeouts)) as response,
            ):
                receiver = _Receiver(url, timeouts.answer)
                async for piece in response.aiter_bytes():
                    receiver.add(piece)
                return receiver.finish(response)
        except TimeoutError:
            return _translate(httpx2.ReadTimeout("it took too long in all"), url, timeouts.total)
        except (httpx2.RequestError, ServiceError) as error:
            return _translate(error, url, timeouts.answer)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()


def read_url(base_url: str) -> tuple[str, tuple[str, str] | None]:
    """Read an address: without what follows its path, and apart from it the name and password that it may have.

    They are sent as HTTP's basic authentication; addresses are told in errors and logs, where no password belongs.

    Raises:
        UsageError: it is no address of a web server.
    """
    mend = "say it as in http://localhost:9696"
    try:
        url = httpx2.URL(base_url)
    except (httpx2.InvalidURL, TypeError):
        raise UsageError("this is no address", where="base_url", mend=mend) from None
    base = str(url.copy_with(query=None, fragment=None, userinfo=b"")).rstrip("/")
    if url.scheme not in ("http", "https") or not url.host or (url.port or 0) > _LAST_PORT:
        raise UsageError(f"{base!r} is no address of a web server", where="base_url", mend=mend)
    return base, (url.username, url.password) if url.userinfo else None


def _merge(headers: Mapping[str, str]) -> httpx2.Headers:
    """Add ours to a caller's; what a body is, and what is read, is not his to say."""
    merged = httpx2.Headers(dict(headers))
    merged.update(_JSON)
    return merged


def _ask(url: str, question: Question, timeouts: Timeouts) -> dict[str, Any]:
    """Write a question in httpx2's words; where all our connections are in use, it waits for one as long as it may."""
    timeout = httpx2.Timeout(timeouts.answer, connect=timeouts.connect, pool=timeouts.total)
    content, headers = question.body, dict(question.headers)
    return {"method": question.method, "url": url, "content": content, "headers": headers, "timeout": timeout}


def _translate(error: httpx2.RequestError | ServiceError, url: str, timeout: float) -> ServiceError:
    """Say in our own words why there is no answer."""
    match error:
        case ServiceError():
            return error
        case httpx2.PoolTimeout():
            what = "every connection of this client was in use, and none became free in time"
            return ServiceTimeoutError(what, where=url, mend="ask for less at once")
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
