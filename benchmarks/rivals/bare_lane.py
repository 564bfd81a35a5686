"""Augury's service with nobody who counts and nobody who writes a log: what both cost is the difference."""

from __future__ import annotations

import sys

import augury.api
from augury.service.drain import Drain
from augury.service.exchange import Exchange
from augury.service.log.access import LogAnswer
from augury.service.meter import NoMeter
from augury.service.models import Roster, gather_models
from augury.service.process.server import GracefulServer
from augury.service.process.sockets import open_socket
from augury.service.service import Service
from augury.service.settings import Settings


class Silence:
    """Logs nothing."""

    def __call__(self, exchange: Exchange, seconds: float) -> None:
        """Do nothing."""

    def prepare(self, _route: str, _label: str, _key: str | None) -> LogAnswer:
        """Prepare to do nothing."""
        return lambda _seconds, _size, _request_id, _trace: None


if __name__ == "__main__":
    settings = Settings(port=int(sys.argv[1]))
    roster = Roster(gather_models([augury.api.load_bundled()]))
    service = Service(roster, settings, Drain(), NoMeter(), Silence())
    with open_socket(settings.host, settings.port) as listener:
        GracefulServer(service, lambda: None).run([listener])
