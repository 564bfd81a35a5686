"""Notices and other lists under a heading, as `contract` and `compile` print them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from augury.cli.render import bold, printable
from augury.tables.notice import Notice, gather_notices


def render_notices(notices: Sequence[Notice]) -> Iterator[str]:
    """Write each notice on its own line, and below it the option that has it otherwise."""
    if not notices:
        return
    yield bold("noticed")
    for notice in gather_notices(notices):
        yield f"  {printable(notice.sentence)}"
        if notice.option:
            yield f"      otherwise: {printable(notice.option)}"
