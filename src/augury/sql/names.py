"""The names of the columns that a statement makes on its way, of which none is a column of the table."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from augury.contract.fields import Contract

# PostgreSQL cuts a name off after so many bytes, and two that differ beyond would be one.
_LONGEST = 60


class Names(Struct, frozen=True):
    """The names: of one column each, and of the clean value and the number of each feature, in order."""

    quick: str
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
        while name.lower() in used:
            name += "_"
        used.add(name.lower())
        return name

    def choose_all(prefix: str) -> tuple[str, ...]:
        wanted = (f"{prefix}_{field.name}" for field in contract.features)
        return tuple(
            choose(name if len(name.encode()) <= _LONGEST else f"{prefix}_{number}")
            for number, name in enumerate(wanted, 1)
        )

    return Names(
        quick=choose("quick_margin"),
        faults=choose("fault_list"),
        notes=choose("note_list"),
        total=choose("total"),
        margin=choose("margin"),
        probability=choose("probability"),
        clean=choose_all("clean"),
        numbers=choose_all("number"),
    )
