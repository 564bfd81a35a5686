"""Hold rows out, and cut the others into folds that agree with it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from msgspec import Struct

from augury.errors import TableError
from augury.tables.notice import Notice, count_rows
from augury.tables.table import Table
from augury.training.recipe import Split
from augury.training.roles import Roles
from augury.training.target import Labelled
from augury.training.times import rank_times

How = Literal["random", "stratified", "time", "group", "table"]
Fold = tuple[Any, Any]

# Below this many rows of a class nothing can be fitted on some of them and tried on the others.
_FEWEST = 2


class Parts(Struct, frozen=True):
    """The rows to fit on and those held out, by their positions in the table, each with their labels.

    Args:
        how: they were parted.
        column: of times or groups.
        fitting, fitting_labels: (n_fitting,), in the order in which they are fitted.
        held, held_labels: (n_held,); none where they are a table of their own.
        keys: of each fitting row the rank of its time, or the number of its group; None for the others.
    """

    how: How
    column: str | None
    fitting: Any
    fitting_labels: Any
    held: Any
    held_labels: Any
    keys: Any


def part_rows(table: Table, labelled: Labelled, roles: Roles, split: Split, *, has_test: bool) -> Parts:
    """Part the rows whose class is known.

    Raises:
        TableError: one side would have no row, or the rows to fit on too few of a class.
    """
    how, fitting, held, keys = _choose(table, labelled, roles, split, has_test=has_test)
    labels = labelled.labels
    check_fitting(labels[fitting], table.where)
    return Parts(
        how,
        roles.time or roles.group,
        labelled.positions[fitting],
        labels[fitting],
        labelled.positions[held],
        labels[held],
        None if keys is None else keys[fitting],
    )


def _choose(
    table: Table, labelled: Labelled, roles: Roles, split: Split, *, has_test: bool
) -> tuple[How, Any, Any, Any]:
    """Choose which of the labelled rows are on which side, and by which keys."""
    rows = np.arange(len(labelled.positions))
    if has_test:
        return "table", rows, rows[:0], None
    _check_rows(len(rows), table.where)
    if roles.time:
        ranks = rank_times(table, roles.time)[labelled.positions]
        fitting, held = _hold_last(ranks, split.share, table.where, roles.time)
        return "time", fitting, held, ranks
    if roles.group:
        groups = _number_groups(table, roles.group)[labelled.positions]
        fitting, held = _hold_groups(groups, split, table.where, roles.group)
        return "group", fitting, held, groups
    how: How = "stratified" if split.stratified else "random"
    return how, *_hold_rows(rows, labelled.labels, split, table.where), None


def _check_rows(count: int, where: str) -> None:
    if count < 2:
        what = f"it has {count_rows(count)} whose class is known, and none can be held out"
        raise TableError(what, where=where, mend="give a table with more rows")


def _hold_rows(rows: Any, labels: Any, split: Split, where: str) -> tuple[Any, Any]:
    from sklearn.model_selection import train_test_split

    stratify = _name_strata(labels) if split.stratified else None
    try:
        fitting, held = train_test_split(rows, test_size=split.share, random_state=split.seed, stratify=stratify)
    except ValueError:
        # A class of one row, or a share of so few rows that not every class, or side, gets one.
        few = min(int(labels.sum()), int((~labels).sum()))
        what = f"{count_rows(len(rows))}, {few:,} of the rarer class, cannot be parted by a share of {split.share:g}"
        raise TableError(
            what, where=where, mend="give a table with more rows, or rows of their own by --test"
        ) from None
    if split.stratified:
        # In the order of the table, which nothing hangs on but the bytes.
        return np.sort(fitting), np.sort(held)
    return fitting, held


def _name_strata(labels: Any) -> Any:
    """Name the class of the first row False, so that the same rows are held out whichever class is positive."""
    return labels != labels[0]


def _hold_last(ranks: Any, share: float, where: str, column: str) -> tuple[Any, Any]:
    """Hold the last in time out; rows of one time are on one side, so the share is met as nearly as that allows."""
    counts = np.bincount(ranks)
    later = counts[::-1].cumsum()[::-1][1:]  # how many rows are later than each time but the last
    possible = np.flatnonzero((later > 0) & (later < len(ranks)))
    if not len(possible):
        raise TableError(
            f"all rows have one time in {column}", where=where, mend="name a column of times that differ by --time"
        )
    cut = possible[np.abs(later[possible] - share * len(ranks)).argmin()]
    order = np.argsort(ranks, kind="stable")
    is_late = ranks[order] > cut
    return order[~is_late], order[is_late]


def _number_groups(table: Table, column: str) -> Any:
    """Give each group a number; a cell of the column is a group, and so is null."""
    return np.frombuffer(table.coded[table.columns.index(column)].codes, dtype=np.uint32).astype(np.int64)


def _hold_groups(groups: Any, split: Split, where: str, column: str) -> tuple[Any, Any]:
    from sklearn.model_selection import GroupShuffleSplit

    if len(np.unique(groups)) < 2:
        raise TableError(
            f"all rows are of one group in {column}", where=where, mend="name a column of several groups by --group"
        )
    shuffle = GroupShuffleSplit(n_splits=1, test_size=split.share, random_state=split.seed)
    try:
        fitting, held = next(shuffle.split(groups, groups=groups))
    except ValueError:
        what = f"the groups of {column} are too few to hold out a share of {split.share:g}"
        raise TableError(
            what, where=where, mend="give a table with more groups, or rows of their own by --test"
        ) from None
    return fitting, held


def check_fitting(labels: Any, where: str) -> None:
    """Check that there are rows of both classes to fit on.

    Raises:
        TableError: there are not.
    """
    positives = int(labels.sum())
    few = min(positives, len(labels) - positives)
    if few < _FEWEST:
        which = "positive" if positives == few else "negative"
        what = (
            f"of the {count_rows(len(labels))} to fit on {'none is' if not few else 'only 1 is'} of the {which} class"
        )
        raise TableError(what, where=where, mend="give a table with more rows of it, or part the rows in another way")


# --- folds


def make_folds(parts: Parts, count: int, seed: int) -> tuple[list[Fold], list[Notice]]:
    """Cut the fitting rows into folds, each as (rows to fit on, rows to predict), by their places among these.

    There are fewer than ``count`` where a class has fewer rows. Every part that is fitted on has both classes, and so
    have all that is predicted together: where they have not there are no folds, for nothing could be chosen.
    """
    labels = parts.fitting_labels
    possible = min(count, int(labels.sum()), int((~labels).sum()))
    folds = [
        (fitting, held)
        for fitting, held in _cut(parts, possible, seed)
        if len(held) and 0 < labels[fitting].sum() < len(fitting)
    ]
    predicted = np.concatenate([labels[held] for _, held in folds]) if folds else labels[:0]
    if not 0 < predicted.sum() < len(predicted):
        return [], []
    if len(folds) == count:
        return folds, []
    sentence = f"cross-validation has {len(folds)} folds instead of {count}, {_find_reason(parts, possible, count)}"
    return folds, [Notice("", "folds", sentence)]


def _find_reason(parts: Parts, possible: int, count: int) -> str:
    """Find why there are fewer folds than were asked for; the first fold in time is predicted from a time before it."""
    if possible < count:
        return f"for one class has only {count_rows(possible)}"
    distinct = 0 if parts.keys is None else len(np.unique(parts.keys))
    if parts.how == "time" and distinct <= count:
        return f"for the rows to fit on have only {distinct} times"
    if parts.how == "group" and distinct < count:
        return f"for the rows to fit on have only {distinct} groups"
    return "for some would lack a class"


def _cut(parts: Parts, count: int, seed: int) -> Sequence[Fold]:
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    labels = _name_strata(parts.fitting_labels)
    if parts.how == "time":
        return _cut_times(parts.keys, count)
    if parts.how == "group":
        count = min(count, len(np.unique(parts.keys)))
        if count < 2:
            return []
        return list(StratifiedGroupKFold(count, shuffle=True, random_state=seed).split(labels, labels, parts.keys))
    return list(StratifiedKFold(count, shuffle=True, random_state=seed).split(labels, labels))


def _cut_times(ranks: Any, count: int) -> list[Fold]:
    """Cut as ``TimeSeriesSplit`` does, over distinct times: each fold is predicted from what was before it."""
    from sklearn.model_selection import TimeSeriesSplit

    times = np.unique(ranks)
    count = min(count, len(times) - 1)
    if count < 2:
        return []
    # Where a fold of equally many rows would begin, it begins with all rows of that time.
    ordered = np.sort(ranks)
    edges = [ordered[held[0]] for _, held in TimeSeriesSplit(count).split(ordered)]
    bounds = [*sorted(set(edges)), times[-1] + 1]
    return [
        (np.flatnonzero(ranks < low), np.flatnonzero((ranks >= low) & (ranks < high))) for low, high in pairwise(bounds)
    ]
