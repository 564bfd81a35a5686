"""The key or level that was probably meant, within limits that keep a hostile record cheap."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

from augury.contract.fold import fold

# difflib over 10,000 candidates costs 39 ms; over 200 of at most 64 characters well under one.
_MAX_LENGTH = 64
_MAX_CANDIDATES = 200
# Below two thirds of common characters a suggestion misleads more than it helps ("tenure" for "gender" scores 0.5).
_CUTOFF = 0.66
# Whoever makes a mistake makes it in every record, and to look costs a third of a refusal.
_MOST_REMEMBERED = 128


def find_nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Find the candidate most like ``word``, compared folded; None when nothing is close or the limits are passed."""
    listed = tuple(islice(candidates, _MAX_CANDIDATES + 1))
    if len(word) > _MAX_LENGTH or len(listed) > _MAX_CANDIDATES:
        return None
    return _find_among(word, listed)


@lru_cache(maxsize=_MOST_REMEMBERED)
def _find_among(word: str, candidates: tuple[str, ...]) -> str | None:
    from difflib import get_close_matches  # only a record with a mistake pays for it

    by_fold: dict[str, str] = {}
    for candidate in candidates:
        if len(candidate) <= _MAX_LENGTH:
            by_fold.setdefault(fold(candidate), candidate)
    close = get_close_matches(fold(word), by_fold, n=1, cutoff=_CUTOFF)
    return by_fold[close[0]] if close else None
