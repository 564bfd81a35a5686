from __future__ import annotations

import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from augury.contract.fields import CategoryField, Contract
from augury.contract.values import UNSEEN
from augury.frontends.estimator import read_estimator
from augury.frontends.fitted import Fitted
from augury.frontends.forget import forget_levels
from augury.ir.reference import Reference

FRAME = pd.DataFrame(
    {"plan": ["a"] * 30 + ["b"] * 20 + ["rare one", "rare two"], "site": ["x", "y"] * 26}, dtype=object
)


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    """An encoder that groups rare levels, with a classifier."""
    encoder = OneHotEncoder(min_frequency=5, handle_unknown="infrequent_if_exist")
    steps = [
        ("prepare", ColumnTransformer([("levels", encoder, ["plan", "site"])])),
        ("classify", LogisticRegression()),
    ]
    return read_estimator(Pipeline(steps).fit(FRAME, [at % 3 == 0 for at in range(len(FRAME))]))


def find_levels(fitted: Fitted) -> dict[str, tuple[object, ...]]:
    """List the levels of each category."""
    return {field.name: field.levels for field in fitted.features if isinstance(field, CategoryField)}


def compute(fitted: Fitted, **values: object) -> float:
    """Compute a margin by the law."""
    return Reference(Contract(fields=fitted.features), fitted.predictor).compute_margin(values)  # type: ignore[arg-type]


def test_rare_levels_are_forgotten_and_every_bit_is_kept(fitted: Fitted) -> None:
    """What was a rare level counts as an unseen one, with the same margin; all others have theirs."""
    forgotten = forget_levels(fitted, ["plan", "site"])
    assert find_levels(fitted) == {"plan": ("a", "b", "rare one", "rare two"), "site": ("x", "y")}
    assert find_levels(forgotten) == {"plan": ("a", "b"), "site": ("x", "y")}
    for site in ("x", "y", UNSEEN):
        for plan in ("a", "b"):
            assert compute(forgotten, plan=plan, site=site) == compute(fitted, plan=plan, site=site)
        assert compute(forgotten, plan=UNSEEN, site=site) == compute(fitted, plan="rare two", site=site)


def test_only_the_named_fields_forget(fitted: Fitted) -> None:
    """A field that is not named keeps its levels."""
    assert forget_levels(fitted, []) == fitted


def test_no_field_forgets_everything() -> None:
    """Where every level is treated as unseen all are kept, for a category needs one."""
    frame = pd.DataFrame({"plan": ["a", "b", "c", "d"] * 3}, dtype=object)
    encoder = OneHotEncoder(min_frequency=5, handle_unknown="infrequent_if_exist")
    pipeline = Pipeline([("prepare", encoder), ("classify", LogisticRegression())])
    fitted = read_estimator(pipeline.fit(frame, [0, 1] * 6))
    assert forget_levels(fitted, ["plan"]) == fitted
