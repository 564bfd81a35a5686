"""What is noticed about the target before anything is trained."""

from __future__ import annotations

from augury.contract.fields import Contract
from augury.errors import TableError
from augury.tables.leak import find_leaks
from augury.tables.notice import Notice
from augury.tables.rows import check_table
from augury.tables.table import Table
from augury.training.classes import find_classes, read_classes
from augury.training.notices import describe_balance


def describe_target(table: Table, target: str, contract: Contract) -> list[Notice]:
    """Describe the target column of a table: its classes, how many are positive, and fields that give it away."""
    try:
        classes, notices = find_classes(table, target, None, "table")
    except TableError as error:
        # The contract can be read and corrected all the same.
        return [Notice(target, "target", f"{error.what}, so that nothing can be trained for it", error.mend)]
    states = read_classes(table, target, "table")
    codes = table.coded[table.columns.index(target)].codes
    known = [position for position, code in enumerate(codes) if states[code] is not None]
    rows = check_table(contract, table.take(known), [field.name for field in contract.features])
    labels = [int(states[codes[known[position]]] == classes.positive) for position in rows.positions]
    notices.extend(find_leaks(rows.columns, labels))
    notices.extend(describe_balance(sum(labels) / len(labels) if labels else 1.0))
    return notices
