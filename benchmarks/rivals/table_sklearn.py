"""A ColumnTransformer and a regression of scikit-learn, over a table in chunks."""

from __future__ import annotations

import sys
from typing import Any

import joblib
import pyarrow as pa
from table_files import score_chunks


def main() -> None:
    """Score a table."""
    pipeline = joblib.load(f"{sys.argv[1]}/raw.joblib")

    _, _, texts = pipeline[0].transformers_[0]
    objects = dict.fromkeys(
        texts, object
    )  # as Python's own strings, which the encoder takes two thirds of the time for

    def score(chunk: pa.RecordBatch) -> Any:
        return pipeline.predict_proba(chunk.to_pandas().astype(objects))[:, 1]

    score_chunks(score)


if __name__ == "__main__":
    main()
