"""Start servers in turn, from nothing to the first right answer, and read what memory they keep."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from serving import Server, ask, check_answer, prepare, run
from side_by_side import take_turns

# All of them: a server of several processes starts them beside each other, as it would in life.
_PROCESSORS = f"0-{(os.cpu_count() or 1) - 1}"
_ANSWERS = 100


class Start(Struct, frozen=True):
    """How soon a server answered, and what memory it kept after a hundred answers.

    Args:
        seconds: from creating its process to having its first answer, which was right.
        worker: the resident MB of the largest of its processes.
        whole: the MB of all of its processes; a page that is shared counts once, in parts.
    """

    seconds: float
    worker: float
    whole: float


Starts = dict[str, list[Start]]


def measure_starts(servers: Sequence[Server], folder: Path) -> Starts:
    """Start every server once a round, and once before, which reads its files from the disk and is not told.

    Args:
        servers: all of which are there.
        folder: has the fitted models.
    """
    for server in servers:
        prepare(server, folder)
    for server in take_turns(servers, 1):
        _measure(server, folder)
    figures: Starts = {server.name: [] for server in servers}
    for server in take_turns(servers):
        figures[server.name].append(_measure(server, folder))
    return figures


def _measure(server: Server, folder: Path) -> Start:
    with run(server, folder, processors=_PROCESSORS) as running:
        check_answer(server, running.answer)
        for _ in range(_ANSWERS):
            status, answer = ask(server, running.port)
            if status != server.status:
                raise SystemExit(f"{server.name} answers {status}")
            check_answer(server, answer)
        return Start(running.seconds, running.find_largest(), running.find_megabytes())
