"""What is doubtful about a column that is kept as a field: told, and never changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from augury.profile import MIN_COUNT
from augury.tables.notice import Notice, count_rows, show_texts, write_option
from augury.tables.pattern import is_missing_word
from augury.tables.summarise import ColumnSummary

BLANK_CELLS = "a table in which those cells are blank"
_CODES = '--contract FILE with kind = "category", where they are codes'
_NOT_KNOWN = f"{BLANK_CELLS}, where it means that nothing is known"

# A name that says identifier whatever the values are: customer_id, CustomerID; not PID, which is a party, nor paid.
_ID_NAME = re.compile(r"(?:^|[_ .-])(?i:id|ids|uuid|guid)$|(?<=[a-z])I[dD]$")
# What stands for "not known" among numbers: -9, 99, -999 and so on; a single 9 is as often a count.
_STAND_IN = re.compile(r"-9+(?:\.9+)?|99+(?:\.9+)?")
# A postcode, not an amount.
_ZEROS = re.compile(r"\s*0\d+\s*", re.ASCII)
# Of three different numbers one can be far from the others.
_FEWEST_NUMBERS = 3
# A scale of answers has up to seven steps, and a code of more levels is seldom without a rare one.
_MOST_CODES = 7


def is_named_key(column: str) -> bool:
    """Tell whether a column is named like an identifier."""
    return _ID_NAME.search(column) is not None


def notice_name(summary: ColumnSummary) -> Iterator[Notice]:
    """Tell of a field that is named like an identifier, though values repeat."""
    column = summary.column
    is_number = summary.sort == "number"
    cells = summary.numbers if is_number else summary.texts
    if is_named_key(column) and not (is_number and summary.is_flag) and len(cells) < cells.total():
        sentence = f"{column} is named like an identifier, though values repeat; the model reads it"
        option = f"{write_option('--id', column)}, or {write_option('--group', column)} to train on whole groups"
        yield Notice(column, "id_name", sentence, option)


def notice_codes(summary: ColumnSummary) -> Iterator[Notice]:
    """Tell of numbers that may be codes, whose order means nothing: a few that stand often, or with leading zeros."""
    counts = summary.numbers
    if _FEWEST_NUMBERS <= len(counts) <= _MOST_CODES and min(counts.values()) >= MIN_COUNT and summary.is_integral:
        sentence = (
            f"{summary.column} holds {len(counts)} whole numbers only, {_show_span(counts)}; it was kept as a number"
        )
        yield Notice(summary.column, "code", sentence, _CODES)
    elif any(_ZEROS.fullmatch(text) for text in summary.texts):
        sentence = (
            f"{summary.column} is a number with leading zeros in some rows, as codes have; it was kept as a number"
        )
        yield Notice(summary.column, "code", sentence, _CODES)


def _show_span(numbers: Iterable[float]) -> str:
    ordered = sorted(numbers)
    return f"{ordered[0]:g} to {ordered[-1]:g}"


def notice_stand_ins(summary: ColumnSummary) -> Iterator[Notice]:
    """Tell of a number of nines far from all others, which stands for "not known" more often than for itself."""
    ordered = sorted(summary.numbers)
    if len(ordered) < _FEWEST_NUMBERS:
        return
    for end, (least, greatest) in ((ordered[0], (ordered[1], ordered[-1])), (ordered[-1], (ordered[0], ordered[-2]))):
        gap = max(least - end, end - greatest)
        if _STAND_IN.fullmatch(f"{end:.15g}") and summary.numbers[end] > 1 and gap > greatest - least:
            sentence = (
                f"{summary.column} is {end:g} in {count_rows(summary.numbers[end])}, far from all others "
                f"({least:g} to {greatest:g}), and was taken as a number"
            )
            yield Notice(summary.column, "stand_in", sentence, _NOT_KNOWN)


def notice_missing_words(summary: ColumnSummary) -> Iterator[Notice]:
    """Tell of levels that are words for "not known"."""
    words = [text for text in summary.texts if is_missing_word(text)]
    if words:
        count = sum(summary.texts[word] for word in words)
        sentence = f"{summary.column} is {show_texts(words)} in {count_rows(count)}, which is a level like any other"
        yield Notice(summary.column, "missing_word", sentence, _NOT_KNOWN)
