"""The front door's functions: load, compile, train."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from augury.artifact.read import parse_artifact, read_artifact
from augury.errors import UsageError
from augury.model import Model

if TYPE_CHECKING:
    from augury.contract.fields import Contract, Level
    from augury.training.recipe import Recipe
    from augury.training.train import Progress
    from augury.training.trained import Trained

# The model that is served when none is named: the lab's churn model, trained by `make model`.
_BUNDLED = "churn.augury.json"


def load(path: str | PathLike[str]) -> Model:
    """Load an artifact.

    Args:
        path: of a ``.augury.json`` file.

    Returns:
        The model, whose golden rows were scored with the very functions that will answer.

    Raises:
        ArtifactError: the file is refused; the sentence says why.
    """
    return Model(read_artifact(Path(path)))


def load_bundled() -> Model:
    """Load the churn model that comes with Augury."""
    return load(find_bundled())


def find_bundled() -> str:
    """Find the path of the churn model that comes with Augury."""
    return str(Path(__file__).with_name("models") / _BUNDLED)


def parse(content: bytes, where: str) -> Model:
    """Make a model of an artifact's bytes; ``where`` names them in an error.

    Raises:
        ArtifactError: the artifact is refused; the sentence says why.
    """
    return Model(parse_artifact(content, where))


def compile(  # noqa: A001, PLR0913 - the verb of this field; all but the estimator by keyword, each with a default
    estimator: object,
    *,
    sample: object = None,
    expect: str | PathLike[str] | None = None,
    name: str | None = None,
    target: str | None = None,
    positive: Level | None = None,
    identifiers: Sequence[str] = (),
    contract: Contract | str | PathLike[str] | None = None,
    fields: Sequence[str] | None = None,
    fill: Mapping[str, float | str] | None = None,
    optional: Sequence[str] = (),
    threshold: float = 0.5,
) -> Model:
    """Compile a fitted estimator into a model, with parity proved.

    Args:
        estimator: a fitted estimator, a pair ``(DictVectorizer, classifier)``, or the path of a pickle of either;
            a pickle is read without running anything in it.
        sample: the training table, (n_rows, n_columns): a path, a frame or a list of dicts. Ranges, nulls, other
            spellings and the profile are learned from it.
        expect: a CSV of the author's own scores for the rows of ``sample``, which must agree.
        name: of the model; the target's name when not given.
        target: the target column, whose name is the answer's key.
        positive: the class that the probability is of; the estimator's second class when not given.
        identifiers: columns that identify a customer.
        contract: corrections by hand, as a contract or the path of a ``contract.toml``.
        fields: the names of the fields, where a DictVectorizer's are ambiguous.
        fill: what the author's own preparation put in place of nulls, by field.
        optional: fields that training saw absent, for each of which the model needs a rule.
        threshold: the probability in [0, 1] from which the answer is true.

    Raises:
        EstimatorError: the estimator cannot be compiled; every part that cannot is named.
        TableError: the sample cannot be read.
        ContractError: the sample, the contract and the model contradict each other.
        ParityError: a scorer differs from the law, or from the author's own scores.
        UsageError: an option contradicts the estimator, or is a text where a list of names belongs.
    """
    from augury.compilation import Options, compile_estimator

    options = Options(
        name=name,
        target=target,
        positive=None if positive is None else str(positive),
        identifiers=_read_names("identifiers", identifiers),
        contract=contract if contract is None or not isinstance(contract, str | PathLike) else fspath(contract),
        fields=None if fields is None else _read_names("fields", fields),
        fill=dict(fill or {}),
        optional=frozenset(_read_names("optional", optional)),
        threshold=threshold,
    )
    return compile_estimator(estimator, sample=sample, expect=expect, options=options).model


def train(  # noqa: PLR0913 - the other verb of this field; all but the table by keyword, each with a default
    table: object,
    *,
    target: str,
    positive: Level | bool | None = None,
    identifiers: Sequence[str] = (),
    drop: Sequence[str] = (),
    contract: Contract | str | PathLike[str] | None = None,
    recipe: Recipe | str | PathLike[str] = "logistic",
    name: str | None = None,
    time: str | None = None,
    group: str | None = None,
    test: object = None,
    threshold: float | str | None = None,
    recall: float | None = None,
    benefit: float | None = None,
    cost: float | None = None,
    accept: float | None = None,
    by: Sequence[str] = (),
    class_weight: str | None = None,
    rows: int | None = None,
    seed: int | None = None,
    delimiter: str | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Train a model from a table: learn the contract, fit, choose the threshold, evaluate on rows held out.

    Contract, model and threshold come from the fitting rows alone, and nothing is fitted again on all of them.

    Args:
        table: (n_rows, n_columns): a path, a frame or a list of dicts.
        target: the target column, of two classes; rows without one are left out.
        positive: the class that the probability is of; true, 1 or yes when not given, else the rarer.
        identifiers: columns that identify a customer, which no model reads.
        drop: columns to leave out.
        contract: corrections by hand, as a contract or the path of a ``contract.toml``.
        recipe: a recipe, the name of one that comes with Augury, or the path of a TOML file.
        name: of the model; the target's name when not given.
        time: a column of times: the last rows are held out.
        group: a column of groups: whole groups are held out.
        test: a table of rows to hold out, so that all of ``table`` is fitted on.
        threshold: the probability in [0, 1] from which the answer is true, or ``"f1"`` for the largest F1; 0.5 when
            nothing is said. Whatever is not a number is chosen on predictions by fits without the row.
        recall: the highest threshold that finds this share of the positives.
        benefit, cost, accept: the threshold of the largest profit, where a contact costs ``cost`` and a positive
            customer takes the offer with probability ``accept`` (1 when not given) and is then worth ``benefit``.
        by: fields by which the evaluation is told again.
        class_weight: ``"balanced"`` or ``"none"``; the recipe's when not given.
        rows: draw so many rows from the table while reading it.
        seed: of the draws and the split; the recipe's when not given.
        delimiter: of a CSV file, where it cannot be told from its first lines.
        progress: told the step at work, how many fits are done, and how many there are.

    Raises:
        TableError: the table cannot be read, or not be fitted on.
        ContractError: the contract contradicts the table.
        EstimatorError: what the recipe fits cannot be compiled.
        ParityError: a scorer differs from the law.
        UsageError: options contradict each other, or the recipe is none.
    """
    _check_training()
    from augury.training.options import Options
    from augury.training.threshold import read_policy
    from augury.training.train import tell_nobody, train_table

    options = Options(
        target=target,
        positive=positive,
        identifiers=_read_names("identifiers", identifiers),
        drop=_read_names("drop", drop),
        contract=fspath(contract) if isinstance(contract, str | PathLike) else contract,
        recipe=fspath(recipe) if isinstance(recipe, str | PathLike) else recipe,
        name=name,
        time=time,
        group=group,
        test=test,
        policy=read_policy(threshold, recall, benefit, cost, accept),
        by=_read_names("by", by),
        class_weight=class_weight,
        rows=rows,
        seed=seed,
        delimiter=delimiter,
    )
    return train_table(table, options, progress or tell_nobody)


def _check_training() -> None:
    """Check that what training needs is there, before any of it is imported."""
    from augury.needs import TRAINING, check_libraries

    check_libraries(TRAINING)


def _read_names(option: str, names: Sequence[str]) -> tuple[str, ...]:
    """Read several names; a text alone is a sequence of its letters, which nobody means."""
    if isinstance(names, str):
        raise UsageError(f"{option} is a text, not a list of names", mend=f"say {option}=[{names!r}]")
    return tuple(names)
