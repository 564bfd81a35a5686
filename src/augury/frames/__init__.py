"""Frames in, the same kind out: a table in memory is scored by the SQL of the model, which DuckDB runs."""
