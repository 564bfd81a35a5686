"""The steps of a recipe as unfitted scikit-learn estimators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from augury.contract.fields import BooleanField, CategoryField, Feature, IntegerField, NumberField
from augury.training.recipe import Classifier, Recipe

Block = Literal["number", "flag", "category"]

# Up to so many columns Newton's method is used: it ends where the gradient vanishes, so that weights agree across
# machines, where lbfgs ends within its tolerance. On 100,000 rows of zeros and ones it took two to three times as long
# as lbfgs with 50 to 200 columns, and six times with 500 (scikit-learn 1.9.1). Beyond, columns are kept sparse as well.
FEW_COLUMNS = 200


class Steps(Struct, frozen=True):
    """What prepares the columns, and the classifier."""

    preparation: Any
    classifier: Any


def find_block(field: Feature) -> Block:
    """Find how a field is prepared; 0 and 1, or true and false, are a column as they are."""
    match field:
        case NumberField() | IntegerField():
            return "number"
        case BooleanField():
            return "flag"
        case CategoryField():
            return "flag" if set(field.levels) == {0, 1} else "category"


def make_steps(fields: Sequence[Feature], recipe: Recipe, levels: Mapping[str, int], missing: Any) -> Steps:
    """Make the steps.

    Args:
        fields: the columns of the frame, or the keys of the records.
        recipe: says how.
        levels: how many levels each category has that are not rare.
        missing: what stands in a category's column where it is null.
    """
    width = len(fields) + sum(levels.values())
    is_wide = width > FEW_COLUMNS
    if recipe.categories.encoder == "dict_vectorizer":
        from sklearn.feature_extraction import DictVectorizer

        return Steps(DictVectorizer(sparse=is_wide), _make_classifier(recipe.classifier, is_wide=is_wide))
    preparation = _make_columns(fields, recipe, missing, is_wide=is_wide)
    return Steps(preparation, _make_classifier(recipe.classifier, is_wide=is_wide))


def _make_classifier(classifier: Classifier, *, is_wide: bool) -> Any:
    from sklearn.linear_model import LogisticRegression

    solver = classifier.solver
    if solver == "auto":
        solver = "lbfgs" if is_wide else "newton-cholesky"
    return LogisticRegression(
        C=classifier.strengths[0],
        solver=solver,
        tol=classifier.tol,
        max_iter=classifier.max_iter,
        class_weight="balanced" if classifier.class_weight == "balanced" else None,
        # liblinear, sag and saga draw rows at random.
        random_state=1 if solver in {"liblinear", "sag", "saga"} else None,
    )


def _make_columns(fields: Sequence[Feature], recipe: Recipe, missing: Any, *, is_wide: bool) -> Any:
    """Make the transformer of the columns: a step that fills what is missing only where null is accepted."""
    from sklearn.compose import ColumnTransformer

    blocks: dict[tuple[Block, bool], list[str]] = {}
    for field in fields:
        blocks.setdefault((find_block(field), field.null == "impute"), []).append(field.name)
    transformers = [
        (
            f"{block}s_with_nulls" if nullable else f"{block}s",
            _make_block(block, nullable, recipe, missing, is_wide),
            names,
        )
        for (block, nullable), names in blocks.items()
    ]
    return ColumnTransformer(transformers, sparse_threshold=1.0 if is_wide else 0.0)


def _make_block(block: Block, nullable: bool, recipe: Recipe, missing: Any, is_wide: bool) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    steps: list[Any] = []
    if block == "number":
        if nullable:
            steps.append(_make_imputer(recipe.numbers.null))
        if recipe.numbers.scale == "standard":
            steps.append(StandardScaler())
    elif block == "flag":
        if nullable:
            steps.append(_make_imputer("most_frequent"))
    else:
        if nullable and recipe.categories.null == "most_frequent":
            steps.append(_make_imputer("most_frequent", missing))
        steps.append(_make_encoder(recipe.categories.rare, is_wide=is_wide))
    if not steps:
        return "passthrough"
    return steps[0] if len(steps) == 1 else make_pipeline(*steps)


def _make_imputer(null: str | float, missing: Any = float("nan")) -> Any:
    from sklearn.impute import SimpleImputer

    # A fold may have no value at all; the column must stay all the same.
    if isinstance(null, str):
        return SimpleImputer(strategy=null, missing_values=missing, keep_empty_features=True)
    return SimpleImputer(strategy="constant", fill_value=null, keep_empty_features=True)


def _make_encoder(rare: int, *, is_wide: bool) -> Any:
    from sklearn.preprocessing import OneHotEncoder

    return OneHotEncoder(min_frequency=rare, handle_unknown="infrequent_if_exist", sparse_output=is_wide)
