"""What a column of texts really holds: dates, addresses, numbers in another notation, words for "not known"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from augury.contract.text import parse_number

# Words that statistics programs and spreadsheets write where nothing is known. A text file's "NA" is text here (it may
# be Namibia), so it is told and not changed; "none" and "unknown" are left out, for they are levels as often as not.
_MISSING_WORDS = frozenset({"na", "n/a", "#n/a", "nan", "<na>", "nat", "null", "?", "-", "--", "."})
# Of so many different integers that all read as a day, year first, none is an amount: by chance one in 27 does.
_FEWEST_DAYS = 5

_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_YEAR = r"(?:1[5-9]|2[01])\d{2}"
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]m)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?"
_DATES = (
    r"\d{4}-\d{1,2}-\d{1,2}",
    r"\d{4}[/.]\d{1,2}[/.]\d{1,2}",
    r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})",
    rf"{_YEAR}-(?:0[1-9]|1[0-2])",
    rf"{_YEAR}[- ]?q[1-4]",
    rf"(?:[a-z]{{3,9}},? +)?{_DAY}[ .-]*{_MONTH}[ ,.-]*(?:{_YEAR}|\d{{2}})",
    rf"(?:[a-z]{{3,9}},? +)?{_MONTH} *{_DAY},? +{_YEAR}",
    rf"{_MONTH}[ -]{_YEAR}",
)
_DATE = re.compile(rf"\s*(?:{'|'.join(_DATES)}){_TIME}\s*", re.IGNORECASE | re.ASCII)
_COMPACT_DAY = re.compile(r"(?:19|20|21)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_ADDRESS = re.compile(r"\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_COMMA = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:[. ']\d{3})+)(?:,\d+)?")
_UNIT = re.compile(r"\s*([+-]?)\s*[$€£¥]?\s*(.*?)\s*[%$€£¥]?\s*", re.DOTALL)


def is_missing_word(text: str) -> bool:
    """Tell whether a text is a word for "not known", such as ``NA`` or ``?``."""
    return text.strip().lower() in _MISSING_WORDS


def is_address(text: str) -> bool:
    """Tell whether a text looks like an e-mail address."""
    return _ADDRESS.fullmatch(text) is not None


def are_dates(texts: Collection[str]) -> bool:
    """Tell whether all texts are dates, but for words for "not known"; there must be one."""
    words = [text for text in texts if not is_missing_word(text)]
    return bool(words) and all(_DATE.fullmatch(text) for text in words)


def are_days(numbers: Collection[float]) -> bool:
    """Tell whether numbers are all days written as one integer, year first: ``20261122``."""
    return len(numbers) >= _FEWEST_DAYS and all(
        number.is_integer() and _COMPACT_DAY.fullmatch(str(int(number))) is not None for number in numbers
    )


def find_notation(texts: Iterable[str]) -> str | None:
    """Find in what notation all texts are numbers, but for words for "not known"; None where some are not.

    Answers the part of a sentence: ``a decimal comma``.
    """
    words = [text for text in texts if not is_missing_word(text)]
    bare = [_strip_unit(text) for text in words]
    if not words or all(parse_number(text) is not None for text in words):
        return None
    if all(parse_number(text) is not None for text in bare):
        return "a currency or percent sign"
    if all(_GROUPED.fullmatch(text) or parse_number(text) is not None for text in bare):
        return "commas between thousands"
    if all(_COMMA.fullmatch(text) for text in bare):
        return "a decimal comma"
    return None


def _strip_unit(text: str) -> str:
    """Strip a currency or percent sign; the sign of the number stays."""
    found = _UNIT.fullmatch(text)
    assert found is not None  # every part of the pattern may be empty
    return found[1] + found[2]
