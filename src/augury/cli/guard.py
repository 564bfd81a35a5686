"""The options that say who may ask a service. None of them can be lost on the way: an empty variable is a mistake."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from augury.cli.options import Command
from augury.errors import UsageError
from augury.service.gate.keys import ApiKey, read_key_file, read_keys

# Beside the option's own variable: the name under which a platform hands over a secret.
_VARIABLE = "AUGURY_API_KEYS"


def guard_options(command: Command) -> Command:
    """Add ``--api-keys``, ``--api-key`` and ``--allow-host``."""
    told = "Answer only who shows a key of this file; `augury key` makes one."
    file = click.option("--api-keys", type=click.Path(path_type=Path), metavar="FILE", callback=_refuse_void, help=told)
    told = f"One such key as its line; also {_VARIABLE}. May be repeated."
    form = "NAME:sha256:HASH"
    key = click.option("--api-key", multiple=True, metavar=form, envvar=_VARIABLE, callback=_refuse_void, help=told)
    told = "Answer only under this name, or *.NAME. May be repeated."
    host = click.option("--allow-host", multiple=True, metavar="NAME", callback=_refuse_void, help=told)
    return file(key(host(command)))


def gather_keys(file: Path | None, entries: Sequence[str]) -> tuple[ApiKey, ...]:
    """Gather the keys of a file and those that were said one by one; there are none only where neither was said.

    Raises:
        UsageError: one cannot be honoured.
    """
    keys = read_key_file(file) if file is not None else ()
    if entries:
        keys += read_keys([(f"--api-key, number {number}", entry) for number, entry in enumerate(entries, 1)])
    return keys


def _refuse_void(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """Refuse a variable that is there and says nothing: click takes it for none, and the service would be open."""
    own = [param.envvar] if isinstance(param.envvar, str) else []
    for variable in (*own, f"{ctx.auto_envvar_prefix}_{str(param.name).upper()}"):
        if not value and variable in os.environ:
            raise UsageError(f"{variable} is empty", mend="say what it should, or unset it")
    return value
