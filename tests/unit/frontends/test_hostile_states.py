"""Whatever stands in a pickle's states, the answer is a model that checks out, or one sentence."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from augury.contract.fields import Contract, check_contract
from augury.errors import EstimatorError, UsageError
from augury.frontends.arrays import Array
from augury.frontends.estimator import read_estimator
from augury.frontends.fitted import Options
from augury.frontends.standins import Name, StandIn
from augury.frontends.unpickle import read_pickle
from augury.ir.check import check_predictor
from tests.conftest import SOAK

PICKLES = sorted((Path(__file__).parents[2] / "compat" / "pickles").glob("*/*.pkl"))
MUTANTS = 100 if SOAK else 3

STRANGE: tuple[object, ...] = (
    None, True, -1, 5, 10**30, 1 << 1024, 1.5, math.nan, math.inf, 1e308, "", "x", "passthrough", "drop", "ignore",
    "infrequent_if_exist", "use_encoded_value", b"x", [], (), {}, [None], [[1]], slice(None), slice("a", 3.5),
    Array((0,), (), "f8"), Array((2,), (1.0, 2.0), "f8"), Array((1, 1), ("a",), "U1"),
    Array((2,), (None, math.nan), "O"), Name("a", "b"),
    StandIn("sklearn.pipeline.Pipeline"), StandIn("x.Y", (), {"a": 1}), frozenset({1}),
)  # fmt: skip


def mutate(value: object, rng: random.Random, rate: float) -> object:
    """Put strange values in random places of what was read from a pickle."""
    if rng.random() < rate:
        return rng.choice(STRANGE)
    if isinstance(value, StandIn):
        return StandIn(value.dotted, value.args, mutate(value.state, rng, rate), value.items, value.pairs)
    if isinstance(value, dict):
        return {key: mutate(part, rng, rate) for key, part in value.items() if rng.random() >= rate / 4}
    if isinstance(value, list | tuple):
        return type(value)(mutate(part, rng, rate) for part in value)
    if isinstance(value, Array):
        values = tuple(mutate(part, rng, rate / 5) for part in value.values)
        return Array(
            value.shape, values[: rng.randrange(len(values) + 1)] if rng.random() < rate else values, value.dtype
        )
    return value


@pytest.mark.parametrize("path", PICKLES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_strange_state_is_refused_or_read(path: Path) -> None:
    """No state raises anything but our own errors, and what is read from it contradicts nothing."""
    rng = random.Random(path.name + path.parent.name)
    value = read_pickle(path)
    options = Options(fields=("months", "spend", "visits")) if path.name.startswith("estimator") else Options()
    for _ in range(MUTANTS):
        try:
            fitted = read_estimator(mutate(value, rng, rng.choice((0.002, 0.01, 0.05))), options=options)
        except (EstimatorError, UsageError):
            continue
        contract = Contract(fields=fitted.features)
        check_predictor(contract, fitted.predictor)
        check_contract(contract)
