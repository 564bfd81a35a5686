"""DuckDB, which copies the identifier and one number of each row and scores nothing: what reading and writing take."""

from __future__ import annotations

import sys

import duckdb

# As Augury writes its own: what packs less is written faster.
_COPY = "COPY (FROM answers) TO ? (FORMAT parquet, COMPRESSION lz4_raw, DICTIONARY_SIZE_LIMIT 1)"


def write_answers(connection: duckdb.DuckDBPyConnection, answers: duckdb.DuckDBPyRelation, output: str) -> None:
    """Write answers into a file."""
    answers.create_view("answers")
    connection.execute(_COPY, [output])


def main() -> None:
    """Copy a table."""
    source, output = sys.argv[2:4]
    with duckdb.connect() as connection:
        write_answers(connection, connection.read_parquet(source).select("customerID", '"MonthlyCharges"'), output)


if __name__ == "__main__":
    main()
