"""Write what was measured into docs/explanation/speed.md, between the words that people wrote."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from rounds import ROUNDS, _find_processor
from the_lab import REPOSITORY

PAGE = REPOSITORY / "docs" / "explanation" / "speed.md"
_OURS, _OTHERS = "#1f6f9f", "#7b8791"


def wants_page() -> bool:
    """Tell whether the command was asked for the page."""
    return sys.argv[1:] == ["--docs"]


def describe_run(versions: str) -> str:
    """Tell under what the figures were measured."""
    told = f"{datetime.now(UTC):%Y-%m}, {_find_processor()}, {os.cpu_count()} processors, {platform.system()}"
    python, command = platform.python_version(), f"python benchmarks/{Path(sys.argv[0]).name}"
    return f"Measured {told}, Python {python}, by `{command}` in {ROUNDS} rounds. Versions: {versions}."


def put_section(name: str, content: str) -> None:
    """Put a section between its marks.

    Raises:
        SystemExit: the page has no such marks.
    """
    begin, end = f"<!-- {name}: written by benchmarks -->", f"<!-- {name}: end -->"
    page = PAGE.read_text(encoding="utf-8")
    if begin not in page or end not in page:
        raise SystemExit(f"{PAGE}: there is no section {name}")
    before, _, rest = page.partition(begin)
    PAGE.write_text(f"{before}{begin}\n{content}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def draw_rates(name: str, rates: Mapping[str, tuple[float, float, float]], ours: str, title: str) -> None:
    """Draw rates with their range, one under the other, into a file beside the page.

    Args:
        name: of the file.
        rates: the median, the lowest and the highest of each server.
        ours: what the names of our servers contain.
        title: above it.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "augury"  # the same figures give the same file
    mpl.rcParams["svg.fonttype"] = "none"  # words stay words: they can be searched, and read aloud
    figure = Figure(figsize=(8, 0.38 * len(rates) + 1.1), layout="constrained", facecolor="white")
    axes = figure.subplots()
    for place, (key, (middle, low, high)) in enumerate(rates.items()):
        colour = _OURS if ours in key else _OTHERS
        axes.plot([low, high], [place, place], color=colour, linewidth=2, alpha=0.5, solid_capstyle="round")
        axes.plot(middle, place, "o", color=colour, markersize=8)  # points: a bar has no foot on a logarithmic scale
        axes.annotate(f"{middle:,.0f}", (high, place), (8, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_yticks(range(len(rates)), list(rates))
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(min(low for _, low, _ in rates.values()) / 1.5, max(high for *_, high in rates.values()) * 2.5)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("requests a second; line: slowest to fastest round")
    axes.set_title(title, loc="left", fontsize=11)
    axes.grid(axis="x", color="#e4e8eb")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    figure.savefig(PAGE.with_name(f"{name}.svg"), metadata={"Date": None})
