"""Write what was measured into a page of docs/explanation, between the words that people wrote, and draw it."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rounds import ROUNDS, _find_processor
from the_lab import REPOSITORY

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SPEED = REPOSITORY / "docs" / "explanation" / "speed.md"
FOOTPRINT = SPEED.with_name("footprint.md")
BATCH = SPEED.with_name("speed-of-batch.md")
_OURS, _OTHERS = "#1f6f9f", "#7b8791"


def wants_page() -> bool:
    """Tell whether the command was asked for the page."""
    return "--docs" in sys.argv[1:]


def describe_run(versions: str) -> str:
    """Tell under what the figures were measured."""
    told = f"{datetime.now(UTC):%Y-%m}, {_find_processor()}, {os.cpu_count()} processors, {platform.system()}"
    options = [word for word in sys.argv[1:] if word != "--docs"]
    python, command = platform.python_version(), " ".join((f"python benchmarks/{Path(sys.argv[0]).name}", *options))
    return f"Measured {told}, Python {python}, by `{command}` in {ROUNDS} rounds. Versions: {versions}."


def put_section(path: Path, name: str, content: str) -> None:
    """Put a section of a page between its marks.

    Raises:
        SystemExit: the page has no such marks.
    """
    begin, end = f"<!-- {name}: written by benchmarks -->", f"<!-- {name}: end -->"
    page = path.read_text(encoding="utf-8")
    if begin not in page or end not in page:
        raise SystemExit(f"{path}: there is no section {name}")
    before, _, rest = page.partition(begin)
    path.write_text(f"{before}{begin}\n{content}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def draw_rates(
    page: Path,
    name: str,
    rates: Mapping[str, tuple[float, float, float]],
    ours: str,
    title: str,
    unit: str = "requests",
) -> None:
    """Draw rates with their range, one under the other, into a file beside the page.

    Args:
        page: beside which it lies.
        name: of the file.
        rates: the median, the lowest and the highest of each.
        ours: what the names of ours contain.
        title: above it.
        unit: of which there are so many a second.
    """
    figure = _open_figure(8, 0.38 * len(rates) + 1.1)
    axes = figure.subplots()
    for place, (key, (middle, low, high)) in enumerate(rates.items()):
        colour = _OURS if ours in key else _OTHERS
        axes.plot([low, high], [place, place], color=colour, linewidth=2, alpha=0.5, solid_capstyle="round")
        axes.plot(middle, place, "o", color=colour, markersize=8)  # points: a bar has no foot on a logarithmic scale
        axes.annotate(f"{middle:,.0f}", (high, place), (8, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_xscale("log")
    axes.set_xlim(min(low for _, low, _ in rates.values()) / 1.5, max(high for *_, high in rates.values()) * 2.5)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel(f"{unit} a second; line: slowest to fastest round")
    axes.grid(axis="x", color="#e4e8eb")
    axes.set_axisbelow(True)
    _dress(axes, list(rates), title)
    _save(figure, page, name)


def draw_bars(page: Path, name: str, panels: Mapping[str, Mapping[str, str]], ours: str) -> None:
    """Draw figures as bars from nought, a panel for each kind of figure, into a file beside the page.

    Args:
        page: beside which it lies.
        name: of the file.
        panels: the figures of each, by the title and then by the name of what has them, as they are written.
        ours: which of those names is ours.
    """
    names = list(next(iter(panels.values())))
    figure = _open_figure(9, 0.3 * len(names) + 0.7)
    for axes, (title, told) in zip(figure.subplots(1, len(panels), sharey=True), panels.items(), strict=True):
        widths = [float(figure.replace(",", "")) for figure in told.values()]
        bars = axes.barh(names, widths, color=[_OURS if each == ours else _OTHERS for each in names], height=0.7)
        axes.bar_label(bars, list(told.values()), padding=3, fontsize=9)
        axes.set_xlim(0, max(widths) * 1.35)  # room for the longest bar's own figure
        axes.set_xticks([])
        axes.tick_params(left=False)
        axes.spines["bottom"].set_visible(False)
        _dress(axes, names, title)
    _save(figure, page, name)


def _open_figure(width: float, height: float) -> Figure:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "augury"  # the same figures give the same file
    mpl.rcParams["svg.fonttype"] = "none"  # words stay words: they can be searched, and read aloud
    return Figure(figsize=(width, height), layout="constrained", facecolor="white")


def _dress(axes: Axes, names: Sequence[str], title: str) -> None:
    """Write the names at the left, from the top down, and the title above."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_title(title, loc="left", fontsize=11)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _save(figure: Figure, page: Path, name: str) -> None:
    figure.savefig(page.with_name(f"{name}.svg"), metadata={"Date": None})
