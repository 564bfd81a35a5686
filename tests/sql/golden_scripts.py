"""The golden scripts, one model in each dialect, for people: ``python -m tests.sql.golden_scripts`` writes them."""

from __future__ import annotations

from pathlib import Path

from augury.script import Script, write_script
from augury.sql.dialects import DIALECTS
from augury.statement import Wanted
from tests.contract.models import make_model

FOLDER = Path(__file__).with_name("golden")
# A small contract with every kind of field.
MODEL = "customer"


def write_golden(dialect: str) -> str:
    """Write the golden script of a dialect."""
    wanted = Wanted(notes=True)
    return write_script(make_model(MODEL).document, Script(dialect, "customers", view="churn_scores", wanted=wanted))


if __name__ == "__main__":
    for name in DIALECTS:
        (FOLDER / f"{name}.sql").write_text(write_golden(name), encoding="utf-8")
