"""Infer the field that a column is, from the column alone; what is dropped is dropped with a line."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

from msgspec import Struct
from msgspec.structs import replace

from augury.contract.fields import (
    BooleanField,
    CategoryField,
    Feature,
    IntegerField,
    NumberField,
    find_accepted_bounds,
    find_folding_levels,
)
from augury.contract.fold import has_control_character
from augury.contract.text import is_blank, parse_number
from augury.profile import MIN_COUNT
from augury.tables.column import name_type
from augury.tables.doubt import (
    BLANK_CELLS,
    notice_codes,
    notice_missing_words,
    notice_name,
    notice_stand_ins,
)
from augury.tables.notice import Notice, count_rows, show_texts, write_option
from augury.tables.pattern import are_dates, are_days, find_notation, is_address, is_missing_word
from augury.tables.summarise import ColumnSummary

_PLAIN_NUMBERS = "a table in which 1234.5 is written 1234.5"

# A column of this many rows or more in which no value stands twice is probably a key; in fewer that is chance.
KEY_ROWS = 20
# Free text, as the contract defines it: more levels than this, and more than this share of them distinct.
FREE_TEXT_LEVELS = 200
FREE_TEXT_SHARE = 0.2
# A text column of which this share are numbers, of all that is no word for "not known", was probably meant as one.
_NUMBERS_SHARE = 0.5
# And only where so few other texts stand among them: tickets such as "PC 17609" beside "19952" are codes.
_MOST_WORDS = 5
# A text column of which this share are addresses holds personal data, whatever the rest is.
_ADDRESS_SHARE = 0.5

_KEY_NAME = re.compile(r"(?:^|[_ -])(?i:id|ids|uuid|guid|key|no|nr|number)$|Id$|ID$")


class Inferred(Struct, frozen=True):
    """The field of a column, or None where the column is dropped, and what was noticed."""

    field: Feature | None
    notices: tuple[Notice, ...] = ()


def infer_field(summary: ColumnSummary) -> Inferred:
    """Infer kind, levels, range and policies of a column; nulls are imputed where it has them."""
    reason = _find_reason_to_drop(summary)
    if reason:
        code, sentence = reason
        option = _find_option(summary.column, code)
        return Inferred(
            None,
            (
                Notice(
                    summary.column,
                    code,
                    f"{summary.column} {sentence}; it was dropped",
                    option,
                    _list_cells(summary, code),
                ),
            ),
        )
    notices: list[Notice] = []
    match summary.sort:
        case "boolean":
            field: Feature = BooleanField(name=summary.column)
        case "number":
            field = _infer_number(summary, notices)
        case _:
            field = _infer_category(summary, notices)
    if not is_key(summary):
        notices.extend(notice_name(summary))
    return Inferred(_accept_missing(field, summary), tuple(notices))


def is_key(summary: ColumnSummary) -> bool:
    """Tell whether a column looks like an identifier: texts or integers of which none stands twice."""
    if summary.rows < KEY_ROWS or summary.filled < summary.rows or summary.blanks:
        return False
    if summary.sort == "number":
        return summary.is_integral and len(summary.numbers) == summary.rows
    return summary.sort == "text" and len(summary.texts) == summary.rows


# --- what is dropped


def _find_option(column: str, code: str) -> str:
    """Find what to say to have a column that is dropped after all."""
    if code in {"identifier", "email"} or (code == "free_text" and _KEY_NAME.search(column)):
        return write_option("--id", column)
    match code:
        case "date":
            time = write_option("--time", column)
            return f"{time} to hold out the last rows, where dates are written as 2026-11-22; or a number made of them"
        case "text_number":
            return BLANK_CELLS
        case "notation":
            return _PLAIN_NUMBERS
    return "--contract FILE that has the field"


def _find_reason_to_drop(summary: ColumnSummary) -> tuple[str, str] | None:
    sort = summary.sort
    if sort == "empty":
        return "empty", "holds no value"
    if summary.others:
        if all(isinstance(other, dt.date) for other in summary.others) and not summary.texts:
            return "date", "holds dates"
        return "mixed", f"holds values of type {name_type(summary.others[0])}, which no field takes"
    if _count_values(summary) == 1 and summary.filled == summary.rows and not summary.blanks:
        return "constant", "holds one value only"
    if sort == "mixed":
        return "mixed", "mixes text, numbers and booleans"
    if sort == "number":
        if are_days(summary.numbers):
            return "date", "holds dates written as numbers"
        return ("identifier", "looks like an identifier: no value stands twice") if _is_numbering(summary) else None
    return _find_reason_in_text(summary) if sort == "text" else None


def _count_values(summary: ColumnSummary) -> int:
    return len(summary.numbers) if summary.sort == "number" else summary.distinct


def _find_reason_in_text(summary: ColumnSummary) -> tuple[str, str] | None:
    words = Counter({text: count for text, count in summary.texts.items() if not is_blank(text)})
    if are_dates(words):
        return "date", "holds dates"
    addresses = sum(count for text, count in words.items() if is_address(text))
    if addresses >= _ADDRESS_SHARE * words.total():
        return "email", "holds e-mail addresses"
    is_free = len(words) > FREE_TEXT_LEVELS and len(words) > FREE_TEXT_SHARE * words.total()
    if (is_key(summary) or is_free) and (unread := _find_unread_numbers(summary)):
        code, what = unread
        return code, f"{what}, and has too many values for a category"
    if is_key(summary):
        return "identifier", "looks like an identifier: no value stands twice"
    if is_free:
        return "free_text", f"holds free text: {len(words):,} different texts in {count_rows(words.total())}"
    return None


def _find_unread_numbers(summary: ColumnSummary) -> tuple[str, str] | None:
    """Find why a column of texts that means numbers is not read as such: a code, and the part of a sentence."""
    if not summary.is_text:
        return None
    words = Counter({text: count for text, count in summary.texts.items() if not is_blank(text)})
    if notation := find_notation(words):
        return "notation", f"holds numbers with {notation}"
    others = Counter({text: count for text, count in words.items() if parse_number(text) is None})
    known = sum(count for text, count in words.items() if not is_missing_word(text))
    if summary.numbers and len(others) <= _MOST_WORDS and summary.numbers.total() >= _NUMBERS_SHARE * known:
        return "text_number", f"holds numbers, but for {show_texts(list(others))} in {count_rows(others.total())}"
    return None


# Rows drawn from a numbered table leave gaps. Of amounts that lie as densely as this some would be equal: that none of
# 50 is has a probability below 1 in 1,000,000.
_NUMBERING = 2


def _list_cells(summary: ColumnSummary, code: str) -> tuple[str, ...]:
    """List what a notice about unread numbers repeats of few cells: words for "not known" tell of nobody."""
    if code != "text_number":
        return ()
    rare = [text for text, count in summary.texts.items() if count < MIN_COUNT and not is_missing_word(text)]
    return tuple(show_texts([text]) for text in rare if parse_number(text) is None)


def _is_numbering(summary: ColumnSummary) -> bool:
    """Tell a key from an amount that happens to differ on every row: by its name, or because it counts, with gaps."""
    seen = summary.seen
    if seen is None or not is_key(summary):
        return False
    return _KEY_NAME.search(summary.column) is not None or seen.high - seen.low < _NUMBERING * summary.rows


# --- what is kept


def _infer_number(summary: ColumnSummary, notices: list[Notice]) -> Feature:
    column, seen = summary.column, summary.seen
    assert seen is not None  # the sort of a column without a number is not "number"
    blanks = summary.blanks + (summary.nulls if summary.is_text else 0)
    if summary.is_text and blanks:
        sentence = f"{column} is text that holds numbers, and blanks in {count_rows(blanks)}, which are read as null"
        notices.append(Notice(column, "number", sentence, '--contract FILE with kind = "category"'))
    if summary.infinities:
        what = f"{column} is not finite in {count_rows(summary.infinities)}, which will be refused"
        notices.append(Notice(column, "infinite", what))
    if summary.is_flag:
        return CategoryField(name=column, levels=(0, 1))
    if is_key(summary):
        sentence = f"{column} differs on every row; it was kept as a number"
        notices.append(Notice(column, "key", sentence, write_option("--id", column)))
    notices.extend(notice_stand_ins(summary))
    notices.extend(notice_codes(summary))
    if not summary.is_integral:
        return NumberField(name=column, seen=seen, accepted=find_accepted_bounds(seen))
    if summary.points and not summary.nulls:
        sentence = f"{column} holds whole numbers only, though written as decimals; a fraction will be refused"
        notices.append(Notice(column, "integral", sentence, '--contract FILE with kind = "number"'))
    return IntegerField(name=column, seen=seen, accepted=find_accepted_bounds(seen))


def _infer_category(summary: ColumnSummary, notices: list[Notice]) -> Feature:
    column = summary.column
    levels = sorted(text for text in summary.texts if not has_control_character(text))
    field = CategoryField(name=column, levels=tuple(levels))
    unfit = len(summary.texts) - len(levels)
    if unfit:
        sentence = f"{column} has {unfit} texts with control characters, which are no levels and will be refused"
        notices.append(Notice(column, "control_character", sentence))
    if unread := _find_unread_numbers(summary):
        code, what = unread
        sentence, option = f"{column} {what}, and so became a category", _find_option(column, code)
        notices.append(Notice(column, code, sentence, option, _list_cells(summary, code)))
    else:
        notices.extend(notice_missing_words(summary))
    if not find_folding_levels(field):
        sentence = f"two levels of {column} differ in case, space or hyphen only, so its levels are compared exactly"
        notices.append(Notice(column, "exact", sentence, "a table in which they are spelt alike"))
    rare = sum(1 for level in levels if summary.texts[level] < MIN_COUNT)
    if rare:
        sentence = f"{rare} of the {len(levels)} levels of {column} stand in fewer than {MIN_COUNT} rows"
        notices.append(Notice(column, "rare", sentence, write_option("--drop", column)))
    return field


def _accept_missing(field: Feature, summary: ColumnSummary) -> Feature:
    """Accept null where the column has nulls, and absence where records lacked it: training gives both a rule."""
    is_text = isinstance(field, CategoryField) and field.is_text
    has_nulls = summary.nulls > 0 or (summary.blanks > 0 and not is_text)
    return replace(
        field,
        null="impute" if has_nulls else "refuse",
        absent="optional" if summary.absents else "refuse",
    )
