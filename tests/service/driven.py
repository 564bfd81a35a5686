"""The two clients, asked in one way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Self

import pytest

import augury
from tests.service.scripted import write_answer

LABEL = {"augury_model": "churn@0123456789ab", "content_type": "application/json"}
ANSWER = write_answer(200, b'{"churn":true,"churn_probability":0.75}', **LABEL)


class Driven:
    """An AsyncClient that is asked as a Client is, on an event loop of its own."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._runner = asyncio.Runner()
        self._client = augury.AsyncClient(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        """Ask, and await the answer."""
        method = getattr(self._client, name)

        def call(*arguments: Any, **options: Any) -> Any:
            asked = method(*arguments, **options)
            if isinstance(asked, augury.AsyncClient):
                return self._drive(asked)
            return self._runner.run(_await(asked))

        return call

    def __repr__(self) -> str:
        return repr(self._client)

    def __enter__(self) -> Self:
        self._runner.run(self._client.__aenter__())
        return self

    def __exit__(self, *error: object) -> None:
        self._runner.run(self._client.__aexit__(None, None, None))
        self._runner.close()

    def _drive(self, client: augury.AsyncClient) -> Driven:
        """Drive another client on the same loop."""
        driven = object.__new__(Driven)
        driven._runner, driven._client = self._runner, client
        return driven


async def _await(asked: Any) -> Any:
    return [each async for each in asked] if isinstance(asked, AsyncIterator) else await asked


BOTH = pytest.mark.parametrize("make", [augury.Client, Driven], ids=["blocking", "async"])
