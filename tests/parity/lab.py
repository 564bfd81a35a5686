"""The lab's model and rows, as the lab's own code makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models import lab_pair

REPOSITORY = Path(__file__).resolve().parents[2]

Record = dict[str, Any]


def train(path: Path) -> tuple[Any, Any]:
    """Train the lab's pair."""
    return lab_pair.train(lab_pair.prepare(path))


def read_records(path: Path) -> list[Record]:
    """Read all customers in the lab's spelling, as the plain values that JSON has."""
    table = lab_pair.prepare(path)[lab_pair.CATEGORICAL + lab_pair.NUMERICAL]
    columns = {name: table[name].tolist() for name in table.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def read_raw_records(path: Path) -> list[Record]:
    """Read all customers as the raw table spells them, blank total charges as null."""
    import pandas as pd

    table = pd.read_csv(path).drop(columns=["customerID", "Churn"])
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce")
    columns = {name: table[name].tolist() for name in table.columns}
    columns["TotalCharges"] = [None if charge != charge else charge for charge in columns["TotalCharges"]]  # noqa: PLR0124
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
