from __future__ import annotations

import io
import sys

import pytest

from augury.cli.progress import show_steps


class _Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Answer as a terminal does."""
        return True


def test_steps_are_shown_on_a_terminal_and_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step takes the line of the one before, and at the end, also after a failure, the line is empty."""
    stream = _Terminal()
    monkeypatch.setattr(sys, "stderr", stream)

    def work() -> None:
        with show_steps() as show:
            show("reading")
            show("proving")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    wipe = "\r\x1b[2K"
    assert stream.getvalue() == f"{wipe}reading …{wipe}proving …{wipe}"


def test_nothing_is_shown_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that is no terminal stays empty."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with show_steps() as show:
        show("reading")
    assert stream.getvalue() == ""
