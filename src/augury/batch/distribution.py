"""How answers and fields are distributed, against what the model was trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from augury.batch.plan import Plan
from augury.batch.summary import Distance, FieldDrift, Scores
from augury.contract.parse import parse_json
from augury.contract.values import Value
from augury.profile import (
    QUANTILES,
    FieldProfile,
    NumberProfile,
    Profile,
    compute_divergence,
    compute_stability,
    cut_shares,
)
from augury.sql.names import quote_name, quote_text
from augury.tables.plain import make_plain_cells
from augury.tables.rows import check_table
from augury.tables.summarise import compute_counted_quantiles
from augury.tables.table import Table, make_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Answers of which the quantiles are found; where there are more, whole blocks of them are drawn: of ten million that
# takes a tenth of a second, and three where each is drawn by itself.
_MAX_SCORES = 250_000


def find_scores(connection: DuckDBPyConnection, plan: Plan, parts: Sequence[Path], scored: int) -> Scores | None:
    """Find how the probabilities in the files of answers, so many, are distributed; None where there are none."""
    target = plan.body.target.name
    probability, label = quote_name(f"{target}_probability"), quote_name(target)
    answers = _write_answers(plan, parts)
    positives, rows = connection.execute(
        f"SELECT count(*) FILTER ({label}), count({probability}) FROM {answers}"  # noqa: S608 - names are quoted
    ).fetchone() or (0, 0)
    if rows != scored:
        raise AssertionError(f"the answers have {rows} probabilities, and the receipts {scored}")
    if not rows:
        return None
    drawn = f"USING SAMPLE {100 * _MAX_SCORES / rows} PERCENT (system, 1)" if rows > _MAX_SCORES else ""
    (quantiles,) = connection.execute(
        f"SELECT quantile_cont({probability}, {list(QUANTILES)}) "  # noqa: S608 - names are quoted
        f"FROM (SELECT {probability} FROM {answers} {drawn})"
    ).fetchone() or ((),)
    profile = plan.body.profile
    drift = measure_scores(profile, tuple(quantiles)) if profile is not None else None
    return Scores(positives / rows, tuple(quantiles), drift)


def measure_scores(profile: Profile, quantiles: tuple[float, ...]) -> Distance:
    """Measure how far the quantiles of probabilities are from those of training."""
    return _measure(*cut_shares(profile.score, quantiles))


def _write_answers(plan: Plan, parts: Sequence[Path]) -> str:
    names = f"[{', '.join(quote_text(str(part)) for part in parts)}]"
    if plan.form == "parquet":
        return f"read_parquet({names})"
    target = plan.body.target.name
    types = {f"{target}_probability": "DOUBLE", target: "BOOLEAN"}
    columns = ", ".join(f"{quote_text(name)}: '{types.get(name, 'VARCHAR')}'" for name in plan.outputs)
    if plan.form == "csv":
        as_written = "header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"'"
        return f"read_csv({names}, columns = {{{columns}}}, {as_written})"
    return f"read_json({names}, format = 'newline_delimited', columns = {{{columns}}})"


def find_drift(connection: DuckDBPyConnection, plan: Plan, samples: Sequence[Path]) -> tuple[FieldDrift, ...] | None:
    """Find how far each field of the sampled rows is from training; None where nothing was sampled."""
    profile = plan.body.profile
    if profile is None or not samples:
        return None
    rows = check_table(plan.body.contract, _read_samples(connection, plan, samples))
    if not rows.row_count:
        return None
    return tuple(
        FieldDrift(column.name, _compare(known, column.count_values()))
        for known, column in zip(profile.fields, rows.columns, strict=True)
    )


def _read_samples(connection: DuckDBPyConnection, plan: Plan, samples: Sequence[Path]) -> Table:
    """Read the sampled rows as a table whose columns are called as their fields."""
    names = ", ".join(quote_text(str(sample)) for sample in samples)
    found = connection.execute(f"SELECT * FROM read_parquet([{names}])").fetchall()  # noqa: S608 - quoted
    fields = zip(plan.body.contract.features, plan.bound.features, strict=True)
    bound = [(field.name, column.kind) for field, column in fields if column is not None]
    columns = [list(make_plain_cells(cells)) for cells in zip(*found, strict=True)]
    for cells, (_, kind) in zip(columns, bound, strict=True):
        if kind == "dynamic":
            cells[:] = [cell if cell is None else parse_json(str(cell).encode()) for cell in cells]
    header = [name for name, _ in bound]
    return make_table(header, zip(*columns, strict=True), is_text=plan.bound.is_text, where="the sample")


def _compare(known: FieldProfile, counts: dict[Value, int]) -> Distance:
    total = sum(counts.values())
    nulls = counts.get(None, 0) / total
    if isinstance(known, NumberProfile):
        numbers = Counter({float(value): count for value, count in counts.items() if isinstance(value, int | float)})
        if not numbers or not known.quantiles:
            return _measure([1 - known.nulls, known.nulls], [1 - nulls, nulls])
        expected, actual = cut_shares(known.quantiles, compute_counted_quantiles(numbers))
        expected = [share * (1 - known.nulls) for share in expected]
        return _measure([*expected, known.nulls], [*(share * (1 - nulls) for share in actual), nulls])
    seen = sum(known.counts)
    expected = [count / seen * (1 - known.nulls) for count in known.counts]
    actual = [counts.get(level, 0) / total for level in known.levels]
    return _measure([*expected, known.nulls, 0.0], [*actual, nulls, max(0.0, 1.0 - sum(actual) - nulls)])


def _measure(expected: Sequence[float], actual: Sequence[float]) -> Distance:
    return Distance(compute_stability(expected, actual), compute_divergence(expected, actual))
