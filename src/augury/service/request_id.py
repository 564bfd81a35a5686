"""The id of a request: the caller's own where it is well formed, else a new one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

# Letters, digits and three marks need no escaping in a header, a log line, a URN or a file name.
_WELL_FORMED = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# 120 random bits, then two digits that count: no two requests share one. To ask the system for them each time
# would cost as much as the rest of a log line.
_RANDOM_BYTES = 15
_ENDINGS = [f"{number:02x}" for number in range(256)]

_fresh: Iterator[str] = iter(())


def find_request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Take the id from ``X-Request-Id`` when the caller sent exactly one that is well formed, else make one."""
    sent = [value for name, value in headers if name == b"x-request-id"]
    if len(sent) == 1 and is_request_id(sent[0]):
        return sent[0].decode("ascii")
    return make_request_id()


def is_request_id(sent: bytes) -> bool:
    """Tell whether an id is well formed."""
    return _WELL_FORMED.fullmatch(sent) is not None


def make_request_id() -> str:
    """Make an id of 32 hexadecimal digits."""
    global _fresh  # noqa: PLW0603 - one for each process; a lock would cost more than all the rest
    made = next(_fresh, None)  # one step for the interpreter, so that no two threads are given the same
    while made is None:
        _fresh = map(os.urandom(_RANDOM_BYTES).hex().__add__, _ENDINGS)
        made = next(_fresh, None)
    return made


def _begin_anew() -> None:
    global _fresh  # noqa: PLW0603 - as above
    _fresh = iter(())


if hasattr(os, "register_at_fork"):  # where processes fork, none may go on with the ids of its parent
    os.register_at_fork(after_in_child=_begin_anew)
