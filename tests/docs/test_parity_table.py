"""The table of doors: what it is made of is held to the law, and what it says was measured."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from augury.ir.link import sigmoid
from tests.docs.pages import DOCS
from tests.doors import DOORS, Answer, Found, Gathered, gather, hold_door

RIGHT = Answer(0.5, True, 0.0)


class Law(Struct):
    """What the law says of a row."""

    margin: float | None
    bound: float = 1e-15


@pytest.mark.parametrize(
    "answer",
    [
        Answer(None, None),
        Answer(0.5, False, 0.0),
        Answer(0.5, None, 0.0),
        Answer(0.5 + 1e-13, True),
        Answer(0.5, True, 2e-15),
    ],
    ids=["refused", "another decision", "no decision", "another probability", "another margin"],
)
def test_an_answer_that_is_not_the_laws_is_found(answer: Answer) -> None:
    """One wrong row of two is enough, whatever is wrong with it."""
    with pytest.raises(AssertionError):
        hold_door("sqlite", 0.5, [Law(0.0)] * 2, [RIGHT, answer])


def test_rows_that_were_not_answered_and_refused_rows_that_were_are_found() -> None:
    """As many answers as rows, and none to a row that the law refuses."""
    with pytest.raises(ValueError, match="shorter"):
        hold_door("sqlite", 0.5, [Law(0.0)] * 2, [RIGHT])
    with pytest.raises(AssertionError):
        hold_door("sqlite", 0.5, [Law(None)], [RIGHT])


def test_the_largest_differences_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several comparisons at a door rows are summed, and the largest difference stands; no door may be left out."""
    monkeypatch.setenv("AUGURY_PARITY", str(tmp_path))
    law, margin = [Law(0.25), Law(None)], 0.25 + 2**-54 * 16
    for door in DOORS:
        hold_door(door, 0.5, law, [Answer(sigmoid(margin), True, margin), Answer(None, None)])
        hold_door(door, 0.5, law, [Answer(sigmoid(0.25), True), Answer(None, None)])
    found = gather(tmp_path)
    assert [each.door for each in found] == list(DOORS.values())
    probability = float(f"{sigmoid(margin) - sigmoid(0.25):.1e}")
    assert found[0] == Found("`predict_one`", 4, 0, 8.9e-16, 0.89, probability)
    for path in tmp_path.glob("*.json"):
        if b"mariadb" in path.read_bytes():
            path.unlink()
    with pytest.raises(AssertionError, match="nothing was compared at 'mariadb'"):
        gather(tmp_path)


def test_every_door_was_measured() -> None:
    """What the page shows is of the doors that the tests know, each with rows and none with another decision."""
    gathered = msgspec.json.decode((DOCS / "explanation" / "parity.json").read_bytes(), type=Gathered)
    assert [each.door for each in gathered.doors] == list(DOORS.values())
    assert [each.door for each in gathered.doors if each.flips or each.rows < 6000] == []
    assert [each.door for each in gathered.doors if each.bounds is not None and each.bounds > 1.0] == []
