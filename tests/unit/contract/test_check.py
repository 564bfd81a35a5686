import pytest

from augury.contract.check import RecordChecker, Suggestions, find_values
from augury.contract.fields import BooleanField, CategoryField, Contract, IdentifierField, NumberField
from augury.contract.values import UNSEEN

LEVELS = tuple(f"level {index}" for index in range(60))
CONTRACT = Contract(
    fields=(
        CategoryField(name="plan", levels=("basic", "gold"), level_spellings={"Premium": "gold"}, spellings=("Plan",)),
        IdentifierField(name="id"),
        BooleanField(name="paid", absent="optional"),
        CategoryField(name="many", levels=LEVELS),
        CategoryField(name="open", levels=(1, 2), unseen="note"),
        NumberField(name="x", null="impute"),
    )
)
CHECKER = RecordChecker(CONTRACT)
RECORD: dict[str, object] = {"plan": "Premium", "many": "level 7", "open": 3, "x": " "}


def test_values_are_named_by_their_fields() -> None:
    """What was checked is canonical: the level, the state that stands for unseen, None for missing."""
    checked = CHECKER.check(RECORD.items())
    assert find_values(CONTRACT, checked) == {
        "plan": "gold",
        "paid": None,
        "many": "level 7",
        "open": UNSEEN,
        "x": None,
    }
    assert [(note.code, note.field) for note in checked.notes] == [("level", "open"), ("imputed", "x")]


def test_find_field_and_level() -> None:
    """A name or level is found exactly, as listed, or by its fold; an unknown one is not."""
    plan = CONTRACT.features[0]
    assert isinstance(plan, CategoryField)
    assert [CHECKER.find_field(key) for key in ("plan", "Plan", "PLAN", "plans")] == [plan, plan, plan, None]
    found = [CHECKER.find_level(plan, level) for level in ("gold", "Premium", "GOLD", "silver")]
    assert found == ["gold", "gold", "gold", None]


def test_many_levels_are_counted_not_listed() -> None:
    """Past fifty levels the fault says how many there are, and still names the nearest."""
    fault = CHECKER.check({**RECORD, "many": "levle 7"}.items()).faults[0]
    assert fault.allowed == ()
    assert fault.nearest == "level 7"
    assert "60 levels" in fault.detail


def test_suggestions_run_out() -> None:
    """Only so many look-alikes are searched for in one request, however many records it has."""
    suggestions = Suggestions(left=1)
    faults = [CHECKER.check({**RECORD, "plan": "god"}.items(), suggestions).faults[0] for _ in range(2)]
    assert [fault.nearest for fault in faults] == ["gold", None]


def test_an_identifier_is_in_no_sentence() -> None:
    """Neither the value of an identifier nor another field's stands in a fault about it."""
    checked = CHECKER.check({**RECORD, "id": ["secret"], "many": "x"}.items())
    assert [fault.field for fault in checked.faults] == ["id", "many"]
    assert "secret" not in checked.faults[0].detail


@pytest.mark.parametrize("value", ["x" * 100_000, 10**5000, 1e300], ids=["text", "integer", "number"])
def test_a_detail_stays_a_sentence(value: object) -> None:
    """However long a value is, the detail about it is short."""
    for field in ("plan", "many", "open", "x"):
        checked = CHECKER.check({**RECORD, field: value}.items())
        assert all(len(fault.detail) < 250 for fault in (*checked.faults, *checked.notes))


def test_faults_past_twenty_are_counted() -> None:
    """Twenty faults are listed, and the others counted."""
    checked = CHECKER.check([("plan", "gold")] * 30)
    assert (len(checked.faults), checked.more) == (20, 29 + 3 - 20)
