"""The same pipeline, converted by skl2onnx, on ONNX Runtime, over a table in chunks."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa
from table_files import score_chunks


def main() -> None:
    """Score a table."""
    session = onnxruntime.InferenceSession(f"{sys.argv[1]}/raw.onnx")
    types = {each.name: object if each.type == "tensor(string)" else np.float32 for each in session.get_inputs()}

    def score(chunk: pa.RecordBatch) -> Any:
        cells = {name: chunk.column(name).to_numpy(zero_copy_only=False) for name in types}
        columns = {name: each.astype(types[name], copy=False).reshape(-1, 1) for name, each in cells.items()}
        (probabilities,) = session.run(["probabilities"], columns)
        return probabilities[:, 1]

    score_chunks(score)


if __name__ == "__main__":
    main()
