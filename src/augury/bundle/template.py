"""Files with blanks, ``@{name}``: text that a person can read, and values that are quoted for its format.

Not Jinja: nothing here has a condition or a loop, and so it needs no language.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from pathlib import Path

_FOLDER = Path(__file__).with_name("templates")


class _Blanks(string.Template):
    """A template whose only sign is ``@{name}``; every dollar, brace and at sign besides stays what it is."""

    delimiter = "@"
    # The base class compiles it.
    pattern = r"@\{(?P<braced>[a-z][a-z0-9_]*)\}|(?P<escaped>(?!))|(?P<named>(?!))|(?P<invalid>(?!))"  # type: ignore[assignment]


def fill(name: str, values: Mapping[str, str], quote: Callable[[str], str]) -> bytes:
    """Fill in the blanks of a template.

    Args:
        name: of a file in ``templates/``.
        values: the text of each blank; more than the template has may be given.
        quote: writes a text in the template's format.
    """
    template = _Blanks((_FOLDER / name).read_text(encoding="utf-8"))
    return template.substitute({key: quote(value) for key, value in values.items()}).encode()
