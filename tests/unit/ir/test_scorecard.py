from __future__ import annotations

from math import fsum

import pytest
from msgspec import structs

from augury.contract.fields import Bounds, CategoryField, Contract, NumberField
from augury.ir.nodes import Category, Linear, Link, Number, OneHot
from augury.ir.scorecard import Scorecard, find_scorecards
from augury.model import Model
from tests.unit.artifact.documents import make_document, make_record
from tests.unit.report.reports import make_bare_report


@pytest.fixture(scope="module")
def model() -> Model:
    """A model with every kind of field and every node."""
    return make_bare_report().model


def _find(model: Model) -> dict[str, Scorecard]:
    body = model.document.model
    cards = find_scorecards(body.contract, body.predictor, body.baseline.terms, body.profile)
    return {card.field: card for card in cards}


def test_points_are_what_explanations_say(model: Model) -> None:
    """The points of a record's levels are its contributions: card and reasons cannot differ."""
    cards, record = _find(model), make_record()
    explained = model.explain(record)
    assert explained.contributions is not None
    for reason in explained.contributions:
        value = record[reason.field]
        when = str(value).lower() if isinstance(value, bool) else str(value)
        found = [row.log_odds for row in cards[reason.field].points if row.when == when]
        if found:  # numbers are told at quantiles only
            assert found == [pytest.approx(reason.value, abs=1e-12)]
    assert sum(isinstance(value, str) for value in record.values()) == len(cards) - 6


def test_the_widest_spread_comes_first(model: Model) -> None:
    """Fields stand in the order of how far apart their points lie."""
    cards = list(_find(model).values())
    assert [card.spread for card in cards] == sorted((card.spread for card in cards), reverse=True)
    first = [row.log_odds for row in cards[0].points if row.log_odds is not None]
    assert cards[0].spread == max(first) - min(first) > 0


def test_every_state_with_a_rule_is_told(model: Model) -> None:
    """Missing and unseen have their points where the contract lets them through, and only there."""
    cards = _find(model)
    assert [row.when for row in cards["contract"].points][-1] == "(a level not seen)"
    assert [row.when for row in cards["totalcharges"].points][-1] == "(missing)"
    assert [row.when for row in cards["paperlessbilling"].points] == ["false", "true", "(missing)"]
    assert [row.when for row in cards["gender"].points] == ["female", "male"]


def test_how_usual_a_state_is(model: Model) -> None:
    """Levels are told with their share of the rows, numbers with how many are lower."""
    cards = _find(model)
    assert [row.where for row in cards["gender"].points] == ["50.0% of rows", "33.3% of rows"]
    assert "the median" in [row.where for row in cards["tenure"].points]
    assert cards["tenure"].points[0].where == "1% of rows are lower"


def test_without_a_profile_the_ends_are_told() -> None:
    """A number without a profile is told at the ends of its range, else at zero and one unit further."""
    contract = Contract(
        fields=(
            NumberField(name="a", seen=Bounds(2.0, 4.0)),
            NumberField(name="b"),
            CategoryField(name="c", levels=(0, 1)),
        )
    )
    predictor = Link((Linear((Number("a"), Number("b"), OneHot(Category("c"), (1,))), (0.5, 3.0, 1e308), 0.0),))
    cards = {card.field: card for card in find_scorecards(contract, predictor, (0.5, 0.0, -1e308), None)}
    assert [(row.when, row.where, row.log_odds) for row in cards["a"].points] == [("2", "", 0.5), ("4", "", 1.5)]
    assert [(row.when, row.log_odds) for row in cards["b"].points] == [("0", 0.0), ("1", 3.0)]
    assert [row.log_odds for row in cards["c"].points] == [1e308, None], "beyond a double is no number"


def test_a_rare_level_is_not_counted(model: Model) -> None:
    """A level that the profile does not keep is told as rare, never with a count."""
    body = model.document.model
    assert body.profile is not None
    profile = structs.replace(
        body.profile,
        fields=tuple(
            structs.replace(field, levels=("female",), counts=(996,)) if field.field == "gender" else field
            for field in body.profile.fields
        ),
    )
    cards = find_scorecards(body.contract, body.predictor, body.baseline.terms, profile)
    [gender] = [card for card in cards if card.field == "gender"]
    assert [row.where for row in gender.points] == ["99.6% of rows", "fewer than 5 rows"]


def test_a_field_that_is_not_read_has_no_card() -> None:
    """Only what the model reads has points."""
    body = make_document().model
    linear = Linear((Number("tenure"),), (1.0,), 0.0)
    cards = find_scorecards(body.contract, Link((linear,)), body.baseline.terms, body.profile)
    assert [card.field for card in cards] == ["tenure"]
    assert fsum(row.log_odds or 0.0 for row in cards[0].points) > 0
