"""Progress on a terminal: nothing is written where nobody watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from augury.cli.render import draw_bar

_ERASE_LINE = "\r\x1b[2K"
# Short enough that step, bar and time fit on a narrow terminal.
_WIDTH = 20


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


@contextmanager
def show_progress(clock: Callable[[], float] = time.monotonic) -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that shows the step at work, with a bar of how much is done and how long the rest will take.

    The time is told once one part is done, as if every part took as long; ``clock`` answers seconds.
    """
    began: float | None = None

    with show_steps() as show:

        def show_parts(step: str, done: int, total: int) -> None:
            nonlocal began
            if not done or total < 2:
                began = clock()
                show(step)
                return
            if done == total:
                show(step)
                return
            left = (clock() - (began or 0.0)) / done * (total - done)
            show(f"{step} {_draw_share(done, total)} {done} of {total}, {_show_time(left)} left")

        yield show_parts


@contextmanager
def show_rows(clock: Callable[[], float] = time.monotonic) -> Iterator[Callable[[str, int, int | None], None]]:
    """Give a function that shows the step at work, how many rows are done, how many a second, and the time left.

    The rate is of the rows since the first call, for a run that is gone on with begins with some; nothing is said of
    the time left where nobody knows how many rows there are.
    """
    first: tuple[float, int] | None = None
    with show_steps() as show:

        def show_done(step: str, done: int, total: int | None) -> None:
            nonlocal first
            now = clock()
            first = first or (now, done)
            rate = (done - first[1]) / (now - first[0]) if now > first[0] else 0.0
            said = f"{step}: {done:,} rows" if total is None else f"{step} {_draw_share(done, total)} {done:,} rows"
            said += f", {rate:,.0f} a second" if rate else ""
            show(said + (f", {_show_time((total - done) / rate)} left" if rate and total and done < total else ""))

        yield show_done


def _draw_share(done: int, total: int) -> str:
    bar = draw_bar(done, total, _WIDTH)
    return f"{bar}{'·' * (_WIDTH - len(bar))}"


def _show_time(seconds: float) -> str:
    """Write a duration with its largest unit."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"
