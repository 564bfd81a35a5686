"""What one service answers from: everything that its parts share, made once and handed to each."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import force_setattr

from augury.service.drain import Drain
from augury.service.gate.gate import Gate
from augury.service.log.access import Log, StandardLog
from augury.service.meter import Meter, NoMeter
from augury.service.models import Roster
from augury.service.settings import Settings


class Service(Struct, frozen=True):
    """The models that answer, the settings, whether it is stopping, who counts and who writes the log.

    ``log`` is told each request once it is answered, with the seconds that it took. ``gate`` is made from the settings,
    whatever is given: a service that forgot its gate would be open.
    """

    roster: Roster
    settings: Settings
    drain: Drain
    meter: Meter = NoMeter()
    log: Log = StandardLog()
    gate: Gate = Gate()

    def __post_init__(self) -> None:
        force_setattr(self, "gate", Gate(self.settings.api_keys, self.settings.allow_host))
