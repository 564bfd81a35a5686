"""The documentation as a reader runs it: every command and every Python block of a page, in order, in one folder.

What the pages may hold, and what is made of it:

* a ``console`` block: each line after ``$`` is a command for the shell, what follows it is what it prints;
* a ``python`` block: it is run, in one session a page; a ``text`` block right below it is what it prints;
* a block right below a line that ends with a file's name, as in ```customer.json`:``, is that file;
* ``augury serve``, and a script ``churn_serving.py`` that runs Flask's server, are started on a terminal of their own
  and a free port, in place of 9696, until the next one;
* ``…`` in what is printed stands for anything: a digest, for one, hangs on the last bit of every weight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"

_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)
_FILE_NAME = re.compile(r"`([\w-]+\.[\w.-]+)`:\n\n$")
_NUMBER = re.compile(r"\d+\.\d{7,}(?:e-?\d+)?")

Kind = Literal["command", "code", "file"]


class Step(Struct, frozen=True):
    """One thing to do, and what it prints."""

    kind: Kind
    text: str
    line: int
    printed: str = ""
    name: str = ""


def iter_steps(page: Path) -> Iterator[Step]:
    """Find what a page asks its reader to do."""
    text = page.read_text("utf-8")
    blocks = list(_FENCE.finditer(text))
    for index, block in enumerate(blocks):
        line = text.count("\n", 0, block.start()) + 1
        language, body = block["language"], block["text"]
        named = _FILE_NAME.search(text, 0, block.start())
        if named is not None:
            yield Step("file", body, line, name=named[1])
        elif language == "console":
            yield from _split_commands(body, line)
        elif language == "python":
            following = blocks[index + 1] if index + 1 < len(blocks) else None
            is_below = following is not None and not text[block.end() : following.start()].strip()
            printed = following["text"] if following and is_below and following["language"] == "text" else ""
            yield Step("code", body, line, printed)


def _split_commands(block: str, line: int) -> Iterator[Step]:
    for number, part in enumerate(re.split(r"^\$ ", block, flags=re.MULTILINE)):
        if number == 0:
            assert not part, f"line {line}: a console block begins with a command"
            continue
        # A command goes on after a backslash.
        lines = part.splitlines(keepends=True)
        length = next(index for index, each in enumerate(lines, 1) if not each.rstrip("\n").endswith("\\"))
        yield Step("command", "".join(lines[:length]).strip(), line, "".join(lines[length:]))


def is_printed(told: str, printed: str) -> bool:
    """Tell whether a page tells what was printed: ``…`` is anything, and numbers are read to six decimals."""
    pattern = ".*".join(map(re.escape, _settle(told).split("…")))
    return re.fullmatch(pattern, _settle(printed), re.DOTALL) is not None


def _settle(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return _NUMBER.sub(lambda found: f"{float(found[0]):.6f}", lines)
