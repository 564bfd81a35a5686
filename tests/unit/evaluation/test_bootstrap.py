import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import bootstrap

from augury.artifact.evaluation import Estimate
from augury.evaluation.bootstrap import Figures, _seed, estimate, find_resamples
from augury.evaluation.figures import compute_losses, compute_ranking, find_costs
from augury.evaluation.ranked import Counts, Ranked, rank_rows
from tests.unit.evaluation.tables import draw_table


def _measure_share(counts: Counts) -> Figures:
    return {"share": np.array([counts.positives.sum() / counts.both.sum()])}


def _only(found: dict[str, list[Estimate | None]]) -> Estimate:
    ((figure,),) = found.values()
    assert figure is not None
    return figure


def test_an_interval_is_that_of_scipy() -> None:
    """Where every resample has the figure, the ends are those of SciPy's own percentile interval."""
    labels, probabilities = draw_table(1, 300)
    ranked = rank_rows(labels, probabilities)
    costs = find_costs(ranked.scores)
    found = estimate(ranked, lambda counts: {"losses": compute_losses(counts, costs)}, exact={}, seed=7)
    own = bootstrap(
        (np.arange(300),),
        lambda rows, axis: np.mean((labels[rows] - probabilities[rows]) ** 2, axis=axis),
        n_resamples=1000,
        method="percentile",
        **_seed(7),
    )
    brier = found["losses"][1]
    assert brier is not None
    assert_allclose([brier.low, brier.high], own.confidence_interval, rtol=0, atol=1e-9)


def test_a_seed_gives_the_same_interval() -> None:
    """One seed gives one interval, another one another."""
    ranked = rank_rows(*draw_table(2, 200))
    first, again, other = (estimate(ranked, _measure_share, exact={}, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_a_resample_without_the_figure_is_left_out() -> None:
    """An interval of the AUC is that of the resamples which have one, here about seven in eight."""
    labels, probabilities = [1, 1, 0, 0, 0, 0, 0], [0.9, 0.4, 0.5, 0.3, 0.2, 0.1, 0.05]
    found = estimate(rank_rows(labels, probabilities), _measure_ranking, exact={}, seed=1)
    auc = found["ranking"][0]
    assert auc is not None
    assert 0.0 < auc.low < 0.9 == auc.value < auc.high == 1.0


def _measure_ranking(counts: Counts) -> Figures:
    return {"ranking": compute_ranking(counts)}


def test_a_figure_that_the_rows_lack_is_none() -> None:
    """What is not defined on all rows has no estimate."""
    found = estimate(rank_rows([0, 0, 0], [0.1, 0.2, 0.3]), _measure_ranking, exact={}, seed=1)
    assert found == {"ranking": [None, None]}


def test_one_row_has_an_interval_of_no_width() -> None:
    """One row can only be drawn again."""
    assert _only(estimate(rank_rows([1], [0.5]), _measure_share, exact={}, seed=1)) == Estimate(1.0, 1.0, 1.0)


def test_a_known_figure_takes_the_place_of_the_computed_one() -> None:
    """The value is the one that was given, the interval that of the resamples."""
    found = _only(
        estimate(rank_rows([0, 1] * 50, [0.5] * 100), _measure_share, exact={"share": np.array([0.75])}, seed=1)
    )
    assert found.value == 0.75
    assert 0.35 < found.low < 0.5 < found.high < 0.65


def test_an_overstated_figure_is_mirrored() -> None:
    """The basic interval lies as far below the value as the percentile one above it, and not below 0."""
    ranked = rank_rows([0, 1, 0, 0, 0, 0, 0, 0, 0, 0] * 3, [0.5] * 30)
    plain = _only(estimate(ranked, _measure_share, exact={}, seed=1))
    mirrored = _only(estimate(ranked, _measure_share, exact={}, overstated={"share"}, seed=1))
    assert_allclose([mirrored.low, mirrored.high], [max(0.0, 0.2 - plain.high), 0.2 - plain.low], rtol=0, atol=1e-9)
    assert mirrored.low == 0.0 < mirrored.high


@pytest.mark.parametrize(
    ("rows", "resamples"), [(1, 1000), (20_000, 1000), (40_000, 500), (100_000, 200), (10**6, 200)]
)
def test_more_rows_are_given_fewer_resamples(rows: int, resamples: int) -> None:
    """Resamples look at 20 million rows together, but there are at most 1,000 and at least 200."""
    assert find_resamples(rows) == resamples


def test_batches_do_not_change_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many resamples are drawn at a time is a matter of memory alone."""
    ranked: Ranked = rank_rows(*draw_table(4, 120))
    whole = estimate(ranked, _measure_share, exact={}, seed=3)
    monkeypatch.setattr("augury.evaluation.bootstrap._BATCH", 700)
    assert estimate(ranked, _measure_share, exact={}, seed=3) == whole
