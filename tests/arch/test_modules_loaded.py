import subprocess
import sys
from pathlib import Path

import pytest

# What training, frames and databases need, and scoring and serving never load.
HEAVY = (
    "sklearn",
    "numpy",
    "pandas",
    "scipy",
    "joblib",
    "duckdb",
    "sqlglot",
    "pyarrow",
    "polars",
    "matplotlib",
    "rich",
)

# What loading the package alone must not pay for either.
SERVING = ("starlette", "uvicorn", "prometheus_client", "click", "asyncio")

# Statements after which nothing heavy is loaded, each run in a process of its own.
LIGHT = {
    "import augury": "import augury",
    "read": "import augury.artifact.document, augury.ir.reference, augury.contract.wire, augury.profile",
    "read a pickle": "import augury.frontends.standins",
}


def modules_after(statements: str, folder: Path) -> set[str]:
    """Run statements in a fresh process and name the top-level modules that it has loaded at the end."""
    script = f"{statements}\nimport sys\nprint(*sorted(sys.modules), sep='\\n', file=sys.__stdout__)"
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, check=False, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    return {name.partition(".")[0] for name in ran.stdout.split()}


@pytest.mark.parametrize("statements", LIGHT.values(), ids=LIGHT)
def test_nothing_heavy_is_loaded(statements: str, tmp_path: Path) -> None:
    """Neither the package nor what reads a model loads a library that only training needs."""
    assert modules_after(statements, tmp_path) & set(HEAVY) == set()


def test_the_package_is_light(tmp_path: Path) -> None:
    """`import augury` loads neither the service nor the command line."""
    assert modules_after("import augury", tmp_path) & set(SERVING) == set()


@pytest.mark.parametrize("name", ["numpy", "sklearn"])
def test_a_heavy_module_would_be_seen(name: str, tmp_path: Path) -> None:
    """A process that loads one of them is found out."""
    assert name in modules_after(f"import augury, {name}", tmp_path)
