"""What an optional part of the installation brings: asked for before the work, and told in one sentence."""

from __future__ import annotations

from importlib.util import find_spec

from msgspec import Struct

from augury.errors import UsageError


class Need(Struct, frozen=True):
    """Libraries that some work needs beyond scoring.

    Args:
        purpose: what is done with which projects, as the first half of a sentence.
        libraries: by the names that they are imported by.
        extra: the extra of Augury that installs them.
    """

    purpose: str
    libraries: tuple[str, ...]
    extra: str


TRAINING = Need("training is done with scikit-learn and pandas", ("numpy", "scipy", "pandas", "sklearn"), "train")
TABLES = Need("tables are scored with DuckDB", ("duckdb", "pyarrow", "sqlglot"), "batch")
FRAMES = Need("frames are scored with DuckDB", ("duckdb", "pyarrow", "narwhals", "sqlglot"), "batch")
SPARK = Need("frames of Spark are scored by Spark", ("pyspark", "sqlglot"), "spark")
SPARK_TABLES = Need("tables are scored there by Spark", ("pyspark", "sqlglot"), "spark")
SQL = Need("SQL is printed by sqlglot", ("sqlglot",), "batch")


def check_libraries(need: Need) -> None:
    """Check that the libraries of a need are installed.

    Raises:
        UsageError: one is not.
    """
    lacking = [name for name in need.libraries if find_spec(name) is None]
    if lacking:
        what = f"{need.purpose}, and {', '.join(lacking)} cannot be found"
        raise UsageError(what, mend=f'install what is missing with `pip install "augury[{need.extra}]"`')
