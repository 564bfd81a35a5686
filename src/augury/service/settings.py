"""What may be set about the service. Nothing here changes an answer: policies and the threshold are the artifact's."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from augury.errors import UsageError

LogFormat = Literal["auto", "json", "text"]

_LAST_PORT = 65_535


class Settings(Struct, frozen=True, kw_only=True):
    """The service's settings, read once from options and ``AUGURY_*`` variables.

    Args:
        host: the address to listen on; only this machine's by default, so that nobody else's is an act.
        port: the port; 0 takes a free one, which the greeting names.
        workers: how many processes answer.
        default: the model of the bare routes; None is the first.
        log_format: ``auto`` is text on a terminal and JSON elsewhere.
        max_body: the largest body, in bytes.
        max_record: the largest body that is one record, in bytes; a record of a thousand fields has 30 thousand.
        max_rows: the most records in one array; a thousand take about a hundredth of a second.

    Raises:
        UsageError: a setting cannot be honoured.
    """

    host: str = "127.0.0.1"
    port: int = 9696
    workers: int = 1
    default: str | None = None
    log_format: LogFormat = "auto"
    max_body: int = 16 * 1024 * 1024
    max_record: int = 1024 * 1024
    max_rows: int = 10_000

    def __post_init__(self) -> None:
        if not 0 <= self.port <= _LAST_PORT:
            raise UsageError(f"there is no port {self.port}", where="--port", mend="choose one from 1 to 65535, or 0")
        if self.workers < 1:
            raise UsageError(f"{self.workers} workers cannot answer", where="--workers", mend="choose 1 or more")
        if not self.host:
            raise UsageError("the host is empty", where="--host", mend="say 127.0.0.1, or 0.0.0.0 for every interface")
