"""Rows drawn while a table is read."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from augury.errors import UsageError
from augury.tables.draw import Draw, draw_rows
from augury.tables.read import read_table


def test_every_row_is_as_probable_as_any_other() -> None:
    """Over many seeds each of twenty rows is drawn a quarter of the time."""
    counts = Counter(row for seed in range(4000) for row in draw_rows(range(20), Draw(5, seed)))
    assert set(counts) == set(range(20))
    # Five standard deviations of a binomial count with n = 4000 and p = 1/4.
    assert all(abs(count - 1000) < 5 * (4000 * 0.25 * 0.75) ** 0.5 for count in counts.values())


@pytest.mark.parametrize("wanted", [1, 2, 999, 1000, 1001])
def test_rows_keep_their_order(wanted: int) -> None:
    """So many rows as are asked for, or all, are drawn; they differ, keep their order, and hang on the seed alone."""
    drawn = list(draw_rows(range(1000), Draw(wanted)))
    assert len(drawn) == min(wanted, 1000)
    assert drawn == sorted(set(drawn))
    assert drawn == list(draw_rows(range(1000), Draw(wanted)))


def test_every_source_is_drawn_from(tmp_path: Path) -> None:
    """The same rows are drawn from a table in whatever form it is, and another seed draws others."""
    frame = pd.DataFrame({"n": range(500), "w": [f"w{index % 7}" for index in range(500)]})
    paths = [tmp_path / name for name in ("t.csv", "t.jsonl", "t.json", "t.parquet", "t.arrow")]
    frame.to_csv(paths[0], index=False)
    records = frame.to_dict(orient="records")
    paths[1].write_text("\n".join(map(json.dumps, records)))
    paths[2].write_text(json.dumps(records))
    pyarrow.parquet.write_table(pa.Table.from_pandas(frame), paths[3])
    pyarrow.feather.write_feather(pa.Table.from_pandas(frame), str(paths[4]))
    drawn = [
        [(str(number), word) for number, word in read_table(source, rows=50).iter_rows()]
        for source in (*paths, frame, records, read_table(frame))
    ]
    assert len(drawn[0]) == 50
    assert all(each == drawn[0] for each in drawn)
    assert [row[0] for row in read_table(paths[0], rows=50, seed=2).iter_rows()] != [row[0] for row in drawn[0]]


def test_no_rows_cannot_be_drawn() -> None:
    """A number of rows below one is refused."""
    with pytest.raises(UsageError, match="a table of 0 rows cannot be drawn"):
        read_table([{"a": 1}], rows=0)
