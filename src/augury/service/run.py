"""Start the service, and stop it: in this process, or in several behind one socket."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from augury.errors import UsageError
from augury.prediction import Scorer
from augury.service.drain import Drain
from augury.service.greeting import Serving
from augury.service.log_format import start_logging
from augury.service.models import Models, Roster, gather_models
from augury.service.server import GracefulServer
from augury.service.service import Service
from augury.service.settings import Settings
from augury.service.sockets import find_url, open_socket

if TYPE_CHECKING:
    from augury.service.supervisor import WorkerLink


def serve(load: Callable[[], Sequence[Scorer]], settings: Settings, announce: Callable[[Serving], None]) -> int:
    """Serve models until SIGTERM or SIGINT.

    The socket is opened first, then the models are loaded; ``announce`` is called once, when every worker answers.

    Args:
        load: loads and verifies the models; what it raises is raised.
        settings: the service's.
        announce: told what is served, and where.

    Returns:
        The exit status: 0, 130 after SIGINT, 1 when a worker could not start.

    Raises:
        UsageError: the socket cannot be opened, or the models cannot be served together.
    """
    if settings.workers > 1 and not hasattr(os, "fork"):
        mend = "serve with one here, or on Linux or macOS"
        raise UsageError("this system cannot share a socket between workers", where="--workers", mend=mend)
    start_logging(settings.log_format)
    with open_socket(settings.host, settings.port) as listener:
        models = load()
        gathered = gather_models(models, settings.default)
        ordered = [gathered.default, *(model for model in models if model is not gathered.default)]
        serving = Serving(find_url(settings.host, listener), ordered, settings.workers)
        if settings.workers == 1:
            return _serve_here(gathered, settings, listener, lambda: announce(serving))
        return _serve_in_workers(gathered, settings, listener, lambda: announce(serving))


def _serve_here(models: Models, settings: Settings, listener: socket.socket, on_ready: Callable[[], None]) -> int:
    server = _make_server(models, settings, on_ready)
    server.run([listener])
    return 128 + signal.SIGINT if server.captured == signal.SIGINT else 0


def _make_server(models: Models, settings: Settings, on_ready: Callable[[], None]) -> GracefulServer:
    service = Service(Roster(models), settings, Drain())
    return GracefulServer(service, on_ready)


def _serve_in_workers(models: Models, settings: Settings, listener: socket.socket, on_ready: Callable[[], None]) -> int:
    """Serve in processes forked from this one: each has the models that were verified here.

    So all of them answer with the same model, also one that replaces a dead worker after the file was changed.
    """
    from augury.service.supervisor import Supervisor  # it names signals that Windows does not have

    def work(link: WorkerLink) -> int:
        def begin() -> None:
            os.write(link.ready, b"1")
            asyncio.get_running_loop().add_reader(link.parent, _stop_as_orphan)

        def _stop_as_orphan() -> None:
            asyncio.get_running_loop().remove_reader(link.parent)
            server.begin_stop()

        server = _make_server(models, settings, begin)
        server.run([listener])
        return 0

    gc.freeze()  # the collector leaves what was loaded alone, so that its pages stay shared between the workers
    # Once the workers stop, nobody may wait at a socket that only this process still holds.
    return Supervisor(settings.workers, work, on_ready, listener.close).run()
