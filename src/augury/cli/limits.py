"""The options of `augury serve` that bound what a request may be, and what may be asked at once."""

from __future__ import annotations

import click

from augury.cli.options import Command
from augury.service.settings import Settings

_USUAL = Settings()
# Each setting with the first half of its help; the second is its default.
_LIMITS = {
    "max_body": "The largest body, in bytes.",
    "max_record": "The largest record, in bytes.",
    "max_rows": "The most records in one array.",
    "max_target": "The longest request line, in bytes.",
    "max_head": "The largest head of a request, in bytes.",
    "max_fields": "The most header fields of a request.",
    "head_seconds": "How long a head may take to arrive.",
    "body_seconds": "How long a body may take to arrive, and of a stream each line.",
    "idle_seconds": "How long a connection is kept between two requests.",
    "max_connections": "How many connections one worker keeps; the next are answered with 503.",
}


def limit_options(command: Command) -> Command:
    """Give a command the options of the limits, and the one that leaves the fast lane out."""
    command = click.option(
        "--fast-lane/--no-fast-lane",
        default=_USUAL.fast_lane,
        show_default=True,
        help="Answer single records before the application is asked; the answers are the same.",
    )(command)
    for name, text in reversed(_LIMITS.items()):
        usual = getattr(_USUAL, name)
        option = click.option(
            f"--{name.replace('_', '-')}", type=type(usual), default=usual, show_default=True, help=text
        )
        command = option(command)
    return command
