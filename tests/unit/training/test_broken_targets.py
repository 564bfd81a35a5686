"""Tables and options from which nothing can be trained: each is one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import augury
from tests.unit.training.tables import make_customers, with_column

ROWS = make_customers(60)
FEW = [row for row in ROWS if row["Churn"] == "No"][:30]
LEAVERS = [row for row in ROWS if row["Churn"] == "Yes"]


def say(table: Any, **said: Any) -> dict[str, Any]:
    """Say what is trained."""
    return {"table": table, "target": "Churn", **said}


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "one class": (say([{**row, "Churn": "No"} for row in ROWS]), "holds one class only, 'No'"),
    "three classes": (
        say([{**row, "Churn": "ABC"[at % 3]} for at, row in enumerate(ROWS)]),
        "holds 3 classes, 'A', 'B', 'C'",
    ),
    "a number": (say([{**row, "Churn": at} for at, row in enumerate(ROWS)]), "holds 60 classes"),
    "no target": (say(ROWS, target="Churned"), "there is no column 'Churned' (nearest is 'Churn')"),
    "a target that is not there at all": (say(ROWS, target="xyzzy"), "there is no column 'xyzzy'"),
    "all null": (say([{**row, "Churn": None} for row in ROWS]), "holds no value"),
    "a target that is an identifier": (say(ROWS, identifiers=["Churn"]), "'Churn' is named twice"),
    "a target that is dropped": (say(ROWS, drop=["Churn"]), "'Churn' is named twice"),
    "a target of times": (say(ROWS, time="Churn"), "cannot say which rows are held out"),
    "everything dropped": (
        say(ROWS, drop=["Plan", "Tenure", "Charge", "Senior", "Paperless"]),
        "no column is left for a model to read",
    ),
    "only identifiers": (
        say([{"a": f"u{at}", "b": f"v{at}", "Churn": "No" if at % 3 else "Yes"} for at in range(60)]),
        "no column is left for a model to read",
    ),
    "only rare levels": (
        say([{"a": f"u{at // 2}", "Churn": "No" if at % 3 else "Yes"} for at in range(60)]),
        "no column is left for a model to read",
    ),
    "one row": (say(ROWS[:1]), "holds one class only"),
    "two rows": (say([FEW[0], LEAVERS[0]]), "cannot be parted"),
    "one positive": (say([*FEW, LEAVERS[0]]), "1 of the rarer class, cannot be parted"),
    "a positive class that is not there": (say(ROWS, positive="Maybe"), "Churn has no class 'Maybe'"),
    "a field by which nothing can be told": (say(ROWS, by=["Plam"]), "did you mean 'Plan'?"),
    "a text for a list": (say(ROWS, drop="Plan"), "drop is a text, not a list of names"),
    "two ways to part": (say(ROWS, time="Tenure", group="Plan"), "--time and --group each say which rows"),
    "times that are none": (say(ROWS, time="Plan"), "which is no time"),
    "one group": (say(with_column(ROWS, "g", [1] * 60), group="g"), "all rows are of one group in g"),
    "another table without the target": (
        say(ROWS, test=[{"Plan": "One year"}]),
        "the table of rows held out has no column 'Churn'",
    ),
    "another table with other classes": (
        say(ROWS, test=[{**ROWS[0], "Churn": "gone"}]),
        "which is neither 'No' nor 'Yes'",
    ),
    "another table of strangers": (
        say(ROWS, test=[{**ROWS[0], "Plan": "Never"}]),
        "refuses every one of the 1 row held out",
    ),
    "another table of nulls": (say(ROWS, test=[{**ROWS[0], "Churn": None}]), "no row of the table has a class"),
    "a recipe that is none": (say(ROWS, recipe="logistik"), "did you mean 'logistic'?"),
    "a class weight that is none": (say(ROWS, class_weight="heavy"), "there is no class weight 'heavy'"),
    "a seed out of range": (say(ROWS, seed=-1), "the seed -1 is out of range"),
    "no rows": (say(ROWS, rows=0), "a table of 0 rows cannot be drawn"),
    "two thresholds": (say(ROWS, threshold=0.5, recall=0.5), "each choose a threshold"),
    "a name that is none": (say(ROWS, name="../churn"), "is no name for a model"),
    "a target without a key": (say([{"Да": row["Churn"], **row} for row in ROWS], target="Да"), "makes no key"),
    "a contract that is not there": (say(ROWS, contract="absent.toml"), "absent.toml: there is no such file"),
}


@pytest.mark.parametrize(("said", "sentence"), CASES.values(), ids=CASES)
def test_what_cannot_be_trained_is_one_sentence(said: dict[str, Any], sentence: str) -> None:
    """It says what, and an error of ours carries it."""
    with pytest.raises(augury.AuguryError) as refused:
        augury.train(**said)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[fields.Plam]\nkind = "category"', "field 'Plam' is no column; nearest is 'Plan'"),
        ('[fields.Plan]\nkind = "text"', "field 'Plan': has the kind 'text'"),
        ('[fields.Tenure]\nfar = "ignore"', "field 'Tenure': far is 'ignore'"),
        ('[fields.Plan]\nkind = "number"', "for the contract refuses 48: Plan"),
        ('[fields.Charge]\nseen = { low = 0, high = 1 }\nnear = "refuse"\nfar = "refuse"', "of the 0 rows to fit on"),
        ("unknown = 1", "'unknown' is no member of the file"),
    ],
)
def test_a_contract_that_cannot_be_applied_is_one_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    """What it says of a column that is not so is told before anything is fitted."""
    (tmp_path / "contract.toml").write_text(text)
    with pytest.raises(augury.AuguryError) as refused:
        augury.train(ROWS, target="Churn", contract=tmp_path / "contract.toml")
    assert sentence in str(refused.value)


def test_ten_thousand_columns_are_refused_in_time() -> None:
    """A model of so many fields could not be proved, which is told before anything is fitted."""
    rows = [{"Churn": "Yes" if at % 3 else "No", **{f"c{n}": (at * n) % 7 for n in range(10_000)}} for at in range(40)]
    with pytest.raises(augury.AuguryError, match="columns, more than 5,000; leave out"):
        augury.train(rows, target="Churn")


def test_hostile_names_are_trained() -> None:
    """Columns named as markup or SQL are fields like any other."""
    rows = [
        {
            "<script>": row["Plan"],
            "'; DROP TABLE x; --": row["Tenure"],
            "naïve 🙂": row["Charge"],
            "Churn": row["Churn"],
        }
        for row in ROWS
    ]
    assert len(augury.train(rows, target="Churn").model.contract.features) == 3


def test_fewer_positives_than_folds_are_enough() -> None:
    """Then there are fewer folds, and that is told."""
    found = augury.train([*FEW, *LEAVERS[:4]], target="Churn")
    assert "folds" in [notice.code for notice in found.notices]
