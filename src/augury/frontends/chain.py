"""The shape of what was saved: a pair, a pipeline or a classifier alone, as steps and the classifier at their end."""

from __future__ import annotations

from msgspec import Struct

from augury.errors import EstimatorError, UsageError
from augury.frontends.attributes import attributes, dotted_name, sklearn_version
from augury.frontends.pipeline import PIPELINE, Step, describe_step, find_steps
from augury.frontends.plain import Attributes, make_series
from augury.frontends.registry import CLASSIFIERS, DICT_VECTORIZER, TRANSFORMERS

# Fitted attributes that have one entry a column, for versions before 0.24 that did not keep the number itself.
_ONE_A_COLUMN = ("statistics_", "categories_", "bin_edges_", "scale_", "mean_", "center_", "min_")


class Chain(Struct, frozen=True):
    """Steps that prepare columns, and the classifier that weighs them.

    ``name`` says what it is: the class of a classifier alone, or those of all steps.
    """

    name: str
    steps: list[Step]
    classifier: Step
    version: str | None

    @property
    def takes_records(self) -> bool:
        """Whether the first step reads records (a DictVectorizer) and not the columns of a table."""
        return bool(self.steps) and dotted_name(self.steps[0][1]) == DICT_VECTORIZER

    @property
    def where(self) -> str:
        """Where the classifier stands."""
        return describe_step(*self.classifier)


def find_chain(estimator: object) -> Chain:
    """Find the steps of what was saved.

    Raises:
        EstimatorError: it is none of the shapes that are read.
    """
    if isinstance(estimator, tuple | list):
        return _find_pair(estimator)
    if isinstance(estimator, dict):
        names = ", ".join(repr(key) for key in list(estimator)[:5])
        raise EstimatorError(f"a dict was saved, with {names}", mend="save the pair (vectorizer, classifier) itself")
    dotted = dotted_name(estimator)
    if dotted == PIPELINE:
        found = find_steps(estimator)
        if not found:
            raise EstimatorError("a pipeline without steps predicts nothing")
        steps, last = [step for step in found[:-1] if not _is_nothing(step[1])], found[-1]
        name = f"Pipeline({' + '.join(_find_class(part) for _, part in (*steps, last))})"
        return Chain(name, steps, _check_classifier(last), sklearn_version(estimator))
    if dotted in TRANSFORMERS:
        raise EstimatorError(
            f"{_find_class(estimator)} alone prepares columns and predicts nothing",
            mend="save it with its classifier: pickle.dump((vectorizer, classifier), file)",
        )
    return Chain(dotted, [], ("classifier", estimator), sklearn_version(estimator))


def _find_pair(pair: tuple[object, ...] | list[object]) -> Chain:
    classes = [dotted_name(part) for part in pair]
    shown = ", ".join(name.rpartition(".")[2] for name in classes[:5])
    if len(pair) != 2:
        raise EstimatorError(f"{len(pair)} things were saved ({shown})", mend="save the pair (vectorizer, classifier)")
    if classes[0] in CLASSIFIERS:
        raise EstimatorError(
            f"the pair is ({shown}), the classifier first",
            mend="save it as (vectorizer, classifier), the other way round",
        )
    first, last = pair
    steps = find_steps(first) if classes[0] == PIPELINE else [("vectorizer", first)]
    name = " + ".join(_find_class(part) for part in (*(part for _, part in steps), last))
    return Chain(name, steps, _check_classifier(("classifier", last)), sklearn_version(last))


def _find_class(estimator: object) -> str:
    return dotted_name(estimator).rpartition(".")[2]


def _is_nothing(estimator: object) -> bool:
    return estimator is None or (isinstance(estimator, str) and estimator == "passthrough")


def _check_classifier(step: Step) -> Step:
    """Refuse a chain that ends in a transformer; an unknown class is told together with all others."""
    if _is_nothing(step[1]) or dotted_name(step[1]) in TRANSFORMERS:
        raise EstimatorError("its last step predicts nothing", mend="save the pipeline that ends in the classifier")
    return step


# --- the columns that go in


def find_names(chain: Chain, fields: tuple[str, ...] | None) -> tuple[tuple[str, ...], bool]:
    """Find the names of the columns that the first step takes, and whether they are known or only numbered.

    Raises:
        EstimatorError: a classifier alone has no names: what its columns mean is in what was not saved.
        UsageError: ``fields`` names another number of columns.
    """
    first = attributes((chain.steps[0] if chain.steps else chain.classifier)[1])
    count = _count_columns(chain, first)
    if fields is not None:
        if len(fields) != count:
            raise UsageError(f"{len(fields)} fields are named, and the estimator was fitted on {count} columns")
        if len(set(fields)) < len(fields):
            raise UsageError("two of the fields are named alike", mend="give every column a name of its own (--fields)")
        return fields, True
    found = _find_fitted_names(first)
    if found is not None:
        return found, True
    if not chain.steps:
        name = _find_class(chain.classifier[1])
        raise EstimatorError(
            f"{name} alone is not enough: it has {count} weights for columns without names, and how a record becomes "
            "those columns is in the vectorizer, which was not saved",
            mend="save both, pickle.dump((vectorizer, classifier), file), or name the columns in order (--fields)",
        )
    return tuple(f"x{at}" for at in range(count)), False


def _find_fitted_names(first: Attributes) -> tuple[str, ...] | None:
    """Find the names of the frame that was fitted on; 0.20 to 0.23 kept them in a ColumnTransformer only."""
    for attribute in ("feature_names_in_", "_df_columns", "_feature_names_in"):
        value = first.get(attribute)
        if value is not None:
            names = make_series(value, attribute)
            texts = tuple(name for name in names if isinstance(name, str))
            if len(set(texts)) < len(texts):
                raise EstimatorError("it was fitted on a table with two columns of one name", mend="rename one of them")
            return texts if len(texts) == len(names) else None
    return None


def _count_columns(chain: Chain, first: Attributes) -> int:
    for attribute in ("n_features_in_", "_n_features"):
        count = first.get(attribute)
        if isinstance(count, int):
            return count
    for attribute in _ONE_A_COLUMN:
        if first.get(attribute) is not None:
            return len(make_series(first[attribute], attribute))
    if not chain.steps:
        return len(make_series(first.get("coef_"), "coef_"))
    raise EstimatorError(f"{describe_step(*chain.steps[0])} does not say how many columns it takes")
