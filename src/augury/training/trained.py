"""What training gives: the model, its report, and the estimator that it was compiled from."""

from __future__ import annotations

import os
import pickle
from os import PathLike
from typing import Any

from msgspec import Struct

from augury.artifact.evaluation import Evaluation
from augury.artifact.write import replace_file
from augury.errors import UsageError
from augury.model import Model
from augury.report.report import Report
from augury.tables.notice import Notice


class Trained(Struct, frozen=True):
    """A trained model.

    Args:
        model: the artifact's, evaluated on rows that it was not fitted on.
        report: everything that is known of it.
        estimator: the fitted scikit-learn Pipeline, or the pair ``(DictVectorizer, classifier)``.
        notices: what was noticed in the table, and how to have it otherwise.
        strength: the ``C`` of the classifier.
        losses: by each ``C`` that was tried, the mean log loss on rows left out of the fit, in nats.
        fitted: on how many rows.
    """

    model: Model
    report: Report
    estimator: Any
    notices: tuple[Notice, ...]
    strength: float
    losses: dict[float, float]
    fitted: int

    @property
    def evaluation(self) -> Evaluation:
        """How well the model did on the rows held out."""
        evaluation = self.model.document.model.evaluation
        assert evaluation is not None  # training evaluates before it makes one of these
        return evaluation

    def save(self, path: str | PathLike[str]) -> None:
        """Write the artifact, by a temporary file and a rename.

        Raises:
            ArtifactError: it cannot be written.
        """
        self.model.save(path)

    def pickle(self, path: str | PathLike[str]) -> None:
        """Pickle the estimator, by a temporary file and a rename: what was there stays until the new one is complete.

        Raises:
            UsageError: the file cannot be written.
        """
        try:
            replace_file(path, pickle.dumps(self.estimator))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            mend = "give a path in a folder that exists and can be written to"
            raise UsageError(f"the pickle cannot be written: {reason}", where=os.fsdecode(path), mend=mend) from error

    def __repr__(self) -> str:
        return f"<augury.Trained {self.model.name}@{self.model.digest.removeprefix('sha256:')[:12]}>"

    def _repr_html_(self) -> str:
        return self.report._repr_html_()
