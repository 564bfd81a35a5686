"""``augury check-bundle``: a bundle installed, started as its image would be, asked, and stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from augury.bundle.check import Findings, check_bundle
from augury.cli.options import json_option
from augury.cli.progress import show_steps
from augury.cli.render import printable, show_count, tick


@click.command(name="check-bundle")
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
def command(folder: Path, json: bool) -> None:
    """Prove a bundle: install its lock into a fresh environment, start the service, ask every golden row, stop it.

    The service is started by the image's own command, with its variables and, where that is possible, as its user; only
    host and port are others, and Python is the one that runs this.
    """
    with show_steps() as show:
        findings = check_bundle(folder, show)
    if json:
        click.echo(msgspec.json.encode(findings))
        return
    checks = dict(_iter_checks(findings))
    widest = max(map(len, checks))
    for check, found in checks.items():
        click.echo(f"{tick()} {check:{widest}}  {found}")
    for name, how in findings.changed.items():
        click.echo(f"{printable(name)} is {how} since it was written", err=True)
    click.echo(f"{findings.model} is ready to be deployed")


def _iter_checks(findings: Findings) -> Iterator[tuple[str, str]]:
    trial = findings.trial
    yield "model", f"{findings.model}, the one that was bundled"
    packages = show_count(findings.packages, "package")
    yield "lock", f"{packages}, {findings.size / 1e6:.1f} MB, every hash checked, on Python {findings.python}"
    as_user = f"the image's user, {trial.user}" if trial.user else "this user, who cannot become the image's"
    yield "start", f"{trial.start_seconds:.2f} s to the first answer, as {as_user}"
    yield "golden rows", f"{trial.rows} of {trial.rows} answered bit for bit over HTTP"
    if trial.has_health_check:
        yield "health", "the image's health check holds"
    if trial.resident is not None:
        yield "memory", f"{trial.resident / 1e6:.1f} MB resident"
    yield "stop", f"{trial.stop_seconds:.2f} s after SIGTERM, with status 0"
