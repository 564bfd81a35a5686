"""How a text is written in each format of a bundle, so that no name can become anything else there."""

from __future__ import annotations

import json
import re

# What JSON leaves as it is, and what YAML or TOML refuse or take for the end of a line.
_RAW = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_BACKTICKS = re.compile("`+")


def quote(text: str) -> str:
    r"""Write a text as a double-quoted string of JSON, which is also one of YAML (1.1 and 1.2) and of TOML.

    >>> quote('no: "yes"\n')
    '"no: \\"yes\\"\\n"'
    """
    return _RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def fence(text: str, language: str = "") -> str:
    """Write a text as a block of code of Markdown, whose fence is longer than any in the text."""
    longest = max(map(len, _BACKTICKS.findall(text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{language}\n{text}\n{marks}"


def code(text: str) -> str:
    """Write a text as code within a line of Markdown, but for the cell of a table."""
    longest = max(map(len, _BACKTICKS.findall(text)), default=0)
    marks = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{marks}{space}{_one_line(text)}{space}{marks}"


def cell(text: str) -> str:
    """Write a text as code within the cell of a table of Markdown, which a bar would end."""
    return code(text).replace("|", "\\|")


def _one_line(text: str) -> str:
    """Escape what is not printable."""
    return "".join(char if char.isprintable() else quote(char)[1:-1] for char in text)
