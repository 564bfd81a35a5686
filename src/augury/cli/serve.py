"""``augury serve``: the service."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from augury.api import find_bundled, parse
from augury.cli.guard import gather_keys, guard_options
from augury.cli.limits import limit_options
from augury.cli.options import json_option
from augury.service.process.cpus import count_cpus
from augury.service.process.greeting import Serving, greet, greet_machine
from augury.service.process.run import serve
from augury.service.reload.shelf import Shelf
from augury.service.settings import Settings


def _read_workers(_ctx: click.Context, _param: click.Parameter, value: str) -> int:
    if value == "auto":
        return count_cpus()
    try:
        return int(value)
    except ValueError:
        raise click.BadParameter(f"'{value[:64]}' is neither a number nor auto.") from None


@click.command()
@click.argument("models", metavar="[MODEL]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=int, default=9696, show_default=True, help="The port; 0 takes a free one.")
@click.option(
    "--workers",
    default="1",
    show_default=True,
    metavar="N|auto",
    callback=_read_workers,
    help="How many processes answer; auto is one for each processor that this one may use.",
)
@click.option("--default", help="The name of the model of the bare routes; the first otherwise.")
@click.option(
    "--reload/--no-reload",
    default=True,
    show_default=True,
    help="Take a model file that changes while serving; SIGHUP reads all of them again in any case.",
)
@click.option(
    "--log-format",
    type=click.Choice(["auto", "json", "text"]),
    default="auto",
    show_default=True,
    help="One line a request: auto is text on a terminal, JSON elsewhere.",
)
@click.option(
    "--tracing",
    is_flag=True,
    help="Send a span of each request to OpenTelemetry, as its own variables say; needs augury[otel].",
)
@guard_options
@limit_options
@json_option
def command(models: Sequence[Path], json: bool, **said: Any) -> int:
    """Serve models over HTTP: POST a record to /predict.

    MODEL is an artifact, or a folder with files named NAME.augury.json; without it, the churn model that comes with
    Augury. SIGTERM and Ctrl-C let it finish what it has begun; SIGHUP reads the files again and replaces the workers.
    """
    keys = gather_keys(said.pop("api_keys"), said.pop("api_key"))
    settings = Settings(api_keys=keys, **said)
    shelf = Shelf([str(path) for path in models] or [find_bundled()], parse)

    def announce(serving: Serving) -> None:
        is_watched = sys.stdout.isatty() and not json
        click.echo(greet(serving) if is_watched else greet_machine(serving))
        sys.stdout.flush()

    return serve(shelf, settings, announce)
