"""How things look on a terminal: tables, numbers, bars and marks. Plain text, aligned; colour is click's affair."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Collection, Sequence

import click

# A cell longer than this makes a table unreadable; the whole is in the JSON.
_WIDEST_CELL = 60


def printable(text: str) -> str:
    """Escape what is not printable, so that no name in a file can steer a terminal."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def shorten_cell(text: str, limit: int = _WIDEST_CELL) -> str:
    """Cut a text to ``limit`` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def render_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Collection[int] = ()) -> list[str]:
    """Align a table, two spaces between columns; the columns in ``right`` are set to the right."""
    shown = [[shorten_cell(printable(cell)) for cell in row] for row in rows]
    widths = [max(measure(row[index]) for row in [list(header), *shown]) for index in range(len(header))]
    lines = [_align(header, widths, right).upper()] if any(header) else []
    lines.extend(_align(row, widths, right) for row in shown)
    return lines


def _align(row: Sequence[str], widths: Sequence[int], right: Collection[int]) -> str:
    cells = []
    for index, (cell, width) in enumerate(zip(row, widths, strict=True)):
        space = " " * (width - measure(cell))
        cells.append(space + cell if index in right else cell + space)
    return "  ".join(cells).rstrip()


def measure(text: str) -> int:
    """Count the columns of a terminal that a text takes: wide characters are two, combining ones none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def show_number(number: float) -> str:
    """Write a number as short as it reads back, without an idle ``.0``."""
    return repr(number).removesuffix(".0")


def show_count(count: int, noun: str) -> str:
    """Write a count and its noun, in the plural where it belongs."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def draw_bar(value: float, largest: float, width: int = 20) -> str:
    """Draw the magnitude of a value as a bar of at most ``width`` marks."""
    length = round(abs(value) / largest * width) if largest else 0
    return _pick("█", "#") * length


def tick() -> str:
    """Write the mark of a check that holds."""
    return click.style(_pick("✓", "ok"), fg="green")


def bold(text: str) -> str:
    """Write a heading."""
    return click.style(text, bold=True)


def _pick(mark: str, plain: str) -> str:
    """Take the mark where the output can hold it."""
    try:
        mark.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return plain
    return mark
