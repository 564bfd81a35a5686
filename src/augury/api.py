"""The front door's functions: load, compile, amend."""

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

# The model that is served when none is named: the lab's churn model, compiled by `models/make_churn.py`.
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
    from importlib.resources import files  # not at the top: it takes as long as reading an artifact

    resource = files("augury") / "models" / _BUNDLED
    return Model(parse_artifact(resource.read_bytes(), where=_BUNDLED))


def load_many(paths: Sequence[str]) -> list[Model]:
    """Load several artifacts; the bundled one when none is named."""
    return [load(path) for path in paths] if paths else [load_bundled()]


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


def _read_names(option: str, names: Sequence[str]) -> tuple[str, ...]:
    """Read several names; a text alone is a sequence of its letters, which nobody means."""
    if isinstance(names, str):
        raise UsageError(f"{option} is a text, not a list of names", mend=f"say {option}=[{names!r}]")
    return tuple(names)
