"""One request while it is read and answered."""

from __future__ import annotations

from msgspec import Struct
from starlette.types import Scope

from augury.service.edge.body import BodyReader, CountedBody
from augury.service.edge.cycle import Cycle
from augury.service.edge.head import Head
from augury.service.edge.lane import Ticket
from augury.service.edge.line import Line
from augury.service.edge.load import find_cost
from augury.service.edge.marks import Marks

# This much of a body that nobody wants is read to keep the connection.
_MAX_SWALLOWED = 1024 * 1024


class Request(Struct):
    """The request that is being read or answered.

    ``held`` is what has arrived of a body that may take the lane; ``is_answered`` says that the rest of its body is
    read for nobody, and ``is_counted`` that it is counted as work.
    """

    head: Head
    reader: BodyReader
    started: float
    ticket: Ticket | None
    marks: Marks
    held: bytearray
    cycle: Cycle | None = None
    is_answered: bool = False
    is_counted: bool = False

    @property
    def cost(self) -> int:
        """What answering it costs, as the load counts it."""
        return find_cost(self.head.length)

    def is_swallowed(self) -> bool:
        """Tell whether what is left of the body is read although nobody wants it."""
        return self.reader.is_complete or (isinstance(self.reader, CountedBody) and self.reader.left <= _MAX_SWALLOWED)


def make_scope(head: Head, line: Line) -> Scope:
    """Make what ASGI tells the application of a request."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": head.version,
        "method": head.method,
        "scheme": "https" if line.transport.get_extra_info("sslcontext") else "http",
        "path": head.path,
        "raw_path": head.raw_path,
        "query_string": head.query,
        "root_path": "",
        "headers": head.headers,
        "client": line.find_address("peername"),
        "server": line.find_address("sockname"),
        "state": {},
    }
