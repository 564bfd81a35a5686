"""The lab's way with a table: all of it in memory, a dict for each row, and the pair that was pickled.

What is told are the seconds of the lab's own ``predict(df, dv, model)``; reading the table, spelling it as the lab's
notebook does, without which the pair knows no level, and writing the answers are not among them.
"""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd
import pyarrow as pa
from table_files import open_answers, write_answers


def predict(df: pd.DataFrame, dv: Any, model: Any) -> Any:
    """Score a table as the lab does."""
    features = [name for name in df.columns if name != "customerid"]
    columns = dv.transform(df[features].to_dict(orient="records"))
    return model.predict_proba(columns)[:, 1]


def main() -> None:
    """Score a table."""
    folder, source, output = sys.argv[1:4]
    dv, model = pickle.loads((Path(folder) / "pair.pickle").read_bytes())  # noqa: S301 - written by the benchmark itself
    df = pd.read_parquet(source)
    customers = df["customerID"]
    df.columns = df.columns.str.lower()
    for column in df.columns[~df.dtypes.map(pd.api.types.is_numeric_dtype)]:
        df[column] = df[column].str.lower().str.replace(" ", "_")
    began = perf_counter()
    probabilities = predict(df, dv, model)
    seconds = perf_counter() - began
    with open_answers(output) as answers:
        write_answers(answers, pa.array(customers.to_numpy(object), pa.string()), probabilities)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
