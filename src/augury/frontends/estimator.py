"""Read a fitted estimator, a stand-in or a living one: the front door of this room."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from augury.contract.fields import BooleanField, CategoryField, Feature
from augury.errors import UnsupportedError, UsageError
from augury.frontends.assemble import assemble
from augury.frontends.attributes import attributes, dotted_name
from augury.frontends.chain import Chain, find_chain, find_names
from augury.frontends.columns import Coded, Column, read_number
from augury.frontends.fitted import Fitted, Options
from augury.frontends.linear import Weights
from augury.frontends.pipeline import explain_unknown, find_unknown_steps, read_chain
from augury.frontends.reading import Block, Reading, parse_version, place
from augury.frontends.registry import CLASSIFIERS, TRANSFORMERS
from augury.frontends.unknown import describe_unknown
from augury.ir.nodes import Bin, Link
from augury.ir.walk import find_field

NO_OPTIONS = Options()


def read_estimator(estimator: object, *, options: Options = NO_OPTIONS) -> Fitted:
    """Read a fitted classifier with what prepares its columns.

    Takes a classifier, a Pipeline that ends in one, or the pair ``(vectorizer, classifier)``.

    Raises:
        UnsupportedError: parts of it cannot be compiled; all of them, each with where it stands and why.
        EstimatorError: it is no such estimator, or too little of one.
        UsageError: an option names a field that the model does not read, or a value that the field does not take.
    """
    chain = find_chain(estimator)
    parts = list(find_unknown_steps(chain.steps, frozenset(TRANSFORMERS)))
    if dotted_name(chain.classifier[1]) not in CLASSIFIERS:
        parts.append((chain.where, explain_unknown(chain.classifier[1])))
        if not chain.steps:
            raise UnsupportedError(parts)
    reading = Reading(options, parse_version(chain.version), TRANSFORMERS)
    weights = _read_classifier(chain, reading, parts)
    names, has_names = ((), True) if chain.takes_records else find_names(chain, options.fields)
    block = _read_steps(chain, names, reading, parts)
    if parts or weights is None or block is None:
        raise UnsupportedError(list(dict.fromkeys(parts)))
    _check_columns(chain, block, weights)
    order = names or tuple(dict.fromkeys(map(_find_source, block.columns)))
    features, linear = assemble(block.columns, weights.weights, weights.intercept, order, reading)
    _check_options(options, features)
    predictor = Link((linear,))
    return Fitted(
        features=features,
        predictor=predictor,
        negative=weights.negative,
        positive=weights.positive,
        estimator=chain.name,
        versions={"scikit-learn": chain.version or ""},
        unknown=describe_unknown(features, predictor, options, takes_records=chain.takes_records, has_names=has_names),
        takes_records=chain.takes_records,
        has_names=has_names,
    )


def _read_classifier(chain: Chain, reading: Reading, parts: list[tuple[str, str]]) -> Weights | None:
    """Read the classifier; what cannot be compiled is added to the parts."""
    classifier = chain.classifier[1]
    reader = CLASSIFIERS.get(dotted_name(classifier))
    if reader is None:  # told already
        return None
    try:
        return reader(attributes(classifier), reading.version)
    except UnsupportedError as refusal:
        parts.extend(place(refusal, chain.where))
        return None


def _read_steps(chain: Chain, names: tuple[str, ...], reading: Reading, parts: list[tuple[str, str]]) -> Block | None:
    """Read the steps before the classifier; what cannot be compiled is added to the parts."""
    block = Block([reading.open_field(name) for name in names], names=None if chain.takes_records else names)
    try:
        return read_chain(chain.steps, block, reading)
    except UnsupportedError as refusal:
        parts.extend(refusal.parts)
        return None


def _check_columns(chain: Chain, block: Block, weights: Weights) -> None:
    if len(block.columns) != len(weights.weights):
        why = f"it has {len(weights.weights)} weights, and what comes before it makes {len(block.columns)} columns"
        raise UnsupportedError([(chain.where, f"{why}: they were not fitted together")])
    if block.is_single and weights.is_single:
        why = "it computes in 32 bits, for the step before answers 32-bit floats; fit that step with dtype=float64"
        raise UnsupportedError([(chain.where, why)])


def _find_source(column: Column) -> str:
    if not isinstance(column, Coded):
        return find_field(read_number(column))
    return find_field(column.source) if isinstance(column.source, Bin) else column.source


# --- options


def _check_options(options: Options, features: Sequence[Feature]) -> None:
    problems = list(_find_problems(options, {field.name: field for field in features}))
    if problems:
        raise UsageError(
            "; ".join(problems), where="options", mend=f"the fields are {', '.join(f.name for f in features)}"
        )


def _find_problems(options: Options, fields: dict[str, Feature]) -> Iterator[str]:
    for field in dict.fromkeys((*options.fill, *sorted(options.optional), *options.kinds)):
        if field not in fields:
            yield f"the model reads no field {field!r}"
    for field, value in options.fill.items():
        if isinstance(value, float) and not math.isfinite(value):
            yield f"{field!r} cannot be filled with {value!r}, which is not finite"
        found = fields.get(field)
        if isinstance(found, CategoryField) and value not in found.levels:
            yield f"{field!r} cannot be filled with {value!r}, which is none of its levels"
        elif isinstance(found, BooleanField) and value not in (0.0, 1.0):
            yield f"{field!r} cannot be filled with {value!r}: it is true (1) or false (0)"
