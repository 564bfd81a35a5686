"""``augury key``: a key for a service, and the line that lets the service know it."""

from __future__ import annotations

import click
import msgspec

from augury.cli.options import json_option
from augury.service.gate.keys import make_key


@click.command()
@click.argument("name", metavar="NAME")
@json_option
def command(name: str, json: bool) -> None:
    """Make a key with which NAME may ask a service that asks for one.

    The key is shown once, and kept nowhere: hand it to whoever asks. The line goes into the file that
    `augury serve --api-keys` reads; it holds a hash, from which nobody can make the key.
    """
    key, line = make_key(name)
    if json:
        click.echo(msgspec.json.encode({"name": name, "key": key, "line": line}))
        return
    click.echo(f"key   {key}")
    click.echo(f"line  {line}")
