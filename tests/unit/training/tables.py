"""A made-up table of customers: who leaves hangs on the plan and the tenure, and a little on chance."""

from __future__ import annotations

import random
from typing import Any

ROWS = 400


def make_customers(rows: int = ROWS, seed: int = 1) -> list[dict[str, Any]]:
    """Make customers with a category, an integer, a number, a flag, a boolean, an identifier and a target."""
    drawn = random.Random(seed)
    return [_make_customer(drawn, number) for number in range(rows)]


def _make_customer(drawn: random.Random, number: int) -> dict[str, Any]:
    plan = drawn.choice(["Month to month", "One year", "Two year"])
    tenure = drawn.randrange(72)
    odds = (0.7 if plan == "Month to month" else 0.2) - tenure / 200
    return {
        "customerID": f"c-{number}",
        "Plan": plan,
        "Tenure": tenure,
        "Charge": round(drawn.uniform(20, 120), 2),
        "Senior": int(drawn.random() < 0.2),
        "Paperless": drawn.random() < 0.5,
        "Churn": "Yes" if drawn.random() < odds else "No",
    }


def with_column(rows: list[dict[str, Any]], name: str, values: Any) -> list[dict[str, Any]]:
    """Give every row one more cell."""
    return [{**row, name: value} for row, value in zip(rows, values, strict=True)]
