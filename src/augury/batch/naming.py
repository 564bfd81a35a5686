"""Names in the engine's SQL: quoted, and none that the table has."""

from __future__ import annotations

from collections.abc import Collection


def quote_name(name: str) -> str:
    """Write the name of a column or of a table."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Write a text."""
    return "'" + text.replace("'", "''") + "'"


def find_free(name: str, taken: Collection[str]) -> str:
    """Find a name that is not taken, by the engine's measure, to which case is no difference."""
    lowered = {each.lower() for each in taken}
    while name.lower() in lowered:
        name += "_"
    return name
