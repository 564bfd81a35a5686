"""Train from a table: from rows to a model that is evaluated on rows it never saw.

::

    table ─▶ roles · classes ─▶ split ─▶ contract of the fitting rows ─▶ prepared rows ─▶ fit, out-of-fold predictions
          ─▶ threshold ─▶ compile, with parity proved ─▶ evaluation of the rows held out ─▶ document, sealed again
"""

from __future__ import annotations

from collections.abc import Callable

from augury.compilation import Options as CompileOptions
from augury.compilation import check_options, make_key
from augury.report.report import Report
from augury.tables.read import read_table
from augury.training.child import fit_apart
from augury.training.finish import compile_fit, finish
from augury.training.fit import Fit, Job, count_fits, fit
from augury.training.material import gather
from augury.training.notices import describe_fit
from augury.training.options import Options, find_recipe
from augury.training.threshold import choose_threshold
from augury.training.trained import Trained

# Told the step at work, how many are done, and how many there are in all.
Progress = Callable[[str, int, int], None]


def tell_nobody(_step: str, _done: int, _total: int) -> None:
    """Tell nobody of progress."""


def train_table(source: object, options: Options, progress: Progress = tell_nobody) -> Trained:
    """Train a model from a table.

    Raises:
        TableError, ContractError, UsageError, EstimatorError, ParityError: as :func:`augury.train` says.
    """
    recipe = find_recipe(options)
    compiling = CompileOptions(name=options.name, target=options.target)
    check_options(compiling)
    make_key(compiling)
    progress("reading the table", 0, 1)
    table = read_table(source, delimiter=options.delimiter, rows=options.rows, seed=recipe.split.seed)
    progress("learning the contract", 0, 1)
    material = gather(table, options, recipe)
    job = material.make_job()
    bar = _Bar(progress, count_fits(job))
    bar.tell("fitting")
    fitted = _fit(job, recipe.classifier.kernel, bar)
    decision = choose_threshold(options.policy, material.parts.fitting_labels, fitted.out_of_fold)
    bar.tell("compiling and proving parity")
    model, estimator = compile_fit(material, fitted, decision, options.name)
    bar.tell("evaluating")
    finished = finish(material, model, decision, options.policy, fitted)
    ends = describe_fit(converged=fitted.converged, recipe=recipe, strength=fitted.strength)
    notices = (*material.notices, *ends, *finished.notices)
    return Trained(
        model=finished.model,
        report=Report(finished.model, finished.curves, notices),
        estimator=estimator,
        notices=notices,
        strength=fitted.strength,
        losses=dict(zip(recipe.classifier.strengths, fitted.losses, strict=False)),
        fitted=material.sample.row_count,
    )


class _Bar:
    """Count fits, and tell after each how many are left."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def tell(self, step: str) -> None:
        """Begin a step."""
        self._step = step
        self._progress(step, self._done, self._total)

    def tick(self) -> None:
        """End a fit."""
        self._done += 1
        self.tell(self._step)


def _fit(job: Job, kernel: str | None, bar: _Bar) -> Fit:
    return fit(job, bar.tick) if kernel is None else fit_apart(job, kernel, bar.tick)
