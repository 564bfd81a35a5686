from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold

from augury.training.fit import Job, fit
from augury.training.steps import Steps

ROWS = 120
STRENGTHS = (0.01, 1.0)


class Remembering(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A preparation that centres, and remembers which rows it was fitted on."""

    seen: ClassVar[list[tuple[float, ...]]] = []

    def fit(self, rows: Any, y: Any = None) -> Remembering:  # noqa: ARG002 - scikit-learn's signature
        """Fit the centre."""
        self.seen.append(tuple(rows["number"]))
        self.centre_ = rows.mean(axis=0)
        return self

    def transform(self, rows: Any) -> Any:
        """Centre the rows."""
        return rows - self.centre_


def make_job() -> Job:
    """A job over five folds, with a number that tells the rows apart."""
    random = np.random.default_rng(1)
    rows = pd.DataFrame({"number": np.arange(ROWS, dtype=float), "spend": random.normal(size=ROWS)})
    classes = np.where(rows["spend"] + random.normal(size=ROWS) > 0, "stays", "leaves")
    folds = list(StratifiedKFold(5).split(rows, classes))
    steps = Steps(Remembering(), LogisticRegression(solver="newton-cholesky"))
    return Job(steps, rows, classes, "stays", STRENGTHS, folds, steps, rows)


def test_a_fold_knows_nothing_of_the_rows_that_it_predicts() -> None:
    """In each fold preparation and classifier are fitted on its own rows alone, and at the end on all of them."""
    Remembering.seen.clear()
    job, ticks = make_job(), []
    fitted = fit(job, lambda: ticks.append(None))
    assert [set(map(int, seen)) for seen in Remembering.seen] == [
        *(set(map(int, fitting)) for fitting, _ in job.folds),
        set(range(ROWS)),
    ]
    assert len(ticks) == len(job.folds) * len(STRENGTHS) + 1
    fitting, held = job.folds[0]
    alone = LogisticRegression(solver="newton-cholesky", C=fitted.strength)
    centre = job.rows.iloc[fitting].mean(axis=0)
    alone.fit(job.rows.iloc[fitting] - centre, job.classes[fitting])
    expected = alone.predict_proba(job.rows.iloc[held] - centre)[:, list(alone.classes_).index("stays")]
    np.testing.assert_allclose(fitted.out_of_fold[held], expected, rtol=0, atol=1e-4)


def test_the_strength_is_that_of_the_least_loss_out_of_fold() -> None:
    """Each row is predicted by the fold that left it out, and the chosen strength is the best by those."""
    job = make_job()
    fitted = fit(job, lambda: None)
    assert fitted.strength == STRENGTHS[int(np.argmin(fitted.losses))]
    assert min(fitted.losses) == log_loss(job.classes == "stays", fitted.out_of_fold)
    assert list(fitted.classifier.classes_) == ["leaves", "stays"]
