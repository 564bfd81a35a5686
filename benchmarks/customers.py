"""Tables of customers of nobody, of any size: drawn by DuckDB from the profile of the model that comes with Augury.

Each field is drawn by itself, as ``augury sample`` draws it, and spelt as the training table spells it; so every row is
accepted. Every draw is a hash of the row's number, so the same version of DuckDB draws the same rows, on any number of
threads, and a smaller table is the beginning of a larger one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import duckdb
from duckdb import CaseExpression, ColumnExpression, ConstantExpression, Expression, FunctionExpression

from augury.api import load_bundled
from augury.contract.fields import Bounds, CategoryField, Feature, IntegerField
from augury.model import Model
from augury.profile import QUANTILES, FieldProfile, LevelProfile, NumberProfile

# Of so many rows one is refused, where refused ones are asked for; the three faults take turns.
REFUSED_OF = 100
FAULTS: dict[str, object] = {"contract": "Weekly", "gender": None, "monthlycharges": 1e6}
_FIRST = 41
_HASHES = float(2**64)
# A row takes less, here and in what is written of it.
_BYTES_A_ROW = 80
_ROW = "range"
_MOST_ROWS = 2**40


def draw_customers(folder: Path, rows: int, *, has_refused: bool = False) -> Path:
    """Draw a table, unless it is there already, and find it.

    Raises:
        SystemExit: the disk has no room for it.
    """
    model = load_bundled()
    kind = "customers-refused" if has_refused else "customers"
    path = folder / f"{kind}-{rows}-{model.digest.removeprefix('sha256:')[:12]}-duckdb-{duckdb.__version__}.parquet"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < rows * _BYTES_A_ROW:
        raise SystemExit(f"{folder}: {rows:,} customers need {rows * _BYTES_A_ROW / 1e9:.1f} GB on the disk")
    shares, columns = _list_columns(model, has_refused=has_refused)
    part = path.with_suffix(".part")
    with duckdb.connect() as connection:
        drawn = connection.table_function("range", [rows]).select(*shares)  # each once, though it is looked at often
        drawn.select(*columns).write_parquet(str(part))
    part.replace(path)
    return path


def count_refused(rows: int) -> int:
    """Count the refused rows of a table that has some."""
    return len(range(_FIRST, rows, REFUSED_OF))


def _list_columns(model: Model, *, has_refused: bool) -> tuple[list[Expression], list[Expression]]:
    profile = model.document.model.profile
    shares = [ColumnExpression(_ROW)]
    columns = [FunctionExpression("format", ConstantExpression("C-{:09d}"), ColumnExpression(_ROW)).alias("customerID")]
    for number, (field, known) in enumerate(
        zip(model.contract.features, profile.fields if profile else (), strict=True)
    ):
        share = f"share of {field.name}"
        shares.append(_draw_share(number).alias(share))
        drawn = _draw(field, known, ColumnExpression(share))
        columns.append((_spoil(field, drawn) if has_refused else drawn).alias((*field.spellings, field.name)[0]))
    return shares, columns


def _draw_share(number: int) -> Expression:
    """Draw from [0, 1), for each row and field another number."""
    # One number is hashed: DuckDB's hash of two is no more than a mixture of theirs, and fields would depend on it.
    drawn = FunctionExpression("hash", ColumnExpression(_ROW) + ConstantExpression(number * _MOST_ROWS))
    return drawn.cast("DOUBLE") / ConstantExpression(_HASHES)


def _draw(field: Feature, known: FieldProfile, share: Expression) -> Expression:
    if isinstance(field, CategoryField) and isinstance(known, LevelProfile):
        spelt: dict[Any, str] = {level: spelling for spelling, level in field.level_spellings.items()}
        total = sum(known.counts)
        steps = (ConstantExpression(count / total) for count in accumulate(known.counts))
        drawn = _choose(share, steps, [ConstantExpression(spelt.get(level, level)) for level in known.levels])
        return drawn if field.is_text else drawn.cast("BIGINT")
    if isinstance(field, CategoryField) or not isinstance(known, NumberProfile) or field.seen is None:
        raise TypeError(f"no customers are drawn with a field like {field.name!r}")
    number = _draw_number(known.quantiles, field.seen, share)
    return number.cast("BIGINT") if isinstance(field, IntegerField) else number


def _draw_number(quantiles: tuple[float, ...], seen: Bounds, share: Expression) -> Expression:
    """Interpolate between the quantiles, to the cent, as charges are."""
    lines = []
    for (left, low), (right, high) in pairwise(zip(QUANTILES, quantiles, strict=True)):
        slope = (high - low) / (right - left)
        lines.append(ConstantExpression(low) + (share - ConstantExpression(left)) * ConstantExpression(slope))
    number = _choose(share, map(ConstantExpression, QUANTILES[1:]), lines)
    inside = FunctionExpression("greatest", ConstantExpression(seen.low), number)
    return FunctionExpression(
        "round", FunctionExpression("least", ConstantExpression(seen.high), inside), ConstantExpression(2)
    )


def _choose(share: Expression, limits: Iterable[Expression], values: list[Expression]) -> Expression:
    """Choose the first value below whose limit the share lies, else the last."""
    first, *others = [(share < limit, value) for limit, value in zip(limits, values, strict=True)][:-1]
    chosen = CaseExpression(*first)
    for condition, value in others:
        chosen = chosen.when(condition, value)
    return chosen.otherwise(values[-1])


def _spoil(field: Feature, drawn: Expression) -> Expression:
    """Put a fault into the rows whose turn it is."""
    if field.name not in FAULTS:
        return drawn
    turn = _FIRST + REFUSED_OF * list(FAULTS).index(field.name)
    due = ColumnExpression(_ROW) % ConstantExpression(REFUSED_OF * len(FAULTS)) == ConstantExpression(turn)
    return CaseExpression(due, ConstantExpression(FAULTS[field.name])).otherwise(drawn)
