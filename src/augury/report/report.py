"""The report of a model: everything that is known of it, on one page that can be handed on."""

from __future__ import annotations

import os
from os import PathLike

from msgspec import Struct

from augury.artifact.evaluation import Evaluation
from augury.artifact.write import replace_file
from augury.errors import UsageError
from augury.evaluation.curves import Curves
from augury.model import Model
from augury.tables.notice import Notice


class Report(Struct, frozen=True):
    """What is known of a model: what its artifact says, and what only its training saw.

    Args:
        model: with its contract, weights, evaluation and golden rows.
        curves: on the rows held out; None where the artifact alone is at hand.
        notices: what was noticed in the training table.
    """

    model: Model
    curves: Curves | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def evaluation(self) -> Evaluation | None:
        """How well the model did on rows held out, as its artifact says."""
        return self.model.document.model.evaluation

    def to_html(self) -> str:
        """Write the report as one page that needs no other file: the same values give the same bytes.

        Raises:
            UsageError: there are plots to draw, and matplotlib is not installed.
        """
        from augury.report.page import write_page  # a report that is only carried about costs nothing

        return write_page(self.model, self.curves, self.notices)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page to a file, by a temporary file and a rename.

        Raises:
            UsageError: it cannot be written, or there are plots to draw and matplotlib is not installed.
        """
        content = self.to_html().encode()
        try:
            replace_file(path, content)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            mend = "give a path in a folder that exists and can be written to"
            raise UsageError(f"the report cannot be written: {reason}", where=os.fsdecode(path), mend=mend) from error

    def __repr__(self) -> str:
        return f"<augury report of {self.model.name}@{self.model.digest.removeprefix('sha256:')[:12]}>"

    def _repr_html_(self) -> str:
        from augury.report.page import write_report_excerpt

        return write_report_excerpt(self.model, self.curves)
