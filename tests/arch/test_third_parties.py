import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "augury"

# What each room may import beside the standard library and Augury, inside functions too. A new room gets a line here.
ALLOWED = {
    "errors": set[str](),
    "looks": {"msgspec"},
    "markup": set[str](),
    "needs": {"msgspec"},
    "contract": {"msgspec"},
    "profile": {"msgspec"},
    "prediction": {"msgspec"},
    "ir": {"msgspec"},
    "tables": {"msgspec", "duckdb", "pyarrow"},  # Parquet and Arrow files, where one is read
    "client": {"msgspec", "httpx2"},
    "card": {"msgspec"},
    "scoring": {"msgspec", "numpy"},
    "evaluation": {"msgspec", "numpy", "scipy", "sklearn"},
    "report": {"msgspec", "matplotlib"},
    "training": {"msgspec", "numpy", "scipy", "sklearn", "pandas", "joblib"},
    "artifact": {"msgspec"},
    "frontends": {"msgspec"},
    "sql": {"msgspec", "sqlglot"},
    "targets": {"msgspec", "sqlglot"},
    "statement": {"msgspec", "sqlglot"},
    "script": {"msgspec", "sqlglot"},
    "frames": {"msgspec", "duckdb", "pyarrow", "narwhals"},
    "law": set[str](),
    "model": {"msgspec"},
    "proofs": {"msgspec"},
    "amendment": {"msgspec"},
    "compilation": {"msgspec"},
    "bundle": {"msgspec"},
    "batch": {
        *("msgspec", "duckdb", "pyarrow", "sqlglot", "adbc_driver_manager", "adbc_driver_postgresql"),
        *("pyspark", "py4j"),  # by which pyspark speaks with Java
    },
    # OpenTelemetry where it is asked for
    "service": {"msgspec", "starlette", "uvicorn", "uvloop", "httptools", "prometheus_client", "opentelemetry"},
    "api": {"msgspec"},
    "cli": {"msgspec", "click"},
    "flask": {"msgspec", "flask", "werkzeug"},  # Flask's own lower half
    "__init__": set[str](),
    "__main__": set[str](),
}


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module.partition(".")[0]


@cache
def _rooms() -> dict[str, set[str]]:
    """Find what each room imports that is neither ours nor the standard library's."""
    rooms: dict[str, set[str]] = {}
    for module in SOURCE.rglob("*.py"):
        room = module.relative_to(SOURCE).with_suffix("").parts[0]
        foreign = set(_imported(ast.parse(module.read_text()))) - sys.stdlib_module_names - {"augury"}
        rooms.setdefault(room, set()).update(foreign)
    return rooms


@pytest.mark.parametrize("room", sorted(_rooms()))
def test_a_room_imports_what_its_floor_allows(room: str) -> None:
    """A room imports the third parties that its line allows, and every room has a line."""
    assert room in ALLOWED, f"{room} is new: say in ALLOWED what it may import"
    assert _rooms()[room] <= ALLOWED[room]


def test_an_import_inside_a_function_is_found() -> None:
    """A lazy import counts as much as one at the top."""
    tree = ast.parse("def f():\n    import numpy.linalg\n    from sklearn.base import clone\n    return numpy, clone\n")
    assert set(_imported(tree)) == {"numpy", "sklearn"}
