"""A mail server of one mailbox, for the demonstration and the tests: real SMTP, a real Maildir.

A mail is in the mailbox, and on the disk, before the server says 250. A Message-ID that a recipient has already is
dropped, as Dovecot does with Sieve's `duplicate` (RFC 7352) and Cyrus by itself. With ``--keep-duplicates`` it is
like most servers, which do not.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import signal
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session

_HOST = "127.0.0.1"


class Mailbox:
    """A Maildir, where a name in ``new`` is taken at most once."""

    def __init__(self, folder: Path, *, keep_duplicates: bool = False) -> None:
        self._folder, self._keep_duplicates = folder, keep_duplicates
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def deliver(self, content: bytes, sender: str, recipient: str) -> None:
        """Put a mail into the mailbox, whole and on the disk; not again where it is there."""
        written = self._folder / "tmp" / uuid4().hex
        with written.open("xb") as file:
            file.write(f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n".encode())
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link is made or is there: two deliveries of the same mail cannot both make it.
            (self._folder / "new" / self._name(content, recipient)).hardlink_to(written)
        except FileExistsError:
            pass
        finally:
            written.unlink()
        self._sync()

    def _name(self, content: bytes, recipient: str) -> str:
        message_id = message_from_bytes(content, policy=default)["Message-ID"]
        if self._keep_duplicates or message_id is None:
            return uuid4().hex
        return hashlib.sha256(f"{recipient}\0{message_id}".encode()).hexdigest()

    def _sync(self) -> None:
        folder = os.open(self._folder / "new", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class Door:
    """What the server does with a mail, as aiosmtpd calls it."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        """Deliver, and only then say that it is taken."""
        content = envelope.original_content or b""
        for recipient in envelope.rcpt_tos:
            self.mailbox.deliver(content, envelope.mail_from or "", recipient)
        return "250 it is in the mailbox"


async def serve(door: Door, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C, and say on which port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(door, hostname="mailbox.example"), _HOST, port)
    stop = asyncio.Event()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_, stop.set)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await stop.wait()
    server.close()


def main() -> None:
    """Read the command line, and serve."""
    parser = argparse.ArgumentParser(description="A mail server of one mailbox, on this machine alone.")
    parser.add_argument("folder", type=Path, help="the Maildir")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--keep-duplicates", action="store_true")
    told = parser.parse_args()
    asyncio.run(serve(Door(Mailbox(told.folder, keep_duplicates=told.keep_duplicates)), told.port))


if __name__ == "__main__":
    main()
