import math
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import Struct, convert, structs, to_builtins

from augury.artifact.canonical import seal
from augury.artifact.check_evaluation import find_evaluation_problems
from augury.artifact.evaluation import Estimate, Evaluation
from augury.artifact.read import parse_artifact
from augury.contract.fields import Bounds
from tests.unit.artifact.documents import make_document
from tests.unit.artifact.evaluations import make_evaluation
from tests.unit.artifact.sentences import refuse

MODEL = make_document().model
EVALUATION = make_evaluation(0.5)


def _seal(evaluation: Evaluation) -> bytes:
    document = make_document()
    return seal(structs.replace(document, model=structs.replace(document.model, evaluation=evaluation)))[1]


def _change(**paths: object) -> Evaluation:
    """Change members by their paths: ``metrics__auc=None`` or ``groups__0__level=1``."""
    built: Any = to_builtins(EVALUATION)
    for path, value in paths.items():
        *way, last = path.split("__")
        holder = built
        for step in way:
            holder = holder[int(step) if isinstance(holder, list | tuple) else step]
        holder[int(last) if isinstance(holder, list) else last] = (
            to_builtins(value) if isinstance(value, Struct) else value
        )
    return convert(built, Evaluation)


def _repeat(member: str, count: int) -> Evaluation:
    return structs.replace(EVALUATION, **{member: getattr(EVALUATION, member)[:1] * count})


WRONG: dict[str, tuple[Evaluation, str]] = {
    "no confidence": (_change(confidence=1.0), "has a confidence of 1.0"),
    "no resample": (_change(resamples=0), "has 0 resamples"),
    "rows that are not held out": (_change(held_out__rows=204), "counts 200 rows, of 204 held out less 3 refused"),
    "more refused than held out": (_change(held_out__rows=3, held_out__refused=203), "counts 200 rows"),
    "a time without a column": (_change(held_out__how="time"), "held out by 'time', with None as their column"),
    "a column without a use": (_change(held_out__column="when"), "held out by 'stratified', with 'when'"),
    "more positives than rows": (_change(metrics__positives=201), "counts 201 positives in 200 rows"),
    "no AUC": (_change(metrics__auc=None), "lacks auc, for 50 positives in 200 rows"),
    "an AUC of one class": (
        _change(groups__1__metrics__auc=Estimate(0.5, 0.5, 0.5)),
        "gives auc, for 0 positives in 40 rows",
    ),
    "an AUC above 1": (_change(metrics__auc=Estimate(1.1, 1.0, 1.2)), "gives auc as 1.1 [1.0, 1.2]"),
    "a crossed interval": (
        _change(metrics__auc=Estimate(0.8, 0.9, 0.7)),
        "gives auc an interval that is crossed",
    ),
    "a negative log loss": (_change(metrics__log_loss__low=-0.1), "gives log_loss as"),
    "a Brier score above 1": (_change(metrics__brier__high=1.5), "gives brier as"),
    "decisions at another threshold": (
        _change(metrics__confusion__threshold=0.4),
        "has decisions at 0.4, and the model decides at 0.5",
    ),
    "decisions of more rows": (
        _change(metrics__confusion__true_positives__value=31.0),
        "has decisions 31, 15, 20, 135",
    ),
    "half a decision": (
        _change(metrics__confusion__true_positives__value=29.5, metrics__confusion__false_negatives__value=20.5),
        "gives accuracy as what does not follow",
    ),
    "more decisions than rows": (_change(metrics__confusion__true_negatives__high=201.0), "gives true_negatives as"),
    "another precision": (_change(metrics__confusion__precision__value=0.5), "gives precision as what does not follow"),
    "no recall": (_change(metrics__confusion__recall=None), "gives recall as what does not follow"),
    "a recall of nobody": (
        _change(groups__1__metrics__confusion__recall=Estimate(0.5, 0.5, 0.5)),
        "gives recall as what does not follow",
    ),
    "a score that is not its parts": (_change(decomposition__uncertainty__value=0.25), "takes a Brier score of 0.14"),
    "a negative part": (_change(decomposition__miscalibration__low=-0.01), "gives miscalibration as"),
    "no bins": (_change(calibration=[]), "has 0 bins, not 1 to 100"),
    "many bins": (_repeat("calibration", 101), "has 101 bins, not 1 to 100"),
    "bins of other rows": (_change(calibration__0__rows=99), "has bins that do not hold its 200 rows"),
    "bins that fall": (_change(calibration__1__low=0.2), "has bins that are no rising ranges"),
    "a bin beyond 1": (_change(calibration__1__high=1.01), "has bins that are no rising ranges"),
    "a share above 1": (_change(calibration__0__observed__value=1.01), "gives observed share as 1.01"),
    "a prediction below 0": (_change(calibration__0__predicted__low=-0.01), "gives predicted share as"),
    "many deciles": (_repeat("deciles", 101), "has 101 deciles, more than 100"),
    "deciles in another order": (
        structs.replace(EVALUATION, deciles=EVALUATION.deciles[::-1]),
        "has deciles that are not in their order",
    ),
    "a decile of other rows": (_change(deciles__0__rows=101), "has a decile of 101 rows, a share of 0.5 of 200"),
    "a decile down to nothing": (_change(deciles__1__lowest=-0.1), "has a decile of 200 rows"),
    "a gain above 1": (_change(deciles__0__gain__high=1.1), "gives gain as"),
    "a negative lift": (_change(deciles__0__lift__low=-0.1), "gives lift as"),
    "an offer that more than all accept": (
        _change(profit__accept=1.5),
        "has an offer of 100.0 at 5.0, accepted by 1.5",
    ),
    "a crossed profit": (_change(profit__flagged__low=800.0), "gives profit of flagged an interval"),
    "many groups": (_repeat("groups", 21), "has 21 groups of 'contract', more than 20"),
    "groups of an identifier": (_change(groups__0__field="customerid"), "has groups of 'customerid', which is an"),
    "groups of a long name": (_change(groups__0__field="c" * 257), "longer than 256 characters"),
    "a group of two places": (_change(groups__2__level=1), "has a group of 'tenure' with a level and bounds"),
    "a group within crossed bounds": (_change(groups__2__bounds=Bounds(12.0, 0.0)), "'tenure' within no bounds"),
    "a group of more rows": (_change(groups__1__metrics__rows=201), "has a group of 201 rows of 200"),
    "a group without decisions": (_change(groups__0__metrics__confusion=None), "for its groups or for all rows"),
    "a group of nobody": (_change(groups__1__metrics__rows=0), "counts 0 positives in 0 rows"),
}


