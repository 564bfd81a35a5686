from __future__ import annotations

from pathlib import Path

import click
import pytest
from msgspec import structs

from augury.artifact.evaluation import Evaluation, HeldOut
from augury.cli.metrics import render_evaluation
from tests.unit.artifact.evaluations import make_evaluation
from tests.unit.cli.conftest import Run

EVALUATION = make_evaluation(0.5)


def _render(evaluation: Evaluation = EVALUATION, target: str = "churn") -> str:
    return click.unstyle("\n".join(render_evaluation(evaluation, target)))


def test_the_whole_evaluation_as_it_is_shown() -> None:
    """Every figure stands in its table, with its interval."""
    assert _render() == (Path(__file__).parent / "evaluation.txt").read_text().rstrip("\n")


def test_no_line_is_wider_than_a_terminal() -> None:
    """A terminal of 90 columns holds every line."""
    assert 80 < max(map(len, _render().splitlines())) <= 90


def test_inspect_shows_it(run: Run, artifact: Path) -> None:
    """`augury inspect` shows the evaluation of a model that has one."""
    assert _render() in run("inspect", artifact).stdout


@pytest.mark.parametrize(
    ("held_out", "said"),
    [
        (
            HeldOut("random", None, 203, 3),
            "drawn at random; 50 of those counted are churn\n  the contract refused 3 ",
        ),
        (
            HeldOut("time", "when", 200, 0),
            "held out, the last by 'when'; 50 of those counted are churn\n  with",
        ),
        (HeldOut("group", "shop\x1b", 200, 0), "whole groups by 'shop\\x1b'; 50"),
        (HeldOut("table", None, 200, 0), "on 200 rows held out, a table of their own; 50"),
    ],
)
def test_which_rows_were_held_out_is_told(held_out: HeldOut, said: str) -> None:
    """How the rows were chosen and how many were refused is one line."""
    assert said in _render(structs.replace(EVALUATION, held_out=held_out))


def test_intervals_of_whole_groups_are_told_for_what_they_are() -> None:
    """The bootstrap draws rows; where whole groups were held out, that its intervals are too narrow is said."""
    shown = _render(structs.replace(EVALUATION, held_out=HeldOut("group", "shop", 200, 0)))
    assert "of rows: whole groups vary more, so the intervals are too narrow" in shown
    assert "too narrow" not in _render(EVALUATION)


def test_what_was_forgotten_is_not_shown() -> None:
    """Without decisions, profit, deciles and groups their tables are left out; why there are no decisions is said."""
    metrics = structs.replace(EVALUATION.metrics, confusion=None)
    shown = _render(structs.replace(EVALUATION, metrics=metrics, profit=None, deciles=(), groups=()))
    for heading in ("decisions at", "profit at", "the highest probabilities", "by "):
        assert not any(line.startswith(heading) for line in shown.splitlines())
    assert "calibration" in shown
    assert "no decisions: the threshold was set to another after the model was evaluated" in shown
