"""``python -m campaign``: run a campaign, or report one."""

from __future__ import annotations

import logging
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from augury import Client
from augury.errors import ServiceError
from campaign.customers import Register
from campaign.errors import CampaignError, TryLaterError
from campaign.letter import Stationery, read_stationery
from campaign.outbox import Outbox
from campaign.plan import is_planned, make_plan, store_plan
from campaign.post import Post
from campaign.report import Report, read_report, report_dry, write_csv, write_text
from campaign.sending import Sending
from campaign.settings import Settings, read_settings
from campaign.tables import open_database

# sysexits.h: what cron and systemd take for "not now, but later".
_TRY_LATER = 75


def _now() -> datetime:
    return datetime.now(UTC)


class Asked(msgspec.Struct, frozen=True):
    """What the command line says beside the settings."""

    settings: Settings
    folder: Path
    as_json: bool
    csv: Path | None
    dry: bool = False
    resend: bool = False


@click.command(context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "CAMPAIGN"})
@click.argument("what", type=click.Choice(["run", "report"]))
@click.option("--settings", type=click.Path(path_type=Path), default=Path("campaign.toml"), show_default=True)
@click.option("--database", help="In place of the settings' one; a password is best in CAMPAIGN_DATABASE.")
@click.option("--service", help="In place of the settings' one.")
@click.option("--smtp-port", type=int, help="In place of the settings' one.")
@click.option("--dry-run", "dry", is_flag=True, help="Decide and report; store and send nothing.")
@click.option("--resend-uncertain", "resend", is_flag=True, help="Only for a server that drops a repeated Message-ID.")
@click.option("--verbose", is_flag=True, help="Log every mail, by its token.")
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
@click.option("--csv", type=click.Path(path_type=Path), help="Write a line for each customer to this file, too.")
def main(  # noqa: PLR0913 - click gives each option as an argument
    what: str,
    settings: Path,
    database: str | None,
    service: str | None,
    smtp_port: int | None,
    *,
    dry: bool,
    resend: bool,
    verbose: bool,
    as_json: bool,
    csv: Path | None,
) -> None:
    """Run a campaign, as often as you like: it goes on where it stopped, and mails nobody twice."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("campaign").setLevel(logging.INFO if verbose else logging.WARNING)
    try:
        told = _override(read_settings(settings), database, service, smtp_port)
        asked = Asked(told, settings.parent, as_json, csv, dry, resend)
        with open_database(told.database) as engine:
            sys.exit(_run(asked, engine) if what == "run" else _report(asked, engine))
    except (ServiceError, TryLaterError, OperationalError) as error:
        # A database's own words may hold a customer's values.
        click.echo(f"later: {type(error).__name__ if isinstance(error, OperationalError) else error}", err=True)
        sys.exit(_TRY_LATER)
    except CampaignError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)


def _override(settings: Settings, database: str | None, service: str | None, smtp_port: int | None) -> Settings:
    smtp = settings.smtp if smtp_port is None else msgspec.structs.replace(settings.smtp, port=smtp_port)
    database, service = database or settings.database, service or settings.service
    return msgspec.structs.replace(settings, smtp=smtp, database=database, service=service)


def _run(asked: Asked, engine: Engine) -> int:
    settings = asked.settings
    stationery = read_stationery(settings.letters, asked.folder, _now())
    register = Register(engine, settings.columns)
    if not is_planned(engine, settings):
        key = os.environ.get("CAMPAIGN_API_KEY")
        with Client(settings.service, api_key=key, timeout=settings.patience) as client:
            plan = make_plan(register, client, settings)
        if asked.dry:
            _tell(report_dry(plan, settings.name), asked)
            return 0
        store_plan(engine, plan, settings, _now())
    try:
        if not asked.dry:
            _send(asked, engine, register, stationery)
    finally:
        status = _report(asked, engine)
    return status


def _send(asked: Asked, engine: Engine, register: Register, stationery: Stationery) -> None:
    settings = asked.settings
    outbox = Outbox(engine, settings.name, _now, lease=settings.smtp.lease, resend=asked.resend)
    post = Post(settings.smtp, settings.letters.sender, os.environ.get("CAMPAIGN_SMTP_PASSWORD"))
    try:
        Sending(outbox, register, stationery, post, clock=_now, sleep=time.sleep).run()
    finally:
        post.close()


def _report(asked: Asked, engine: Engine) -> int:
    """Report, and tell by the status whether running again will do more."""
    report = read_report(engine, asked.settings.name)
    if report is None:
        raise CampaignError(f"{asked.settings.name} has no plan", "run it first")
    _tell(report, asked)
    left = {"planned", "sending", "uncertain"} if asked.resend else {"planned", "sending"}
    return _TRY_LATER if left & set(report.states) else 0


def _tell(report: Report, asked: Asked) -> None:
    if asked.csv is not None:
        write_csv(report, asked.csv)
    click.echo(msgspec.json.format(msgspec.json.encode(report)) if asked.as_json else write_text(report))


if __name__ == "__main__":
    main(prog_name="python -m campaign")
