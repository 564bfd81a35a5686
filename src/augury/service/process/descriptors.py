"""As many connections as the system lets a process have files open, for each connection is one."""

from __future__ import annotations

import importlib.util
import logging

import msgspec

from augury.service.settings import Settings

_LOGGER = logging.getLogger("augury.service")
# What a process needs besides: models, the log, sockets, libraries that are loaded late.
_OTHERS = 64
# Those that are refused are taken first, all that wait with the kernel at once if need be.
_ARRIVING = 2048


def fit_connections(settings: Settings) -> Settings:
    """Let this process, and those that it starts, have as many files open as the settings' connections need.

    Where the system does not let it, fewer connections are kept: half of what there is room for, since the others must
    be taken to be refused. The log says so.
    """
    if importlib.util.find_spec("resource") is None:  # Windows, which has no such limit
        return settings
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.max_connections + _ARRIVING + _OTHERS
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return settings
    given = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (given, hard))
    kept = min(settings.max_connections, max(1, (given - _OTHERS) // 2))
    if given == wanted or kept == settings.max_connections:
        return settings
    members = {"max_connections": kept, "wanted": settings.max_connections, "open_files": given}
    _LOGGER.warning("fewer connections", extra={"augury_members": members})
    return msgspec.structs.replace(settings, max_connections=kept)
