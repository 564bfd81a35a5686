"""The socket that is listened on, opened before anything else so that a mistake is one sentence."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import socket
import struct
import sys

from augury.errors import UsageError

# As many connections wait to be accepted as uvicorn lets wait; the kernel's own limit may be lower.
_BACKLOG = 2048

# Linux numbers the option so on every processor but two that nobody serves from (alpha, parisc and sparc differ).
_SO_ATTACH_FILTER = 26
# A filter in the classic form (https://docs.kernel.org/networking/filter.html) over the TCP header: a packet whose
# flags, in its fourteenth byte, have SYN and not ACK asks for a new connection, and is dropped; any other is kept.
_DROP_NEW = (
    (0x30, 0, 0, 13),  # ldb [13]
    (0x54, 0, 0, 0x12),  # and #0x12
    (0x15, 1, 0, 0x02),  # jeq #0x02, the next but one
    (0x06, 0, 0, 0xFFFFFFFF),  # ret everything
    (0x06, 0, 0, 0),  # ret nothing
)


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


def hold_back(listener: socket.socket) -> bool:
    """Let nobody begin to connect any more, while those who have begun are still taken.

    Closing a listener resets the connections that the kernel made and nobody took, so the last ones must be taken when
    no other can come. A caller who is held back asks again after a second, and learns that nobody listens.

    Returns:
        Whether this system can do so: Linux can.
    """
    if sys.platform != "linux":
        return False
    program = b"".join(struct.pack("HBBI", *instruction) for instruction in _DROP_NEW)
    kept = ctypes.create_string_buffer(program, len(program))  # the kernel copies it before the call returns
    filter_program = struct.pack("HP", len(_DROP_NEW), ctypes.addressof(kept))
    with contextlib.suppress(OSError):  # a sandbox may forbid it
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, filter_program)
        return True
    return False


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
