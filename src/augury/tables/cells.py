"""The text doors: what a cell of a text file, or of a text column, says to the field that it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from augury.contract.check import RecordChecker
from augury.contract.fields import BooleanField, CategoryField, Field, IdentifierField, IntegerField, NumberField
from augury.contract.text import is_blank, parse_number
from augury.tables.column import Column
from augury.tables.table import ABSENT, Table

_TRUTHS = {"true": True, "false": False}


def read_cell(field: Field | None, cell: str) -> object:
    """Read one cell of a text file: blank is null, and text stays text where it is not what the field takes."""
    if is_blank(cell) and not isinstance(field, IdentifierField):
        return None
    return read_text_value(field, cell)


def read_text_value(field: Field | None, text: str) -> object:
    """Read one value of a typed column of texts: a number, integer level or boolean may be written in text.

    Blank is null where a number or boolean belongs; to a category of texts it is a text like any other.
    """
    match field:
        case NumberField() | IntegerField():
            return _read_number(text)
        case CategoryField() if not field.is_text:
            number = _read_number(text)
            return int(number) if isinstance(number, float) and number.is_integer() else number
        case BooleanField():
            return None if is_blank(text) else parse_truth(text)
    return text


def parse_truth(text: str) -> bool | str:
    """Read ``true`` or ``false`` in any case; other text comes back as it is, for the contract to refuse."""
    return _TRUTHS.get(text.strip(" \t").lower(), text)


def _read_number(text: str) -> float | str | None:
    if is_blank(text):
        return None
    number = parse_number(text)
    return text if number is None else number


def iter_records(table: Table, checker: RecordChecker, columns: Sequence[int]) -> Iterator[list[tuple[str, object]]]:
    """Yield the members of each row, in the given columns, as the doors of their kind read them."""
    keys = [table.columns[index] for index in columns]
    read = [
        Column(key, read_cells(table, index, checker.find_field(key)), table.coded[index].codes)
        for key, index in zip(keys, columns, strict=True)
    ]
    rows = Table(tuple(keys), tuple(read), table.row_count, table.is_text, table.where)
    for row in rows.iter_rows():
        yield [(key, value) for key, value in zip(keys, row, strict=True) if value is not ABSENT]


def read_cells(table: Table, index: int, field: Field | None) -> tuple[object, ...]:
    """Read the distinct cells of a column for the field that it belongs to, as the door of the column's kind does."""
    cells = table.coded[index].cells
    if not table.is_text_column(index):
        return cells
    read = read_cell if table.is_text else read_text_value
    return tuple(read(field, cell) if isinstance(cell, str) else cell for cell in cells)
