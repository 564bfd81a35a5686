"""A contract in SQL: what each engine's columns say to each field, without a row leaving the engine."""
