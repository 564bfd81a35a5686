"""The letter: plain text and HTML.

Of what customers say of themselves only the address is in a header, and it is checked. Their names are not: Python's
email package decodes ``=?utf-8?q?x=0D=0ABcc=3A_…?=`` in a name and writes the line end (seen in 3.11.7), and folds a
long quoted name without its quotes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from html import escape
from pathlib import Path
from string import Template

from msgspec import Struct

from campaign.customers import Customer
from campaign.errors import CampaignError
from campaign.settings import Letters


class _WholeHeader(UnstructuredHeader, BaseHeader):
    """A header in one line: a long address would else be cut into encoded words, which nobody looks for in one."""

    def fold(self, *, policy: Policy) -> str:
        """Write it as it is."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _WholeHeader)
# Seven bits go through every server; the letter is encoded where it holds more.
_POLICY = SMTP.clone(cte_type="7bit", header_factory=_HEADERS)
# RFC 5321, section 4.1.2, without quoted names and bare addresses of machines, which no customer has.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
_LONGEST_ADDRESS = 254
_NOT_PRINTED = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
_LONGEST_NAME = 100


def is_address(text: str) -> bool:
    """Tell whether a text is one plain address, and nothing beside it."""
    local = text.partition("@")[0]
    return len(text) <= _LONGEST_ADDRESS and len(local) <= 64 and _ADDRESS.fullmatch(text) is not None


def clean_name(name: str) -> str:
    """Make a name one line: what does not print becomes a space."""
    return _NOT_PRINTED.sub(" ", name).strip()[:_LONGEST_NAME]


def make_token(campaign: str, customer: str) -> str:
    """Make the name of the one mail that a customer gets from a campaign: the same in every run, and meaningless."""
    return hashlib.sha256(f"{campaign}\0{customer}".encode()).hexdigest()[:32]


class Stationery(Struct, frozen=True):
    """The texts of a campaign, read once."""

    letters: Letters
    text: Template
    html: Template

    def write(self, customer: Customer, token: str, when: datetime) -> EmailMessage:
        """Write the letter to a customer."""
        letters = self.letters
        unsubscribe = Template(letters.unsubscribe).substitute(token=token)
        values = {"name": clean_name(customer.name) or "customer", "unsubscribe": unsubscribe}
        letter = EmailMessage(policy=_POLICY)
        letter["From"] = Address(letters.sender_name, addr_spec=letters.sender)
        letter["To"] = Address(addr_spec=customer.email)
        letter["Subject"] = letters.subject
        letter["Date"] = when
        letter["Message-ID"] = f"<{token}@{letters.sender.rpartition('@')[2]}>"
        # One click, RFC 8058; that they are signed (DKIM) is the mail server's part.
        letter["List-Unsubscribe"] = f"<{unsubscribe}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        letter.set_content(self.text.substitute(values))
        letter.add_alternative(self.html.substitute(_escape(values)), subtype="html")
        return letter


def read_stationery(letters: Letters, folder: Path, when: datetime) -> Stationery:
    """Read the texts, and write one letter to nobody, so that a fault in them is found before anybody is mailed.

    Raises:
        CampaignError: a text cannot be read, or the letter cannot be written.
    """
    try:
        texts = [Template((folder / name).read_text("utf-8")) for name in (letters.text, letters.html)]
        stationery = Stationery(letters, *texts)
        nobody = Customer("", "Nobody", "nobody@example.org", opted_out=True, charges=None, record={})
        stationery.write(nobody, make_token("", ""), when).as_bytes()
    except KeyError as error:
        raise CampaignError(f"a letter has ${error.args[0]}", "it may have $name and $unsubscribe") from None
    except (OSError, UnicodeDecodeError, ValueError, MessageError, IndexError) as error:
        mend = "mend it, or [letters] in the settings"
        raise CampaignError(f"the letter cannot be written ({error})", mend) from None
    return stationery


def _escape(values: Mapping[str, str]) -> dict[str, str]:
    return {name: escape(value) for name, value in values.items()}
