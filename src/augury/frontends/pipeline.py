"""Chains of steps: ``Pipeline``, and the search for every step in an estimator that Augury does not know."""

from __future__ import annotations

from collections.abc import Iterator

from augury.errors import UnsupportedError
from augury.frontends.allowlist import describe_name
from augury.frontends.attributes import attributes, dotted_name
from augury.frontends.plain import Attributes, read_series
from augury.frontends.reading import Block, Reading, place

PIPELINE = "sklearn.pipeline.Pipeline"
COLUMN_TRANSFORMER = "sklearn.compose._column_transformer.ColumnTransformer"

Step = tuple[str, object]
"""A step's name and its estimator, or ``"passthrough"``, ``"drop"`` or None in its place."""


def find_steps(pipeline: object) -> list[Step]:
    """List the steps of a pipeline, with those of the pipelines in it in their places."""
    steps: list[Step] = []
    for name, estimator in _read_steps(attributes(pipeline)):
        if dotted_name(estimator) == PIPELINE:
            steps.extend((f"{name} > {inner}", found) for inner, found in find_steps(estimator))
        else:
            steps.append((name, estimator))
    return steps


def _read_steps(pipeline: Attributes) -> list[Step]:
    steps: list[Step] = []
    for part in read_series(pipeline, "steps"):
        if not isinstance(part, tuple | list) or len(part) != 2:
            raise UnsupportedError([("steps", "a step is not a name and an estimator")])
        steps.append((str(part[0]), part[1]))
    return steps


def describe_step(name: str, estimator: object) -> str:
    """Say where a step stands: its name and its class."""
    return f"{name} ({dotted_name(estimator).rpartition('.')[2]})"


def read_identity(attributes: Attributes, block: Block, reading: Reading) -> Block:  # noqa: ARG001 - a reader's signature
    """Read a FunctionTransformer without a function, which newer versions write for "passthrough"."""
    if attributes.get("func") is not None:
        why = "it calls a function of your own; do that to the table before, and fit again without it"
        raise UnsupportedError([("func", why)])
    return block


def read_pipeline(pipeline: Attributes, block: Block, reading: Reading) -> Block:
    """Read a pipeline of transformers that stands within a ColumnTransformer."""
    return read_chain(_read_steps(pipeline), block, reading)


def read_chain(steps: list[Step], block: Block, reading: Reading) -> Block:
    """Read transformers one after the other."""
    for name, estimator in steps:
        block = read_transformer(name, estimator, block, reading)
    return block


def read_transformer(name: str, estimator: object, block: Block, reading: Reading) -> Block:
    """Read one transformer; a refusal says where it stands."""
    if estimator is None or estimator == "passthrough":
        return block
    reader = reading.transformers.get(dotted_name(estimator))
    where = describe_step(name, estimator)
    if reader is None:
        raise UnsupportedError([(where, explain_unknown(estimator))])
    try:
        return reader(attributes(estimator), block, reading)
    except UnsupportedError as refusal:
        raise UnsupportedError(place(refusal, where)) from None


def find_unknown_steps(steps: list[Step], known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Find every step, however deep, whose class is not known; each as where it stands and why it is refused."""
    for name, estimator in steps:
        if estimator is None or isinstance(estimator, str):
            continue
        where = describe_step(name, estimator)
        dotted = dotted_name(estimator)
        if dotted not in known:
            yield where, explain_unknown(estimator)
        elif dotted in (PIPELINE, COLUMN_TRANSFORMER):
            for part, why in find_unknown_steps(_find_inner(estimator, dotted), known):
                yield f"{where} > {part}", why


def _find_inner(estimator: object, dotted: str) -> list[Step]:
    inner = read_series(attributes(estimator), "steps" if dotted == PIPELINE else "transformers_")
    return [(str(part[0]), part[1]) for part in inner if isinstance(part, tuple | list) and len(part) > 1]


def explain_unknown(estimator: object) -> str:
    """Say why an estimator cannot be compiled, by its class."""
    dotted = dotted_name(estimator)
    if dotted.startswith("builtins."):
        return f"{dotted.removeprefix('builtins.')} is no fitted estimator"
    return f"{dotted} is {describe_name(dotted.rpartition('.')[0])}"
