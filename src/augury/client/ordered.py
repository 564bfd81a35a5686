"""Several things under way at once, in an event loop, with their results in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from typing import TypeVar

from augury.errors import UsageError

T = TypeVar("T")


async def iter_ordered(asks: AsyncIterator[Coroutine[object, object, T]], most: int) -> AsyncGenerator[T]:
    """Have at most so many under way, and yield each one's result in the order in which they came.

    The next is not drawn before the first has been taken, so that what is held is bounded. Whoever stops taking them,
    and a failure of one, cancels those that are under way.
    """
    under_way: deque[asyncio.Task[T]] = deque()
    try:
        async for ask in asks:
            under_way.append(asyncio.create_task(ask))
            if len(under_way) == most:
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


def check_concurrency(concurrency: int) -> None:
    """Check how many may be under way.

    Raises:
        UsageError: none can be.
    """
    if concurrency < 1:
        raise UsageError(f"{concurrency} requests at once answer nothing", where="concurrency", mend="choose 1 or more")
