"""The dialects that the model can be said in."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from augury.errors import UsageError
from augury.sql.dialect import Dialect

# Each with the module and the name of its table: none is imported before it is asked for.
_TABLES = {
    "duckdb": ("duckdb", "DUCKDB"),
    "mariadb": ("mariadb", "MARIADB"),
    "postgres": ("postgres", "POSTGRES"),
    "spark": ("spark", "SPARK"),
    "sqlite": ("sqlite", "SQLITE"),
    "databricks": ("warehouses", "DATABRICKS"),
    "bigquery": ("warehouses", "BIGQUERY"),
    "redshift": ("warehouses", "REDSHIFT"),
    "snowflake": ("warehouses", "SNOWFLAKE"),
    "sqlserver": ("warehouses", "SQLSERVER"),
    "trino": ("warehouses", "TRINO"),
}
DIALECTS = tuple(_TABLES)
# Other names that people give them.
_ALIASES: Mapping[str, str] = {"postgresql": "postgres", "tsql": "sqlserver"}


def find_dialect(name: str) -> Dialect:
    """Find a dialect by its name.

    Raises:
        UsageError: there is no such dialect.
    """
    known = _ALIASES.get(name, name)
    if known not in _TABLES:
        raise UsageError(f"there is no dialect {name!r}", mend=f"there are {', '.join(DIALECTS)}")
    module, table = _TABLES[known]
    dialect: Dialect = getattr(import_module(f"augury.sql.{module}"), table)
    return dialect
