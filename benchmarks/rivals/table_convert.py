"""Convert the pipeline beforehand: by skl2onnx for ONNX Runtime, and by orbital into SQL."""

from __future__ import annotations

import sys
from pathlib import Path

import joblib
import orbital
from orbital.types import ColumnType, DoubleColumnType, StringColumnType
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType


def main() -> None:
    """Write ``raw.onnx`` and ``raw.sql`` beside the pipeline."""
    folder = Path(sys.argv[1])
    pipeline = joblib.load(folder / "raw.joblib")
    _, _, texts = pipeline[0].transformers_[0]
    names = pipeline[0].feature_names_in_
    inputs = [(name, (StringTensorType if name in texts else FloatTensorType)([None, 1])) for name in names]
    converted = to_onnx(pipeline, initial_types=inputs, options={"zipmap": False})
    (folder / "raw.onnx").write_bytes(converted.SerializeToString())
    columns: dict[str, ColumnType] = {
        name: StringColumnType() if name in texts else DoubleColumnType() for name in names
    }
    parsed = orbital.parse_pipeline(pipeline, features={**columns, "customerID": StringColumnType(passthrough=True)})
    kept = orbital.ResultsProjection(["customerID"])
    sql = orbital.export_sql("customers", parsed, dialect="duckdb", projection=kept)
    (folder / "raw.sql").write_text(sql, encoding="utf-8")


if __name__ == "__main__":
    main()
