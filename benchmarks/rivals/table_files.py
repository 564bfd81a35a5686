"""Customers in files of Parquet, read in chunks and answered in chunks: for the rivals that score in Python."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

CHUNK = 100_000
_SCHEMA = pa.schema([("customerID", pa.string()), ("churn_probability", pa.float64()), ("churn", pa.bool_())])


def score_chunks(score: Callable[[pa.RecordBatch], Any]) -> None:
    """Score the table that the command names first, chunk by chunk, into the one that it names last.

    Args:
        score: a chunk to its probabilities.
    """
    source, output = sys.argv[2:4]
    with pq.ParquetFile(source) as table, open_answers(output) as answers:
        for chunk in table.iter_batches(CHUNK):
            write_answers(answers, chunk.column("customerID"), score(chunk))


def open_answers(output: str) -> pq.ParquetWriter:
    """Open a file for answers, written as Augury writes its own: what packs less is written faster."""
    return pq.ParquetWriter(output, _SCHEMA, compression="lz4", use_dictionary=False)


def write_answers(answers: pq.ParquetWriter, customers: pa.Array, probabilities: Any) -> None:
    """Write a chunk of answers."""
    scored = pa.array(probabilities, pa.float64())
    answers.write_batch(pa.record_batch([customers, scored, pa.array(probabilities >= 0.5)], schema=_SCHEMA))
