"""Names in SQL: quoted, and those of what a statement makes on its way, of which none is a column of the table."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec import Struct

from augury.contract.fields import Contract

# PostgreSQL cuts a name off after so many bytes, and two that differ beyond would be one.
_LONGEST = 60


class Names(Struct, frozen=True):
    """The names: of one column each, and of the clean value and the number of each feature, in order."""

    quick: str
    record: str
    faults: str
    notes: str
    total: str
    margin: str
    probability: str
    clean: tuple[str, ...]
    numbers: tuple[str, ...]


def choose_names(contract: Contract, taken: Iterable[str]) -> Names:
    """Choose the names; ``taken`` are those of the table, which engines compare without case."""
    used = {name.lower() for name in taken}

    def choose(name: str) -> str:
        free = find_free(name, used)
        used.add(free.lower())
        return free

    def choose_all(prefix: str) -> tuple[str, ...]:
        wanted = (f"{prefix}_{field.name}" for field in contract.features)
        return tuple(
            choose(name if len(name.encode()) <= _LONGEST else f"{prefix}_{number}")
            for number, name in enumerate(wanted, 1)
        )

    return Names(
        quick=choose("quick_margin"),
        record=choose("clean"),
        faults=choose("fault_list"),
        notes=choose("note_list"),
        total=choose("total"),
        margin=choose("margin"),
        probability=choose("probability"),
        clean=choose_all("clean"),
        numbers=choose_all("number"),
    )


def find_free(name: str, taken: Collection[str]) -> str:
    """Find a name that is not taken; those that are come in lower case, for to engines case is no difference."""
    while name.lower() in taken:
        name += "_"
    return name


def quote_name(name: str) -> str:
    """Write the name of a column or of a table, as the standard quotes it."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Write a text, as the standard quotes it."""
    return "'" + text.replace("'", "''") + "'"
