"""A real Spark, on two cores of this machine and listening to nobody else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from augury.contract.fold import has_lone_surrogate
from augury.sql.layout import Kind, Layout

# The oldest that Spark 4 runs on.
_OLDEST_JAVA = 17
_TYPES: dict[Kind, str] = {
    "text": "STRING",
    "float": "DOUBLE",
    "decimal": "DECIMAL(38, 10)",
    "integer": "DECIMAL(38, 0)",
    "boolean": "BOOLEAN",
    "other": "DATE",
    "nested": "ARRAY<INT>",
}


def find_java() -> str | None:
    """Find the home of a Java that Spark runs on: JAVA_HOME, else the oldest that Debian has, else that of the path."""
    if "JAVA_HOME" in os.environ:
        return os.environ["JAVA_HOME"]
    homes = sorted(Path("/usr/lib/jvm").glob(f"java-{_OLDEST_JAVA}-*/bin/java"))
    found = homes[0] if homes else shutil.which("java")
    return str(Path(found).resolve().parents[1]) if found else None


@contextmanager
def run_spark(java: str, folder: Path) -> Iterator[SparkSession]:
    """Run a session with several partitions, whose files are in a folder of its own."""
    os.environ["JAVA_HOME"] = java
    options = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.default.parallelism": "3",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder / "local"),
        "spark.log.level": "ERROR",
    }
    session = SparkSession.builder.master("local[2]").appName("tests").config(map=options).getOrCreate()
    try:
        yield session
    finally:
        session.stop()


class Spark:
    """Spark through views of frames."""

    dialect = "spark"

    def __init__(self, session: SparkSession) -> None:
        self._session = session

    def can_hold(self, cell: Any, kind: Kind) -> bool:
        """Hold what a column of this kind may hold."""
        if isinstance(cell, int) and not isinstance(cell, bool):
            return abs(cell) < 10**38
        return kind != "dynamic" and not (isinstance(cell, str) and has_lone_surrogate(cell))

    def can_name(self, name: str) -> bool:  # noqa: ARG002 - any is
        """Take every name."""
        return True

    def create(self, name: str, layout: Layout, rows: Sequence[Sequence[Any]]) -> str:
        """Make a view of a frame."""
        kinds = [column.kind for column in layout.columns]
        schema = ", ".join(
            [*(f"{_quote(column.name)} {_TYPES[column.kind]}" for column in layout.columns), "row INTEGER"]
        )

        def make(cell: Any, kind: Kind) -> Any:
            if cell is None:
                return None
            return Decimal(cell) if kind == "integer" else [] if kind == "nested" else cell

        cells = [(*map(make, row, kinds), number) for number, row in enumerate(rows)]
        self._session.createDataFrame(cells, schema).createOrReplaceTempView(name)
        return _quote(name)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Run a query."""
        return [tuple(row) for row in self._session.sql(query).collect()]


def _quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
