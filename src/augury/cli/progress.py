"""Progress on a terminal: nothing is written where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_ERASE_LINE = "\r\x1b[2K"


@contextmanager
def show_steps() -> Iterator[Callable[[str], None]]:
    """Give a function that shows the step at work, in place of the step before; the line is gone at the end."""
    is_watched = sys.stderr.isatty()

    def show(step: str) -> None:
        if is_watched:
            click.echo(f"{_ERASE_LINE}{step} …", err=True, nl=False)

    try:
        yield show
    finally:
        if is_watched:
            click.echo(_ERASE_LINE, err=True, nl=False)
