"""Ask the questions of a folder with one of Python's clients: `python python_asks.py LIBRARY URL FOLDER WAY TIMES`.

The libraries are httpx and aiohttp. The ways are ``plain``, one after the other with all defaults; ``streamed``, where
no body has a length; and ``at-once``, all of them together.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import httpx

PIECE = 1000


async def iter_pieces(body: bytes) -> AsyncIterator[bytes]:
    """A body in pieces, whose length nobody knows."""
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]


async def send_by_httpx(client: httpx.AsyncClient, method: str, url: str, **sent: Any) -> tuple[int, bytes]:
    """Send a request by httpx."""
    response = await client.request(method, url, headers=sent["headers"], content=sent["body"], timeout=60)
    return response.status_code, response.content


async def send_by_aiohttp(client: aiohttp.ClientSession, method: str, url: str, **sent: Any) -> tuple[int, bytes]:
    """Send a request by aiohttp."""
    async with client.request(method, url, headers=sent["headers"], data=sent["body"]) as response:
        return response.status, await response.read()


LIBRARIES: dict[str, tuple[Any, Any]] = {
    "httpx": (httpx.AsyncClient, send_by_httpx),
    "aiohttp": (aiohttp.ClientSession, send_by_aiohttp),
}


async def main(library: str, url: str, folder: Path, way: str, times: int) -> None:
    """Ask everything, and print what came."""
    make_client, send = LIBRARIES[library]

    async def ask(time: int, question: str) -> None:
        name, method, target, media_type = question.split("\t")
        headers, body, file = {"X-Request-Id": name}, None, f"{name}.{time}.answer"
        if method == "POST":
            headers["Content-Type"] = media_type
            content = (folder / f"{name}.question").read_bytes()
            body = iter_pieces(content) if way == "streamed" else content
        status, answer = await send(client, method, url + target, headers=headers, body=body)
        (folder / file).write_bytes(answer)
        sys.stdout.write(f"{name}\t{status}\t-\t{file}\n")

    async with make_client() as client:
        questions = (folder / "questions.tsv").read_text("utf-8").splitlines()
        asking = [ask(time, question) for time in range(times) for question in questions]
        if way == "at-once":
            await asyncio.gather(*asking)
        else:
            for each in asking:
                await each


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4], int(sys.argv[5])))
