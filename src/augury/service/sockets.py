"""The socket that is listened on, opened before anything else so that a mistake is one sentence."""

from __future__ import annotations

import errno
import os
import socket

from augury.errors import UsageError

# As many connections wait to be accepted as uvicorn lets wait; the kernel's own limit may be lower.
_BACKLOG = 2048


def open_socket(host: str, port: int) -> socket.socket:
    """Listen on a TCP port; port 0 takes a free one.

    Raises:
        UsageError: nobody can listen there; the sentence says why.
    """
    try:
        candidates = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        mend = "say 127.0.0.1, or 0.0.0.0 for every interface"
        raise UsageError(f"{host[:64]!r} is no address of this machine", where="--host", mend=mend) from None
    family, kind, protocol, _, address = candidates[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere the option would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _explain(error, host, port) from None
    listener.setblocking(False)
    return listener


def find_url(host: str, listener: socket.socket) -> str:
    """Find the address by which a person on this machine reaches the socket."""
    port = listener.getsockname()[1]
    name = "localhost" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - compared, not bound
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _explain(error: OSError, host: str, port: int) -> UsageError:
    if error.errno == errno.EADDRINUSE:
        mend = "stop what listens there, or choose another with --port; 0 takes a free one"
        return UsageError(f"port {port} of {host} is in use", where="--port", mend=mend)
    if error.errno == errno.EACCES:
        return UsageError(f"port {port} is not open to this user", where="--port", mend="choose one from 1024 upwards")
    mend = "say 127.0.0.1, or 0.0.0.0 for every interface"
    return UsageError(f"nobody can listen on {host[:64]!r} here ({error.strerror})", where="--host", mend=mend)