def test_the_evaluation_before_it_is_changed_is_accepted() -> None:
    """The evaluation that the other tests change is accepted as it is."""
    assert parse_artifact(_seal(EVALUATION), "here").model.evaluation == EVALUATION


@pytest.mark.parametrize(("evaluation", "what"), WRONG.values(), ids=list(WRONG))
def test_an_evaluation_that_contradicts_itself_is_refused(evaluation: Evaluation, what: str) -> None:
    """Figures out of bounds, counts that disagree and lists without end are refused."""
    sentence = refuse(_seal(evaluation))
    assert "the evaluation " in sentence
    assert what in sentence


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("figure", ["metrics__log_loss", "deciles__0__lift", "profit__everyone"])
def test_a_figure_that_is_not_finite_is_refused(figure: str, number: float) -> None:
    """What is no number is no figure, even where a figure has no upper bound."""
    *way, last = figure.split("__")
    holder: Any = EVALUATION
    changed = Estimate(number, number, number)
    if way == ["deciles", "0"]:
        holder = structs.replace(holder, deciles=(structs.replace(holder.deciles[0], lift=changed), holder.deciles[1]))
    else:
        holder = structs.replace(holder, **{way[0]: structs.replace(getattr(holder, way[0]), **{last: changed})})
    (problem, *_) = find_evaluation_problems(MODEL.contract, 0.5, holder)
    assert f"as {number} [{number}, {number}]" in problem


@pytest.mark.parametrize(
    "change",
    [
        lambda: _change(metrics__auc=Estimate(0.9, 0.7, 0.8)),
        lambda: _change(profit=None),
        lambda: _change(deciles=[]),
        lambda: _change(groups=[]),
        lambda: _change(groups__0__field="region"),
        lambda: _change(held_out__how="time", held_out__column="when"),
        lambda: _change(metrics__brier__value=0.14 + 1e-12),
    ],
)
def test_what_an_evaluation_may_be(change: Callable[[], Evaluation]) -> None:
    """An interval need not hold its value, a group may be of a column that the model does not read."""
    evaluation = change()
    assert parse_artifact(_seal(evaluation), "here").model.evaluation == evaluation
