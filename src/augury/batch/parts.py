"""One part scored: its answers, and the lines of the rows that were refused, each in a file of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from augury.batch.engine import read_batches
from augury.batch.golden import check_golden
from augury.batch.ledger import Count, Ledger, Receipt, settle
from augury.batch.output import write_copy
from augury.batch.plan import Plan, write_answers, write_refused, write_scored
from augury.batch.reject_file import BLOCK_LINES, make_lines, name_columns, open_rejects
from augury.batch.rejects import RejectFinder
from augury.batch.source import PART, VIEW, Part
from augury.sql.names import quote_name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Refused rows that are told at once.
_BLOCK_ROWS = 8192
# Rows of a part that are kept as a sample, about: so many, and of a large part so many in a hundred.
_LEAST_SAMPLE = 10_000
_PERCENT = 0.1

_Counts = Counter[tuple[str, str]]


class PartScorer:
    """Scores the parts of a run, one after the other, by statements that are the same for all of them.

    Raises:
        ParityError: the engine does not score the golden rows as the artifact says.
    """

    def __init__(self, connection: DuckDBPyConnection, plan: Plan, ledger: Ledger) -> None:
        self._connection = connection
        self._plan = plan
        self._ledger = ledger
        scored = write_scored(plan)
        check_golden(connection, plan, scored)
        self._answers = write_answers(plan, scored)
        self._finder = RejectFinder(plan.body.contract, plan.bound, plan.lacking)

    def score(self, part: Part) -> Receipt:
        """Score a part: write its files, and then the receipt.

        Raises:
            ParityError: SQL refused a row that the contract accepts.
        """
        if part.table is not None:
            self._connection.register(VIEW, part.table)
        try:
            self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {PART} AS FROM {part.relation}")
            files: dict[str, int] = {}
            written = self._write_answers(part, files)
            faults: _Counts = Counter()
            refused = 0
            if self._plan.keeps_refused or written < part.rows:
                refused = self._tell_refused(part, files, faults)
            if self._plan.samples:
                self._keep_sample(part, files)
            if not self._plan.keeps_refused and written + refused != part.rows:
                what = f"part {part.number} has {part.rows} rows, of which {written} were scored and {refused} refused"
                raise AssertionError(what)
        finally:
            if part.table is not None:
                self._connection.unregister(VIEW)
        receipt = Receipt(part.number, part.rows, part.rows - refused, files, _gather(faults))
        self._ledger.sign(receipt)
        return receipt

    @cached_property
    def _refused(self) -> str:
        """The query of refused rows, which many runs do without."""
        return write_refused(self._plan)

    def _write_answers(self, part: Part, files: dict[str, int]) -> int:
        plan, folder = self._plan, self._ledger.folder
        copy = write_copy(self._answers, folder / "answers.tmp", plan.form, header=plan.header)
        (written,) = self._connection.execute(copy).fetchone() or (0,)
        name = f"part-{part.number:05}.{plan.form}"
        files[name] = settle(folder / "answers.tmp", folder / name)
        return int(written)

    def _keep_sample(self, part: Part, files: dict[str, int]) -> None:
        """Keep rows drawn from a part, each by itself."""
        folder, name = self._ledger.folder, f"sample-{part.number:05}.parquet"
        percent = 100.0 if part.rows <= _LEAST_SAMPLE else max(_PERCENT, 100 * _LEAST_SAMPLE / part.rows)
        columns = ", ".join(map(quote_name, self._plan.features))
        select = f"SELECT {columns} FROM {PART} USING SAMPLE {percent} PERCENT (bernoulli, 1)"  # noqa: S608 - quoted
        self._connection.execute(write_copy(select, folder / "sample.tmp", "parquet"))
        files[name] = settle(folder / "sample.tmp", folder / name)

    def _tell_refused(self, part: Part, files: dict[str, int], faults: _Counts) -> int:
        """Write the lines of the refused rows, and count the rows."""
        temporary = self._ledger.folder / "rejects.tmp"
        refused = 0
        with open_rejects(temporary, self._plan.reject_form) as write:
            for batch in read_batches(self._connection, self._refused, _BLOCK_ROWS):
                refused += batch.num_rows
                self._tell_batch(batch, write, faults)
        if refused:
            name = f"rejects-{part.number:05}.{self._plan.reject_form}"
            files[name] = settle(temporary, self._ledger.folder / name)
        else:
            temporary.unlink()
        return refused

    def _tell_batch(self, batch: Any, write: Callable[[Any], None], faults: _Counts) -> None:
        plan = self._plan
        rows: Sequence[int] = batch.column(0).to_pylist()
        told = batch.column(1 + len(plan.columns)).to_pylist()
        ids = [batch.column(1 + plan.columns.index(name)) for name in plan.ids]
        names = name_columns(plan.ids)
        rejects = self._finder.find(lambda name: batch.column(1 + plan.columns.index(name)).to_pylist(), rows, told)
        while block := list(islice(rejects, BLOCK_LINES)):
            faults.update((reject.fault.field, reject.fault.code) for reject in block)
            write(make_lines(block, rows, ids, names))


def _gather(counted: _Counts) -> tuple[Count, ...]:
    return tuple(Count(field, code, rows) for (field, code), rows in counted.most_common())


def sum_counts(several: Iterable[Iterable[Count]]) -> tuple[Count, ...]:
    """Add up the counts of several parts, the most frequent first."""
    counted: _Counts = Counter()
    for counts in several:
        for count in counts:
            counted[count.field, count.code] += count.rows
    return _gather(counted)


def list_files(ledger: Ledger, word: str) -> list[Path]:
    """List the files of all parts that begin with a word, in order."""
    receipts = [ledger.receipts[number] for number in sorted(ledger.receipts)]
    return [ledger.folder / name for receipt in receipts for name in receipt.files if name.startswith(word)]
