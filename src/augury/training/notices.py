"""What a table made training decide, and what it should make a person think about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from augury.artifact.evaluation import Evaluation
from augury.contract.fields import Feature, Level
from augury.evaluation.groups import FEWEST_ROWS, MOST_GROUPS
from augury.tables.notice import Notice, count_rows, show_texts, write_option
from augury.tables.rows import Rows
from augury.training.recipe import Recipe
from augury.training.steps import find_block

# Of a class held out. With fewer rows a share that is 0.9 in truth is seen as 1.000 more often than in 1 sample of 25,
# and no resample of that has anything but 1: its interval, 1.000 to 1.000, promises what nobody knows.
_FEW_HELD = 30
# The AUC of an order by chance.
_CHANCE = 0.5

# Below this share of positives, nearly nobody reaches a probability of one half.
_RARE_CLASS = 0.05


def describe_weights(recipe: Recipe) -> Iterator[Notice]:
    """Describe what class weights do to a probability."""
    if recipe.classifier.class_weight == "balanced":
        sentence = "with balanced class weights the probabilities are those of a table with as many of both classes"
        yield Notice("", "class_weight", sentence, "--class-weight none, and a threshold")


def describe_balance(share: float) -> Iterator[Notice]:
    """Describe a table with few positives; ``share`` is theirs."""
    if share < _RARE_CLASS:
        sentence = (
            f"only {share:.2%} of the rows are positive, so that few probabilities reach the threshold; "
            "that alone makes no probability wrong"
        )
        yield Notice("", "imbalance", sentence, "--threshold f1, --recall 0.8, or --benefit and --cost")


def describe_nulls(fields: Sequence[Feature], rows: Rows, recipe: Recipe) -> Iterator[Notice]:
    """Describe in how many rows each field is null, and what stands for it."""
    for field, column in zip(fields, rows.columns, strict=True):
        nulls = column.count_values().get(None, 0)
        if nulls:
            sentence = f"{field.name} is null in {count_rows(nulls)}: {_describe_fill(field, recipe)}"
            option = '--contract FILE with null = "refuse"'
            yield Notice(field.name, "null", sentence, option)


def _describe_fill(field: Feature, recipe: Recipe) -> str:
    block, null = find_block(field), recipe.numbers.null
    if block == "number":
        return f"{f'{null:g}' if isinstance(null, float) else f'the {null}'} stands for it"
    if block == "category" and recipe.categories.null == "level":
        return "it is a level of its own"
    return "the most frequent value stands for it"


def describe_rare(columns: Mapping[str, str], rare: Mapping[str, Sequence[Level]], recipe: Recipe) -> Iterator[Notice]:
    """Describe which fields have rare levels, given the column of each field and its rare levels."""
    is_grouped = recipe.categories.encoder == "one_hot"
    for field, levels in rare.items():
        quoted = (show_texts([str(level) for level in levels]),) if len(levels) <= 3 else ()
        what = quoted[0] if quoted else f"{len(levels)} levels"
        done = "they are one group, as is any level that is not known" if is_grouped else "they count as not known"
        sentence = (
            f"{columns[field]} has levels in fewer than {recipe.categories.rare} rows ({what}): {done}, "
            "and such a value is noted, not refused"
        )
        yield Notice(columns[field], "rare", sentence, write_option("augury amend --unseen", f"{field}=refuse"), quoted)


def describe_refusals(rows: Rows) -> Iterator[Notice]:
    """Describe the rows that the contract refuses, which are not fitted on."""
    for refusal in rows.refusals:
        sentence = f"{refusal.field} is refused in {count_rows(refusal.rows)}, which were left out: {refusal.detail}"
        yield Notice(
            refusal.field, "refused", sentence, "--contract FILE that accepts it, or --drop", (refusal.detail,)
        )


def describe_evaluation(evaluation: Evaluation) -> Iterator[Notice]:
    """Describe an evaluation that shows little: few rows of a class, or an order that may be chance."""
    rows, positives, auc = evaluation.metrics.rows, evaluation.metrics.positives, evaluation.metrics.auc
    few = min(positives, rows - positives)
    if few < _FEW_HELD:
        which = "positive" if positives == few else "negative"
        sentence = (
            f"of the {count_rows(rows)} held out {few or 'none'} {'is' if few <= 1 else 'are'} {which}: "
            "the figures say little, and intervals are narrower than they should be"
        )
        yield Notice("", "few_held", sentence, "a table with more rows, or rows of their own by --test")
    if auc is not None and auc.low <= _CHANCE:
        sentence = f"the rows held out do not show that the model ranks better than chance (AUC {auc.value:.3f})"
        yield Notice("", "chance", sentence, "other columns, or more rows")


def describe_groups(evaluation: Evaluation, fields: Sequence[str]) -> Iterator[Notice]:
    """Describe by which fields the evaluation is not told again for every row."""
    rows = evaluation.metrics.rows
    for field in fields:
        left = rows - sum(group.metrics.rows for group in evaluation.groups if group.field == field)
        if left:
            sentence = (
                f"by {field}, {left:,} of the {count_rows(rows)} held out are in no group that is told: "
                f"one has {FEWEST_ROWS} rows or more, and {MOST_GROUPS} are told at most"
            )
            yield Notice(field, "by", sentence, "a table with more rows")


def describe_profit(evaluation: Evaluation) -> Iterator[Notice]:
    """Describe a threshold at which nobody is contacted, for no contact earns what it costs."""
    confusion = evaluation.metrics.confusion
    if evaluation.profit is None or confusion is None:
        return
    if confusion.true_positives.value + confusion.false_positives.value == 0:
        sentence = f"nobody held out reaches the threshold of {confusion.threshold:g}, and nothing is earned"
        yield Notice("", "profit", sentence, "another --benefit, --cost or --accept")


def describe_fit(*, converged: bool, recipe: Recipe, strength: float) -> Iterator[Notice]:
    """Describe a fit that stopped early, or a penalty at the end of its range."""
    if not converged:
        sentence = f"the fit stopped after {recipe.classifier.max_iter:,} steps before it had converged"
        yield Notice("", "convergence", sentence, "a recipe with a larger max_iter")
    strengths = recipe.classifier.strengths
    if len(strengths) > 1 and strength == strengths[-1]:
        sentence = f"the weakest penalty that was tried did best (C = {strength:g})"
        yield Notice("", "penalty", sentence, "a recipe with larger values of C")
