"""What a cell of text says to the field that it belongs to."""

from __future__ import annotations

import math

import pytest

from augury.contract.check import RecordChecker
from augury.contract.fields import (
    BooleanField,
    CategoryField,
    Contract,
    Field,
    IdentifierField,
    IntegerField,
    NumberField,
)
from augury.tables.cells import iter_records, read_cell, read_text_value
from augury.tables.read import read_table
from augury.tables.table import make_table

NUMBER = NumberField(name="n")
INTEGER = IntegerField(name="i")
BOOLEAN = BooleanField(name="b")
WORDS = CategoryField(name="w", levels=("yes", "no"))
DIGITS = CategoryField(name="d", levels=(0, 1))
KEY = IdentifierField(name="k")


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (NUMBER, " 29.85\t", 29.85),
        (NUMBER, "+.5e1", 5.0),
        (NUMBER, "1e400", math.inf),
        (NUMBER, "1d", "1d"),
        (NUMBER, "12abc", "12abc"),
        (NUMBER, "0x10", "0x10"),
        (NUMBER, "1_000", "1_000"),
        (NUMBER, "1,5", "1,5"),
        (NUMBER, "NaN", "NaN"),
        (NUMBER, "inf", "inf"),
        (NUMBER, "٣", "٣"),
        (NUMBER, "", None),
        (NUMBER, " \t", None),
        (INTEGER, "41", 41.0),
        (INTEGER, "41.5", 41.5),
        (DIGITS, "1", 1),
        (DIGITS, "1.0", 1),
        (DIGITS, "1.5", 1.5),
        (DIGITS, "yes", "yes"),
        (BOOLEAN, "TRUE", True),
        (BOOLEAN, " False ", False),
        (BOOLEAN, "1", "1"),
        (BOOLEAN, "", None),
        (WORDS, "yes", "yes"),
        (WORDS, " Yes ", " Yes "),
        (WORDS, "NA", "NA"),
        (WORDS, "12", "12"),
        (WORDS, " ", None),
        (KEY, "007", "007"),
        (KEY, " ", " "),
        (None, "x", "x"),
        (None, "", None),
    ],
)
def test_a_cell_of_a_text_file(field: Field | None, text: str, value: object) -> None:
    """A cell becomes what its field takes, null where it is blank, and stays text where it is neither."""
    read = read_cell(field, text)
    assert read == value
    assert type(read) is type(value)


def test_a_text_column_of_a_frame() -> None:
    """In a typed column blank is null to a number or boolean, and a text like any other to a category."""
    assert [read_text_value(field, " ") for field in (NUMBER, INTEGER, BOOLEAN, DIGITS, WORDS)] == [None] * 4 + [" "]
    assert read_text_value(NUMBER, "12") == 12.0


def test_a_row_of_a_text_file_through_the_contract() -> None:
    """A row of text is checked as the record that it means, under the header's spelling of the keys."""
    checker = RecordChecker(Contract(fields=(KEY, NUMBER, DIGITS, WORDS)))
    table = make_table("KNDW", [("1", "2.5", "1", "YES"), ("1", "two", "", "maybe")], is_text=True, where="")
    right, wrong = (checker.check(members) for members in iter_records(table, checker, range(4)))
    assert (right.values, right.faults) == ((2.5, 1, "yes"), ())
    assert [(fault.code, fault.pointer) for fault in wrong.faults] == [
        ("type", "/N"),
        ("null", "/D"),
        ("level", "/W"),
    ]


def test_records_of_a_typed_table() -> None:
    """A typed table gives its values as they are, reads numbers in columns of text only, and leaves absent ones out."""
    table = read_table([{"n": "1", "d": 1, "w": "yes"}, {"n": " ", "d": "1", "w": "no"}, {"d": 0}])
    checker = RecordChecker(Contract(fields=(NUMBER, DIGITS, WORDS)))
    assert list(iter_records(table, checker, (0, 1, 2))) == [
        [("n", 1.0), ("d", 1), ("w", "yes")],
        [("n", None), ("d", "1"), ("w", "no")],
        [("d", 0)],
    ]
