"""The rows of a table whose class is known."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec import Struct

from augury.errors import TableError
from augury.tables.notice import show_texts
from augury.tables.table import Table
from augury.training.classes import Classes, read_classes
from augury.training.recipe import Case


class Labelled(Struct, frozen=True):
    """The rows of a table whose class is known.

    Args:
        positions: in the table, rising, (n_rows,).
        labels: whether each is of the positive class, (n_rows,), bool.
    """

    positions: Any
    labels: Any


def label_rows(table: Table, classes: Classes, column: str, case: Case) -> Labelled:
    """Find the rows whose class is known, and their labels.

    Raises:
        TableError: a class is neither of the two.
    """
    index = table.columns.index(column)
    read = read_classes(table, column, case)
    strange = sorted(
        {str(each) for each in read if each is not None and each not in (classes.negative, classes.positive)}
    )
    if strange:
        what = f"{column} is {show_texts(strange)}, which is neither {classes.negative!r} nor {classes.positive!r}"
        raise TableError(what, where=table.where, mend="spell the classes as in the table to fit on")
    states = np.array([-1 if each is None else int(each == classes.positive) for each in read], dtype=np.int8)
    labels = states[np.frombuffer(table.coded[index].codes, dtype=np.uint32)]
    positions = np.flatnonzero(labels >= 0)
    return Labelled(positions, labels[positions] == 1)
