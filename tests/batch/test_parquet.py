from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet
import pytest

from augury.errors import TableError
from tests.batch.conftest import Predict, read_csv
from tests.batch.tables import Row, make_arrow


def _write(table: pa.Table, path: Path, group: int = 500) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(table, path, row_group_size=group)


@pytest.mark.parametrize("part_rows", [None, 700, 3000])
def test_rows_of_several_files_are_numbered_as_one_table(
    predict: Predict, customers: list[Row], tmp_path: Path, part_rows: int | None
) -> None:
    """Without an identifier each answer has the number of its row, from 1, through small and large files alike."""
    table = make_arrow(customers).drop_columns(["customerID"])
    for name, (start, rows) in {"a": (0, 100), "b": (100, 5000), "c": (5100, 143), "d": (5243, 1800)}.items():
        _write(table.slice(start, rows), tmp_path / "parts" / f"{name}.parquet")
    predict(tmp_path / "parts", part_rows=part_rows)
    answers = read_csv(tmp_path / "out.csv")
    assert [int(answer["row"]) for answer in answers] == list(range(1, 7044))
    predict(pyarrow_whole(table, tmp_path), output=tmp_path / "whole.csv")
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def pyarrow_whole(table: pa.Table, folder: Path) -> Path:
    """Write a table as one file, and answer with its path."""
    _write(table, folder / "whole.parquet")
    return folder / "whole.parquet"


def test_keys_of_partitions_are_columns(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """The keys of Hive's folders are columns: a level, a number in text, and what is copied."""
    table = make_arrow(customers)
    for contract in ("Two year", "One year", "Month-to-month"):
        chosen = table.filter(pa.compute.equal(table["Contract"], contract)).drop_columns(["Contract"])
        _write(chosen, tmp_path / "t" / f"Contract={contract.replace(' ', '%20')}" / "year=2026" / "x.parquet")
    summary = predict(tmp_path / "t", ids=("year",))
    assert (summary.rows, summary.refused) == (7043, 0)
    predict(pyarrow_whole(table, tmp_path), output=tmp_path / "whole.csv")
    expected = {row["customerID"]: row["churn_probability"] for row in read_csv(tmp_path / "whole.csv")}
    answers = read_csv(tmp_path / "out.csv")
    assert {row["customerID"]: row["churn_probability"] for row in answers} == expected
    assert {row["year"] for row in answers} == {"2026"}


def test_files_of_other_columns_are_refused(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """Files whose columns differ, if only in type, are not one table: the engine would cast one to the other."""
    table = make_arrow(customers[:10])
    _write(table, tmp_path / "t" / "a.parquet")
    tenure = table.schema.get_field_index("tenure")
    _write(table.set_column(tenure, "tenure", table["tenure"].cast(pa.float64())), tmp_path / "t" / "b.parquet")
    with pytest.raises(TableError, match=r"a\.parquet and b\.parquet have other columns, or other types of columns"):
        predict(tmp_path / "t")


def test_types_of_arrow_that_are_rare_are_read(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """Dictionaries, large texts, decimals and small integers are read as what they hold, and dates may be copied."""
    table = make_arrow(customers)
    casts = {"gender": pa.dictionary(pa.int8(), pa.string()), "Partner": pa.large_string(), "tenure": pa.uint8()}
    casts |= {"MonthlyCharges": pa.decimal128(20, 2), "SeniorCitizen": pa.int16()}
    for name, kind in casts.items():
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, table[name].cast(kind))
    table = table.append_column("since", pa.array([0] * len(table), pa.date32()))
    with pa.ipc.new_file(str(tmp_path / "t.arrow"), table.schema) as writer:
        writer.write_table(table)
    predict(pyarrow_whole(make_arrow(customers), tmp_path), output=tmp_path / "whole.csv")
    expected = [row["churn_probability"] for row in read_csv(tmp_path / "whole.csv")]
    for source in (tmp_path / "t.arrow", pyarrow_whole(table, tmp_path)):
        assert predict(source, ids=("since",)).refused == 0
        answers = read_csv(tmp_path / "out.csv")
        assert [row["churn_probability"] for row in answers] == expected
        assert {row["since"] for row in answers} == {"1970-01-01"}
