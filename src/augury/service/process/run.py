"""Start the service, and stop it: in this process, or in several behind one socket."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from augury.errors import UsageError
from augury.service.drain import Drain
from augury.service.log.access import Log, RequestLog
from augury.service.log.start import start_logging
from augury.service.log.tracing import check_tracing, tell_traces
from augury.service.meter import Meter
from augury.service.metrics.tally import Tally, tally_alone, tally_parent
from augury.service.models import Roster
from augury.service.process.descriptors import fit_connections
from augury.service.process.greeting import Serving
from augury.service.process.server import GracefulServer
from augury.service.process.sockets import find_url, open_socket
from augury.service.reload.alone import hear_hangups, keep_models
from augury.service.reload.shelf import Shelf
from augury.service.service import Service
from augury.service.settings import Settings

if TYPE_CHECKING:
    from augury.service.process.worker import WorkerLink


def serve(shelf: Shelf, settings: Settings, announce: Callable[[Serving], None]) -> int:
    """Serve models until SIGTERM or SIGINT, and other models when their files change or SIGHUP comes.

    The socket is opened first, then the shelf is filled; ``announce`` is called once, when every worker answers.

    Args:
        shelf: the models, not yet read.
        settings: the service's.
        announce: told what is served, and where.

    Returns:
        The exit status: 0, 130 after SIGINT, 1 when a worker could not start.

    Raises:
        ArtifactError: a file is refused.
        UsageError: the socket cannot be opened, the models cannot be served together, or a setting cannot be honoured.
    """
    if settings.workers > 1 and not hasattr(os, "fork"):
        mend = "serve with one here, or on Linux or macOS"
        raise UsageError("this system cannot share a socket between workers", where="--workers", mend=mend)
    if settings.tracing:
        check_tracing()
    log = start_logging(settings.log_format)
    settings = fit_connections(settings)
    with open_socket(settings.host, settings.port) as listener:
        models = shelf.fill(settings.default)
        ordered = [models.default, *(model for model in models.by_name.values() if model is not models.default)]
        serving = Serving(find_url(settings.host, listener), ordered, settings.workers)
        serve_all = _serve_here if settings.workers == 1 else _serve_in_workers
        return serve_all(shelf, settings, log, listener, lambda: announce(serving))


def _serve_here(
    shelf: Shelf, settings: Settings, log: RequestLog, listener: socket.socket, on_ready: Callable[[], None]
) -> int:
    meter = tally_alone()
    tasks: list[asyncio.Task[None]] = []

    def begin() -> None:
        keeping = keep_models(shelf, service.roster, meter, hangups, watches=settings.reload)
        tasks.append(asyncio.ensure_future(keeping))
        on_ready()

    with tell_traces(log, is_wanted=settings.tracing) as told:
        service = _make_service(shelf, settings, told, meter)
        log.sink.count_dropped = meter.count_dropped_lines
        server = GracefulServer(service, begin)
        gc.freeze()  # the collector need not look again and again through what was loaded for ever
        with log.sink.running(), hear_hangups(server.begin_stop) as hangups:
            server.run([listener])
    return 128 + signal.SIGINT if server.captured == signal.SIGINT else 0


def _make_service(shelf: Shelf, settings: Settings, log: Log, meter: Meter) -> Service:
    return Service(Roster(shelf.models), settings, Drain(), meter, log)


def _serve_in_workers(
    shelf: Shelf, settings: Settings, log: RequestLog, listener: socket.socket, on_ready: Callable[[], None]
) -> int:
    """Serve in processes forked from this one: each has the models that were verified here.

    So all of them answer with the same model, also one that replaces a dead worker while the file is being changed.
    """
    from augury.service.process.supervisor import Supervisor, Task  # they name what Windows does not have
    from augury.service.reload.post import follow_parent

    def work(link: WorkerLink) -> int:
        meter, number = Tally(board, link.slot), shelf.number
        tasks: list[asyncio.Task[None]] = []

        def begin() -> None:
            following = follow_parent(link.channel, number, service.roster, shelf.parse, server.begin_stop)
            tasks.append(asyncio.ensure_future(following))

        with tell_traces(log, is_wanted=settings.tracing) as told:
            service = _make_service(shelf, settings, told, meter)
            log.sink.count_dropped = meter.count_dropped_lines
            server = GracefulServer(service, begin)
            with log.sink.running():
                server.run([listener])
        return 0

    board, meter = tally_parent(settings.workers)
    log.sink.count_dropped = meter.count_dropped_lines
    gc.freeze()  # the collector leaves what was loaded alone, so that its pages stay shared between the workers
    # Once the workers stop, nobody may wait at a socket that only this process still holds.
    task = Task(settings.workers, work, shelf, settings.reload, on_ready, listener.close, meter)
    return Supervisor(task).run()
