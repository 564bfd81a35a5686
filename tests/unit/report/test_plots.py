from __future__ import annotations

import math
import re
import warnings

import pytest

from augury.artifact.evaluation import CalibrationBin, Estimate
from augury.evaluation.curves import Curve, Histogram, ThresholdCurves
from augury.markup import read_style
from augury.report import plots

PAPERS = ("#ffffff", "#15181c", "#111111")  # the page's by day and by night, and a dark notebook's
LEAST = 3.0  # WCAG 2.2, 1.4.11 (AA), for what is needed to read a graphic


def _shine(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_shine(one), _shine(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("paper", PAPERS)
def test_every_colour_is_seen_on_light_and_dark(paper: str) -> None:
    """The colours of series and bars stand out from every ground that they may stand on."""
    curves = ThresholdCurves((0.0, 1.0), (0.2, 1.0), (1.0, 0.0), (0.3, 0.0), (1.0, 0.0), None)
    drawn = plots.draw_thresholds(curves, 0.5, "") + read_style()
    colours = set(re.findall(r"#[0-9a-f]{6}\b", drawn))
    assert len(colours) >= 4
    assert {colour: _contrast(colour, paper) for colour in colours if _contrast(colour, paper) < LEAST} == {}


def test_a_plot_is_an_element_of_a_page() -> None:
    """A plot has no style attribute, no name of a group and no address in it, and its words are escaped."""
    drawn = plots.draw_roc(Curve((0.0, 0.5, 1.0), (0.0, 0.9, 1.0)), None, 'ROC "<curve>"')
    assert drawn.startswith('<svg class="plot" role="img" aria-label="ROC &quot;&lt;curve&gt;&quot;" viewBox="0 0 ')
    assert re.search(r"style=|<g id=|http|<\?xml|#010203|xlink", drawn) is None
    assert "false positive rate" in drawn


def test_what_has_no_value_leaves_a_gap() -> None:
    """A share without a denominator, an empty curve or an interval beside its figure is drawn without a warning."""
    nan = math.nan
    curves = ThresholdCurves((0.0, 0.5, 1.0), (0.2, nan, nan), (nan,) * 3, (nan,) * 3, (1.0, 0.0, 0.0), (nan, 1.0, 0.0))
    aside = CalibrationBin(0.0, 0.1, 3, Estimate(0.05, 0.0, 0.1), Estimate(0.5, 0.6, 0.7))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plots.draw_thresholds(curves, 0.5, "")
        plots.draw_profit(curves, 0.5, "")
        plots.draw_roc(Curve((), ()), None, "")
        plots.draw_calibration([aside], None, "")
        plots.draw_scores(Histogram((0.0, 0.5, 1.0), (0, 0), (0, 0)), 0.5, "")
