"""What one service answers from: everything that its parts share, made once and handed to each."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from augury.service.access_log import log_request
from augury.service.drain import Drain
from augury.service.exchange import Exchange
from augury.service.meter import Meter, NoMeter
from augury.service.models import Roster
from augury.service.settings import Settings


class Service(Struct, frozen=True):
    """The models that answer, the settings, whether it is stopping, who counts and who writes the log.

    ``log`` is told each request once it is answered, with the seconds that it took.
    """

    roster: Roster
    settings: Settings
    drain: Drain
    meter: Meter = NoMeter()
    log: Callable[[Exchange, float], None] = log_request
