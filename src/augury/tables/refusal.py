"""The refused rows of a table as one error: the first of them with their faults, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from augury.errors import ContractError

# Enough rows to see what is wrong with a table; the count says how many more there are.
SHOWN_ROWS = 3
# Enough faults to see what is wrong with a row.
_SHOWN_FAULTS = 3


class RefusedRow(Struct, frozen=True):
    """A refused row: where it stands, counted from 0, the sentences of its faults, and how many more it has."""

    position: int
    details: Sequence[str]
    more: int = 0


def refuse_rows(shown: Sequence[RefusedRow], *, refused: int, row_count: int, where: str) -> ContractError:
    """Make the error of a table of which rows are refused, ``shown`` being the first of them."""
    rest = refused - len(shown)
    what = f"{refused:,} of {row_count:,} rows are refused: {'; '.join(map(_tell, shown))}"
    what += f"; and {rest:,} more rows" if rest else ""
    return ContractError(what, where=where, mend="mend them, or leave them out")


def _tell(row: RefusedRow) -> str:
    rest = len(row.details) + row.more - _SHOWN_FAULTS
    more = f" (and {rest:,} more)" if rest > 0 else ""
    return f"row {row.position + 1}: {', '.join(row.details[:_SHOWN_FAULTS])}{more}"
