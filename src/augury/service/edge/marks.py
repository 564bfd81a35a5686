"""What marks one request among those of equal heads: its id and its trace, which its answer repeats."""

from __future__ import annotations

import re
from typing import NamedTuple

from augury.service.trace import Trace, read_trace

# With one of these no two heads are equal.
MARKING = frozenset({b"x-request-id", b"traceparent"})
# A line of the head that is one of them and well formed (but for a trace, which whoever reads it judges).
_MARK = re.compile(rb"\r\n(x-request-id|traceparent): ?([A-Za-z0-9._-]{1,64})(?=\r\n)", re.IGNORECASE)


class Marks(NamedTuple):
    """The id that the caller gave, and the trace that it said."""

    request_id: str | None = None
    trace: Trace | None = None


NO_MARKS = Marks()


def split_marks(raw: bytes) -> tuple[bytes, Marks] | None:
    """Split a head into what many have in common, and its marks.

    None where it has none, or one of them twice: then the rules for those decide what is meant.
    """
    found = _MARK.findall(raw)
    marks = {name.lower(): value for name, value in found}
    if not found or len(marks) != len(found):
        return None
    request_id, traceparent = marks.get(b"x-request-id"), marks.get(b"traceparent")
    return _MARK.sub(b"", raw), Marks(
        request_id.decode("ascii") if request_id else None, read_trace(traceparent) if traceparent else None
    )
