from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from augury.api import load_bundled
from augury.batch.options import Options, Progress, tell_nobody
from augury.batch.run import predict_table
from augury.batch.summary import Summary
from augury.model import Model

Predict = Callable[..., Summary]


@pytest.fixture(scope="session")
def model() -> Model:
    """The churn model that comes with Augury."""
    return load_bundled()


@pytest.fixture(scope="session")
def customers(telco_csv: Path) -> list[dict[str, str]]:
    """The rows of the real table, as texts."""
    with telco_csv.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def predict(model: Model, tmp_path: Path) -> Predict:
    """Score a table as the options say, into ``out.csv`` where they do not say."""

    def run(source: object, progress: Progress = tell_nobody, **said: object) -> Summary:
        said.setdefault("output", tmp_path / "out.csv")
        options = Options(source=str(source), threads=2, **said)  # type: ignore[arg-type]
        return predict_table(model, options, progress)

    return run


def write_csv(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    """Write rows of texts as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read rows of texts from CSV."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
