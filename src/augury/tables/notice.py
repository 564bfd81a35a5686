"""What a table made us decide, said so that a person can change it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from augury.contract.faults import shorten

# A notice shows so many examples, of so many characters: more is no longer a sentence.
_SHOWN = 3
_LONGEST = 32


# Columns that a gathered notice names beside the first: enough to see of what kind they are.
_NAMED = 10
# Each of these is a figure, or a reason to refuse rows, to be weighed by itself.
_NEVER_GATHERED = frozenset({"leak", "refused", "held_out"})


class Notice(Struct, frozen=True):
    """One thing noticed in a table.

    Args:
        column: as the table names it; "" where the table as a whole is meant.
        code: what was noticed, in one word, for machines.
        sentence: what was noticed and what was done about it.
        option: what to say on the command line to have it otherwise; "" where nothing needs to be.
        cells: the parts of the sentence that repeat what stands in few cells of the table. Who has the table may read
            them, and who is handed a report may not.
    """

    column: str
    code: str
    sentence: str
    option: str = ""
    cells: tuple[str, ...] = ()

    def tell_others(self) -> str:
        """Write the sentence for those who have not the table."""
        sentence = self.sentence
        for cell in self.cells:
            sentence = sentence.replace(cell, "…")
        return sentence


def gather_notices(notices: Sequence[Notice]) -> list[Notice]:
    """Gather what is noticed of many columns alike into one notice each, for a person to read.

    Up to three of a code stand for themselves, and so does every leak.
    """
    groups: dict[str, list[Notice]] = {}
    for at, notice in enumerate(notices):
        is_own = not notice.column or notice.code in _NEVER_GATHERED
        groups.setdefault(f"{at}" if is_own else notice.code, []).append(notice)
    return [each for group in groups.values() for each in (_gather(group) if len(group) > _SHOWN else group)]


def _gather(alike: Sequence[Notice]) -> list[Notice]:
    first, *others = alike
    names = ", ".join(notice.column for notice in others[:_NAMED])
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    return [replace(first, sentence=f"{first.sentence}; much the same holds of {names}{more}")]


def write_option(option: str, argument: str) -> str:
    """Write an option with its argument as a shell takes it: ``--id 'Customer No'``."""
    return f"{option} {shlex.quote(argument)}"


def show_texts(texts: Sequence[str]) -> str:
    """Show the first few of some texts, quoted, and count the rest."""
    shown = ", ".join(shorten(text, _LONGEST) for text in texts[:_SHOWN])
    return f"{shown} and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else shown


def count_rows(count: int) -> str:
    """Write a number of rows in words."""
    return "1 row" if count == 1 else f"{count:,} rows"
