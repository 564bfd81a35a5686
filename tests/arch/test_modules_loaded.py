import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.artifact.documents import make_artifact, make_record

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

PICKLE = Path(__file__).parents[1] / "compat" / "pickles" / "1.9.1" / "pair.pkl"

# What is done in Python without loading anything heavy, each in a process of its own beside model.augury.json.
LIGHT = {
    "import augury": "import augury",
    "load": "import augury; augury.load('model.augury.json')",
    "predict_one": (
        "import augury, json; augury.load('model.augury.json').predict_one(json.load(open('record.json', 'rb')))"
    ),
    "shown in a notebook": (
        "import augury; model = augury.load('model.augury.json'); model._repr_html_(); model.contract._repr_html_()"
    ),
    "serve": (
        "import augury, augury.service.process.run\n"
        "from augury.service.app import create_app\n"
        "from augury.service.settings import Settings\n"
        "create_app([augury.load('model.augury.json')], settings=Settings())"
    ),
    "compile a pickle": f"import augury; augury.compile({str(PICKLE)!r}, name='left').predict_one",
}

# What is done from the command line, likewise.
COMMANDS = {
    "--help": ["--help"],
    "inspect": ["inspect", "model.augury.json"],
    "verify": ["verify", "model.augury.json"],
    "amend": ["amend", "model.augury.json", "--threshold", "0.31", "-o", "amended.augury.json"],
    "sample": ["sample", "model.augury.json", "-n", "3"],
    "predict": ["predict", "model.augury.json", "record.json"],
}
RUN = """
import sys
from augury.cli.main import main
try:
    main({arguments})
except SystemExit as stop:
    assert not stop.code, stop.code
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Hold a model and a record, away from the checkout."""
    (tmp_path / "model.augury.json").write_bytes(make_artifact())
    (tmp_path / "record.json").write_text(json.dumps(make_record()))
    return tmp_path


def modules_after(statements: str, folder: Path) -> set[str]:
    """Run statements in a fresh process and name the top-level modules that it has loaded at the end."""
    script = f"{statements}\nimport sys\nopen('modules', 'w').write('\\n'.join(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, check=False, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    return {name.partition(".")[0] for name in (folder / "modules").read_text().split()}


@pytest.mark.parametrize("statements", LIGHT.values(), ids=LIGHT)
def test_nothing_heavy_is_loaded_in_python(statements: str, folder: Path) -> None:
    """Neither the package, nor a loaded model, nor the service loads a library that only training needs."""
    assert modules_after(statements, folder) & set(HEAVY) == set()


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_nothing_heavy_is_loaded_by_a_command(arguments: list[str], folder: Path) -> None:
    """No command on an artifact loads a library that only training needs."""
    assert modules_after(RUN.format(arguments=arguments), folder) & set(HEAVY) == set()


def test_the_package_is_light(folder: Path) -> None:
    """`import augury` loads neither the service nor the command line."""
    assert modules_after("import augury", folder) & set(SERVING) == set()


@pytest.mark.parametrize("name", ["numpy", "sklearn"])
def test_a_heavy_module_would_be_seen(name: str, folder: Path) -> None:
    """A process that loads one of them is found out."""
    assert name in modules_after(f"import augury, {name}", folder)
