"""One part scored: its answers, and the lines of the rows that were refused, each in a file of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from augury.artifact.document import ModelBody
from augury.batch.engine import read_batches
from augury.batch.ledger import Count, Ledger, Receipt, settle
from augury.batch.naming import quote_name
from augury.batch.output import Format, write_copy
from augury.batch.reject_file import BLOCK_LINES, make_lines, name_columns, open_rejects
from augury.batch.rejects import RejectFinder
from augury.batch.source import VIEW, Part
from augury.sql.layout import Bound
from augury.statement import Wanted, write_statement

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Refused rows that are told at once.
_BLOCK_ROWS = 8192


class Plan(Struct, frozen=True):
    """What is the same for all parts.

    Args:
        body: the model.
        bound: which column is which field.
        ids: columns that are copied; the number of the row where there are none.
        row: the name of the column with the number of the row.
        form: of the answers.
        reject_form: of the rejects.
        keeps_refused: whether refused rows are in the answers too.
        header: whether each part of CSV has one: those of a folder are files by themselves.
    """

    body: ModelBody
    bound: Bound
    ids: tuple[str, ...]
    row: str
    form: Format
    reject_form: Format
    keeps_refused: bool
    header: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that are asked for."""
        bound = (*self.bound.features, *self.bound.identifiers.values())
        return tuple(dict.fromkeys((*(column.name for column in bound if column is not None), *self.ids)))

    @property
    def outputs(self) -> tuple[str, ...]:
        """The columns of the answers."""
        target = self.body.target.name
        faults = ("faults",) if self.keeps_refused else ()
        return (*(self.ids or ("row",)), f"{target}_probability", target, *faults)


def score_part(connection: DuckDBPyConnection, plan: Plan, ledger: Ledger, part: Part) -> Receipt:
    """Score a part: write its files, and then the receipt.

    Raises:
        ParityError: SQL refused a row that the contract accepts.
    """
    if part.table is not None:
        connection.register(VIEW, part.table)
    try:
        files: dict[str, int] = {}
        temporary = ledger.folder / "answers.tmp"
        name = f"part-{part.number:05}.{plan.form}"
        select = write_answers(plan, part)
        written = _count(connection.execute(write_copy(select, temporary, plan.form, header=plan.header)))
        files[name] = settle(temporary, ledger.folder / name)
        refused, faults = _tell_refused(connection, plan, ledger, part, written, files)
        receipt = Receipt(part.number, part.rows, part.rows - refused, files, _gather(faults))
        ledger.sign(receipt)
        return receipt
    finally:
        if part.table is not None:
            connection.unregister(VIEW)


def write_answers(plan: Plan, part: Part) -> str:
    """Write the SELECT of a part's answers: of the rows that were scored, or of all."""
    target = plan.body.target.name
    kept = plan.ids or (plan.row,)
    statement = _write(plan, part, Wanted(kept))
    probability = quote_name(f"{target}_probability")
    named = [f"{quote_name(name)} AS {quote_name(shown)}" for name, shown in zip(kept, plan.outputs, strict=False)]
    faults = ["faults"] if plan.keeps_refused else []
    columns = ", ".join([*named, probability, quote_name(target), *faults])
    chosen = "" if plan.keeps_refused else f" WHERE {probability} IS NOT NULL"
    return f"SELECT {columns} FROM ({statement}){chosen}"  # noqa: S608 - names are quoted


def _write(plan: Plan, part: Part, wanted: Wanted) -> str:
    return write_statement(plan.body, plan.bound, dialect="duckdb", source=part.relation, wanted=wanted)


def _count(found: Any) -> int:
    return int(found.fetchone()[0])


def _tell_refused(
    connection: DuckDBPyConnection, plan: Plan, ledger: Ledger, part: Part, written: int, files: dict[str, int]
) -> tuple[int, Counter[tuple[str, str]]]:
    """Write the lines of the refused rows; nothing is asked where every row was scored."""
    counted: Counter[tuple[str, str]] = Counter()
    if not plan.keeps_refused and written == part.rows:
        return 0, counted
    temporary = ledger.folder / "rejects.tmp"
    refused = 0
    finder = RejectFinder(plan.body.contract, plan.bound)
    with open_rejects(temporary, plan.reject_form) as write:
        for batch in read_batches(connection, _write_refused(plan, part), _BLOCK_ROWS):
            refused += batch.num_rows
            _tell_batch(finder, plan, batch, write, counted)
    if not plan.keeps_refused and written + refused != part.rows:
        what = f"part {part.number} has {part.rows} rows, of which {written} were scored and {refused} refused"
        raise AssertionError(what)
    if refused:
        name = f"rejects-{part.number:05}.{plan.reject_form}"
        files[name] = settle(temporary, ledger.folder / name)
    else:
        temporary.unlink()
    return refused, counted


def _write_refused(plan: Plan, part: Part) -> str:
    """Write the SELECT of the refused rows of a part, with all that is known of them."""
    statement = _write(plan, part, Wanted((plan.row, *plan.columns)))
    probability = quote_name(f"{plan.body.target.name}_probability")
    columns = ", ".join(quote_name(name) for name in (plan.row, *plan.columns))
    return f"SELECT {columns}, faults FROM ({statement}) WHERE {probability} IS NULL"  # noqa: S608 - names are quoted


def _tell_batch(finder: RejectFinder, plan: Plan, batch: Any, write: Any, counted: Counter[tuple[str, str]]) -> None:
    rows: Sequence[int] = batch.column(0).to_pylist()
    cells = {name: batch.column(at).to_pylist() for at, name in enumerate(plan.columns, 1)}
    overflown = [_is_overflow(faults) for faults in batch.column(len(plan.columns) + 1).to_pylist()]
    ids = [batch.column(1 + plan.columns.index(name)) for name in plan.ids]
    names = name_columns(plan.ids)
    rejects = finder.find(cells, rows, overflown)
    while block := list(islice(rejects, BLOCK_LINES)):
        counted.update((reject.fault.field, reject.fault.code) for reject in block)
        write(make_lines(block, rows, ids, names))


def _is_overflow(faults: str) -> bool:
    return any(fault["code"] == "overflow" for fault in msgspec.json.decode(faults))


def _gather(counted: Counter[tuple[str, str]]) -> tuple[Count, ...]:
    return tuple(Count(field, code, rows) for (field, code), rows in counted.items())


def sum_counts(counts: Iterable[Count]) -> tuple[Count, ...]:
    """Add up the counts of several parts, the most frequent first."""
    counted: Counter[tuple[str, str]] = Counter()
    for count in counts:
        counted[count.field, count.code] += count.rows
    return tuple(Count(field, code, rows) for (field, code), rows in counted.most_common())


def list_files(ledger: Ledger, word: str) -> list[Path]:
    """List the files of all parts that begin with a word, in order."""
    receipts = [ledger.receipts[number] for number in sorted(ledger.receipts)]
    return [ledger.folder / name for receipt in receipts for name in receipt.files if name.startswith(word)]
