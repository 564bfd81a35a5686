"""The trace that a request belongs to, as the W3C's Trace Context (levels 1 and 2) tells it in ``traceparent``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

# Version, trace, parent, flags, in lower case. https://www.w3.org/TR/trace-context-2/#traceparent-header-field-values
_TRACEPARENT = re.compile(
    rb"(?!ff)(?P<version>[0-9a-f]{2})-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})(?P<parent>[0-9a-f]{16})"
    rb"-(?P<flags>[0-9a-f]{2})(?P<rest>-.*)?"
)
# The flags that version 00 knows, "sampled" and "random": it sends all others as zero.
_KNOWN_FLAGS = 0b11


class Trace(Struct, frozen=True):
    """A trace: its id, and the ``traceparent`` that goes back to the caller."""

    trace_id: str
    traceparent: str


def find_trace(headers: Iterable[tuple[bytes, bytes]]) -> Trace | None:
    """Find the trace that the caller says; None where it says none, or several, or one that is malformed."""
    sent = [value for name, value in headers if name == b"traceparent"]
    return read_trace(sent[0]) if len(sent) == 1 else None


def read_trace(sent: bytes) -> Trace | None:
    """Read the value of a ``traceparent``; None where it is malformed.

    A version of the future is read as far as version 00 goes, and what follows is left alone.
    """
    found = _TRACEPARENT.fullmatch(sent)
    if found is None or (found["version"] == b"00" and found["rest"] is not None):
        return None
    trace_id, parent = found["trace"].decode(), found["parent"].decode()
    return Trace(trace_id, f"00-{trace_id}-{parent}-{int(found['flags'], 16) & _KNOWN_FLAGS:02x}")
