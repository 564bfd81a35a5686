"""Mail over SMTP, one answer at a time, so that it is known what the server may have taken and what it cannot have.

A server is responsible for a mail from its answer to the end of the message on (RFC 5321, section 4.2.5). Before the
message is sent it cannot have taken it; between the message and the answer nobody here can know (RFC 1047).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from email.message import EmailMessage
from enum import Enum

from msgspec import Struct

from campaign.errors import CampaignError, TryLaterError
from campaign.settings import Server

_CLOSING = 421
_DOT = re.compile(rb"^\.", re.MULTILINE)
_BROKEN = (smtplib.SMTPException, OSError)
_LONGEST_DETAIL = 300


class Fate(Enum):
    """What became of a mail."""

    SENT = "the server has taken it"
    REFUSED = "it will not be taken, today or later"
    LATER = "it was not taken now"
    UNSENT = "the connection broke before the message was sent"
    UNKNOWN = "the connection broke between the message and the answer"


# What the answer to a message means, by its first digit; another one is no answer.
_FATES = {2: Fate.SENT, 4: Fate.LATER, 5: Fate.REFUSED}


class Outcome(Struct, frozen=True):
    """What became of a mail, with the server's code (0 without one) and words."""

    fate: Fate
    code: int = 0
    words: str = ""

    @property
    def detail(self) -> str:
        """It in one line, for the report."""
        return f"{self.code} {self.words}"[:_LONGEST_DETAIL] if self.code else self.fate.value


class Post:
    """A connection to one SMTP server, opened when it is needed."""

    def __init__(self, server: Server, sender: str, password: str | None) -> None:
        self._server, self._sender, self._password = server, sender, password
        self._smtp: smtplib.SMTP | None = None

    def open(self) -> None:
        """Connect where there is no connection; nothing is claimed before this has gone well.

        Raises:
            TryLaterError: the server is away.
            CampaignError: it does not let us in.
        """
        if self._smtp is not None:
            return
        where = f"{self._server.host}:{self._server.port}"
        try:
            self._smtp = self._connect()
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, ssl.SSLError) as error:
            mend = "check security, username and CAMPAIGN_SMTP_PASSWORD"
            raise CampaignError(f"the mail server {where} does not let us in ({type(error).__name__})", mend) from None
        except _BROKEN as error:
            what = f"the mail server {where} is away ({type(error).__name__})"
            raise TryLaterError(what, "run again when it is there") from None

    def send(self, letter: EmailMessage, recipient: str) -> Outcome:
        """Send a letter to one recipient.

        Raises:
            CampaignError: the server does not take the sender, so it would take no letter.
        """
        assert self._smtp is not None, "open() comes first"
        message = _DOT.sub(b"..", letter.as_bytes()) + b".\r\n"
        try:
            refused = self._ask(self._smtp, recipient)
        except _BROKEN:
            self.close()
            return Outcome(Fate.UNSENT)
        if refused is not None:
            return refused
        try:
            self._smtp.send(message)
            code, words = self._smtp.getreply()
        except _BROKEN:
            self.close()
            return Outcome(Fate.UNKNOWN)
        fate = _FATES.get(code // 100, Fate.UNKNOWN)
        return self._end(Outcome(fate, code, _read(words)))

    def close(self) -> None:
        """Leave, politely where there is somebody to hear it."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except _BROKEN:
            smtp.close()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.security == "tls":
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
        try:
            if server.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if server.username is not None:
                smtp.login(server.username, self._password or "")
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _ask(self, smtp: smtplib.SMTP, recipient: str) -> Outcome | None:
        """Ask for leave to send: None where it is given, and else what that means for the letter."""
        code, words = smtp.mail(self._sender)
        if 500 <= code < 600:
            said = f"{code} {_read(words)}"[:_LONGEST_DETAIL]
            raise CampaignError(f"the mail server does not take the sender ({said})", "check letters.sender")
        if code == 250:
            code, words = smtp.rcpt(recipient)
            if code in (250, 251):
                code, words = smtp.docmd("DATA")
                if code == 354:
                    return None
        fate = Fate.REFUSED if 500 <= code < 600 else Fate.LATER if 400 <= code < 500 else Fate.UNSENT
        return self._end(Outcome(Fate.UNSENT if code == _CLOSING else fate, code, _read(words)))

    def _end(self, outcome: Outcome) -> Outcome:
        """Begin anew after a letter that was not taken: with the next one, or on the next connection."""
        if outcome.fate in (Fate.UNSENT, Fate.UNKNOWN) or outcome.code == _CLOSING:
            self.close()
        elif outcome.fate is not Fate.SENT:
            self._reset()
        return outcome

    def _reset(self) -> None:
        try:
            if self._smtp is not None:
                self._smtp.rset()
        except _BROKEN:
            self.close()


def _read(words: bytes) -> str:
    """Read a server's words as one line that a terminal can show."""
    return "".join(each if each.isprintable() else " " for each in words.decode("ascii", "replace"))
