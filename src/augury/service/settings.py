"""What may be set about the service. Nothing here changes an answer: policies and the threshold are the artifact's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from augury.errors import UsageError
from augury.service.gate.hosts import Hosts
from augury.service.gate.keys import ApiKey, check_keys

LogFormat = Literal["auto", "json", "text"]

_LAST_PORT = 65_535
_BOUNDS = (
    "max_body",
    "max_record",
    "max_rows",
    "max_target",
    "max_head",
    "max_fields",
    "head_seconds",
    "body_seconds",
    "idle_seconds",
    "max_connections",
)


class Settings(Struct, frozen=True, kw_only=True):
    """The service's settings, read once from options and ``AUGURY_*`` variables.

    Args:
        host: the address to listen on; only this machine's by default, so that nobody else's is an act.
        port: the port; 0 takes a free one, which the greeting names.
        workers: how many processes answer.
        default: the model of the bare routes; None is the first.
        reload: whether a model file that changes is taken while serving; on SIGHUP files are read again in any case.
        log_format: ``auto`` is text on a terminal and JSON elsewhere.
        max_body: the largest body, in bytes.
        max_record: the largest body that is one record, in bytes; a record of a thousand fields has 30 thousand.
        max_rows: the most records in one array; a thousand take about a hundredth of a second.
        max_target: the longest request line, in bytes.
        max_head: the largest head, in bytes.
        max_fields: the most header fields.
        head_seconds: how long a head may take to arrive, from its first byte or from the connection.
        body_seconds: how long a body may take; of a stream of lines, each line.
        idle_seconds: how long a connection is kept between requests; longer than a proxy keeps it (nginx: 60 s), so
            that the proxy closes first.
        max_connections: how many connections one worker keeps; the next are answered with 503.
        api_keys: the keys of those who may ask; without one, everybody may.
        allow_host: the names by which the service may be asked, exact or ``*.example.org``; without one, any.
        tracing: whether each request is told to OpenTelemetry, which needs ``augury[otel]``.
        fast_lane: whether a single record is answered before the application is asked; the answers are the same.

    Raises:
        UsageError: a setting cannot be honoured.
    """

    host: str = "127.0.0.1"
    port: int = 9696
    workers: int = 1
    default: str | None = None
    reload: bool = True
    log_format: LogFormat = "auto"
    max_body: int = 16 * 1024 * 1024
    max_record: int = 1024 * 1024
    max_rows: int = 10_000
    max_target: int = 8 * 1024
    max_head: int = 16 * 1024
    max_fields: int = 64
    head_seconds: float = 10.0
    body_seconds: float = 15.0
    idle_seconds: float = 75.0
    max_connections: int = 4096
    api_keys: Sequence[ApiKey] = ()
    allow_host: Sequence[str] = ()
    tracing: bool = False
    fast_lane: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.port <= _LAST_PORT:
            raise UsageError(f"there is no port {self.port}", where="--port", mend="choose one from 1 to 65535, or 0")
        if self.workers < 1:
            raise UsageError(f"{self.workers} workers cannot answer", where="--workers", mend="choose 1 or more")
        if not self.host:
            raise UsageError("the host is empty", where="--host", mend="say 127.0.0.1, or 0.0.0.0 for every interface")
        for name in _BOUNDS:
            if getattr(self, name) <= 0:
                option = f"--{name.replace('_', '-')}"
                raise UsageError(f"{getattr(self, name)} leaves nothing", where=option, mend="choose more than 0")
        check_keys(self.api_keys, (f"the key of {key.name[:64]!r}" for key in self.api_keys))
        Hosts(self.allow_host)
