"""The id of a request: the caller's own where it is well formed, else a new one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

# Letters, digits and three marks need no escaping in a header, a log line, a URN or a file name.
_WELL_FORMED = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# 128 random bits, as a UUID or a W3C trace id has: two requests never share one.
_RANDOM_BYTES = 16


def find_request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Take the id from ``X-Request-Id`` when the caller sent exactly one that is well formed, else make one."""
    sent = [value for name, value in headers if name == b"x-request-id"]
    if len(sent) == 1 and _WELL_FORMED.fullmatch(sent[0]):
        return sent[0].decode("ascii")
    return os.urandom(_RANDOM_BYTES).hex()
