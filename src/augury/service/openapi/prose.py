"""The descriptions of the document as HTML: the little of CommonMark that they use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from augury.markup import Child, Markup, join, tag

_CODE = re.compile(r"(?<!\\)`([^`]*)`")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def write_prose(text: str) -> Markup:
    """Write paragraphs, and lists whose lines begin with ``* ``."""
    return join(_write_paragraph(paragraph) for paragraph in text.split("\n\n") if paragraph)


def write_about(text: str) -> Markup:
    """Write a description into a cell: without a paragraph of its own where one line is all there is."""
    return write_prose(text) if "\n" in text else write_line(text)


def write_line(text: str) -> Markup:
    """Write one line: what stands between backticks is code, and a backslash before a mark makes it a plain one."""
    return join(_split_line(text))


def _write_paragraph(text: str) -> Markup:
    lines = text.split("\n")
    said = " ".join(line for line in lines if not line.startswith("* "))
    items = [tag("li", write_line(line[2:])) for line in lines if line.startswith("* ")]
    return join([tag("p", write_line(said)) if said else None, tag("ul", join(items)) if items else None])


def _split_line(text: str) -> Iterator[Child]:
    for at, piece in enumerate(_CODE.split(text)):
        yield tag("code", piece) if at % 2 else _ESCAPED.sub(r"\1", piece)
