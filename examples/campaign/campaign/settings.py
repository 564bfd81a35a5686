"""What a campaign is told: one TOML file, read whole and strictly before anything is done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from campaign.errors import CampaignError

Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
# MAIL, RCPT, DATA and the message each wait for one answer.
_ANSWERS_PER_MAIL = 4


class Columns(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the customers are; every other column goes to the service, but for those ``kept_back``."""

    table: str = "customers"
    customer: str = "customerid"
    name: str = "name"
    email: str = "email"
    opted_out: str = "opted_out"
    charges: str = "monthlycharges"
    kept_back: tuple[str, ...] = ()


class Offer(Struct, frozen=True, forbid_unknown_fields=True):
    """What an offer brings and costs, in the currency of the charges; ``campaign.profit`` has the formula.

    Args:
        months: how long a customer who is kept goes on paying.
        margin: the share of the charges that is left after what serving him costs.
        accept: the share in [0, 1] of those who would leave and whom the offer keeps.
        incentive: what the offer costs when it is taken, also by one who would have stayed anyway.
        cost: of one mail.
    """

    months: Positive
    margin: Share
    accept: Share
    incentive: NotNegative
    cost: NotNegative


class Budget(Struct, frozen=True, forbid_unknown_fields=True):
    """What may be spent: so many mails, and so much money even if everybody takes the offer."""

    mails: Annotated[int, Meta(ge=0)] | None = None
    money: NotNegative | None = None


class Letters(Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent, and from whom; paths are from the settings' own folder."""

    sender: str
    sender_name: str
    subject: str
    text: str
    html: str
    unsubscribe: str


class Server(Struct, frozen=True, forbid_unknown_fields=True):
    """The SMTP server; its password comes from CAMPAIGN_SMTP_PASSWORD alone."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65_535)] = 25
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str | None = None
    timeout: Positive = 10.0
    lease: Positive = 60.0


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything a campaign is told; ``name`` is what makes it this campaign and no other.

    ``patience`` is for one answer of the service, in seconds.
    """

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    offer: Offer
    letters: Letters
    database: str = "sqlite:///campaign.db"
    service: str = "http://localhost:9696"
    patience: Positive = 30.0
    batch: Annotated[int, Meta(ge=1, le=10_000)] = 1000
    columns: Columns = Columns()
    budget: Budget = Budget()
    smtp: Server = Server()


def read_settings(path: Path) -> Settings:
    """Read the settings of a campaign.

    Raises:
        CampaignError: the file cannot be read, or says what cannot be.
    """
    try:
        settings = msgspec.toml.decode(path.read_bytes(), type=Settings)
    except OSError as error:
        raise CampaignError(f"{path} cannot be read ({error.strerror})", "name the settings with --settings") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CampaignError(f"{path}: {error}", "compare it with the campaign.toml of the example") from error
    smtp, letters = settings.smtp, settings.letters
    if smtp.lease < _ANSWERS_PER_MAIL * smtp.timeout:
        what = f"{path}: a lease of {smtp.lease:g} s may end while a mail waits for {_ANSWERS_PER_MAIL} answers"
        raise CampaignError(what, f"make it {_ANSWERS_PER_MAIL * smtp.timeout:g} s or more")
    if not letters.unsubscribe.startswith("https://") or "$token" not in letters.unsubscribe:
        # RFC 8058, section 3.1: one click is a POST to https, and the address alone says whose click it is.
        raise CampaignError(f"{path}: unsubscribe is no address for one click", "make it https://… with $token in it")
    return settings
