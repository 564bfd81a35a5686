"""Names for what generated clients will call types and methods."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BETWEEN_WORDS = re.compile(r"[^A-Za-z0-9]+")


def name_types(names: Iterable[str]) -> dict[str, str]:
    """Name each model as a type is named: ``churn-2026`` is ``Churn2026``.

    Of two that come out alike, letters' case aside (generated clients are files, and some file systems do not tell
    case), the later one is numbered. A name that begins with a digit is no identifier, so ``Model`` stands before it.
    """
    named: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = "".join(word[:1].upper() + word[1:] for word in _BETWEEN_WORDS.split(name))
        plain = f"Model{plain}" if plain[0].isdigit() else plain
        number, found = 1, plain
        while found.lower() in taken:
            number += 1
            found = f"{plain}_{number}"
        taken.add(found.lower())
        named[name] = found
    return named
