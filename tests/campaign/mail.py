"""Mail servers of the tests: the example's own, on a thread, with faults where a test wants them."""

from __future__ import annotations

import asyncio
import mailbox
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from ssl import SSLContext
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from mailbox_server import Door, Mailbox

# What is answered about a recipient's mail: an SMTP answer, or one of these.
CUT = "the connection is cut"
KILL = "the campaign is killed, and its mail goes on"
_PATIENCE = 30.0


class FaultyDoor(Door):
    """A server with faults: before a recipient is taken, before a mail is delivered, and after it."""

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__(mailbox)
        self.senders: dict[str, str] = {}
        self.recipients: dict[str, str] = {}
        self.before: dict[str, str] = {}
        self.after: dict[str, str] = {}
        self.victim: subprocess.Popen[bytes] | None = None
        self.received = 0
        self.connections = 0

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count connections."""
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a sender, or answer as the test wants."""
        if address in self.senders:
            return self.senders[address]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or answer as the test wants."""
        answer = self.recipients.get(address)
        if answer == CUT:
            _cut(server)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Deliver, or not, as the test wants."""
        self.received += 1
        answer = self._err(self.before, server, envelope)
        if answer is None:
            answer = await super().handle_DATA(server, session, envelope)
            answer = self._err(self.after, server, envelope) or answer
        return answer

    def _err(self, faults: dict[str, str], server: SMTP, envelope: Envelope) -> str | None:
        answer = faults.get(envelope.rcpt_tos[0])
        if answer == CUT:
            _cut(server)
        if answer == KILL:
            assert self.victim is not None
            self.victim.kill()
            self.victim.wait(_PATIENCE)
            return None
        return answer


def _cut(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


class MailServer:
    """A server that runs, and what its mailbox holds."""

    def __init__(self, folder: Path, *, keep_duplicates: bool) -> None:
        self.door = FaultyDoor(Mailbox(folder, keep_duplicates=keep_duplicates))
        self._folder = folder
        self.port = 0

    def read(self) -> list[EmailMessage]:
        """Read every mail, as any reader of a Maildir does."""
        kept = mailbox.Maildir(self._folder, create=False)
        return [BytesParser(EmailMessage, policy=default).parsebytes(kept.get_bytes(key)) for key in kept.iterkeys()]

    def count_by_recipient(self) -> Counter[str]:
        """Count the mails that each address has."""
        return Counter(str(mail["Delivered-To"]) for mail in self.read())


@contextmanager
def run_mail_server(folder: Path, *, keep_duplicates: bool = False, **options: Any) -> Iterator[MailServer]:
    """Run a server on a thread and a free port."""
    running = MailServer(folder, keep_duplicates=keep_duplicates)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> asyncio.Server:
        make = lambda: SMTP(running.door, hostname="mailbox.example", **options)  # noqa: E731 - one a connection
        return await loop.create_server(make, "127.0.0.1", 0)

    async def stop() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    try:
        server = asyncio.run_coroutine_threadsafe(start(), loop).result(_PATIENCE)
        running.port = server.sockets[0].getsockname()[1]
        yield running
        asyncio.run_coroutine_threadsafe(stop(), loop).result(_PATIENCE)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_PATIENCE)
        loop.close()


def make_locked(context: SSLContext, password: str) -> dict[str, Any]:
    """Make a server that wants STARTTLS, and then one password of whoever comes."""

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any) -> AuthResult:
        return AuthResult(success=login.password == password.encode(), handled=False)

    return {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": check}
