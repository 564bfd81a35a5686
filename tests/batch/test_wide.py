"""Models of many fields and levels, from a file to answers."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa
import pytest
from pyarrow import parquet

from augury.artifact.document import Golden
from augury.batch.options import Options
from augury.batch.run import predict_table
from augury.contract.fields import Bounds, CategoryField, Contract, NumberField
from augury.ir.nodes import Category, Linear, Link, Lookup, Number, Standardize
from augury.ir.reference import Reference
from augury.model import Model
from tests.contract.models import make_model

# Numbers and levels: few, so many that the statement is written otherwise, and those of the largest model promised.
SIZES = [(99, 33), (101, 500), pytest.param(3000, 20_000, marks=pytest.mark.soak)]
ROWS = 60


def make_wide(numbers: int, levels: int, draw: random.Random) -> Model:
    """Make a model of so many numbers, and one category of so many levels."""
    document = make_model("bare").document
    fields = tuple(NumberField(name=f"n{at}", seen=Bounds(0.0, 10.0)) for at in range(numbers))
    city = CategoryField(name="city", levels=tuple(f"City {at}" for at in range(levels)))
    terms = (
        *(Standardize(Number(field.name), 5.0, 3.0) for field in fields),
        Lookup(Category("city"), tuple(draw.uniform(-1, 1) for _ in city.levels)),
    )
    weights = (*(draw.uniform(-0.1, 0.1) for _ in fields), 1.0)
    contract, predictor = Contract(fields=(*fields, city)), Link((Linear(terms, weights, 0.5),))
    baseline = msgspec.structs.replace(document.model.baseline, terms=(0.0,) * len(contract.fields))
    record = make_row(numbers, levels, draw)
    golden = (Golden(record, Reference(contract, predictor).compute_margin(record)),)
    body = msgspec.structs.replace(
        document.model, contract=contract, predictor=predictor, profile=None, golden=golden, baseline=baseline
    )
    return Model(msgspec.structs.replace(document, model=body))


def make_row(numbers: int, levels: int, draw: random.Random) -> dict[str, str | int | float | bool | None]:
    """Draw a row."""
    return {**{f"n{at}": draw.uniform(0, 10) for at in range(numbers)}, "city": f"City {draw.randrange(levels)}"}


@pytest.mark.parametrize(("numbers", "levels"), SIZES)
def test_a_wide_model_scores_a_table(tmp_path: Path, numbers: int, levels: int) -> None:
    """Many numbers and levels are scored as the record target scores them, and the wrong cells among them are told."""
    draw = random.Random(numbers)
    model = make_wide(numbers, levels, draw)
    rows = [make_row(numbers, levels, draw) for _ in range(ROWS)]
    rows[9]["city"] = str(rows[9]["city"]).upper()
    records = [dict(row) for row in rows]
    rows[7][f"n{numbers - 1}"] = 1e9
    rows[8]["city"] = "Atlantis"
    table = tmp_path / "wide.parquet"
    parquet.write_table(pa.table({name: [row[name] for row in rows] for name in rows[0]}), table)
    # The plan for the largest takes more than is allowed without saying.
    asked = Options(source=str(table), output=tmp_path / "out.parquet", threads=2, memory="3GB")
    summary = predict_table(model, asked)
    assert {(each.field, each.code, each.rows) for each in summary.faults} == {
        (f"n{numbers - 1}", "range", 1),
        ("city", "level", 1),
    }
    found = duckdb.sql(f"SELECT row, {model.target}_probability FROM '{tmp_path / 'out.parquet'}'").fetchall()
    assert [row for row, _ in found] == [at + 1 for at in range(ROWS) if at not in {7, 8}]
    expected = [model.predict_one(records[row - 1]).probability for row, _ in found]
    assert [probability for _, probability in found] == pytest.approx(expected, rel=1e-12)
