"""The same pipeline as SQL by orbital, in DuckDB, from file to file."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
from table_copy import write_answers


def main() -> None:
    """Score a table."""
    folder, source, output = sys.argv[1:4]
    probability = duckdb.ColumnExpression("output_probability.1")
    with duckdb.connect() as connection:
        connection.read_parquet(source).create_view("customers")
        scored = connection.sql((Path(folder) / "raw.sql").read_text(encoding="utf-8"))
        label = (probability >= 0.5).alias("churn")
        write_answers(connection, scored.select("customerID", probability.alias("churn_probability"), label), output)


if __name__ == "__main__":
    main()
