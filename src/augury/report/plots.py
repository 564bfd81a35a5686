"""The plots of a report, drawn by matplotlib as SVG that stands in a page: no file, no window, no style of the user's.

Lines and letters take the colour of the text around them, so that a plot reads on light and on dark; the colours of the
series have at least 3 : 1 against both (WCAG 1.4.11), and differ in lines or marks too, for those who see no colours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from io import BytesIO
from xml.etree import ElementTree

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from augury.artifact.evaluation import CalibrationBin, Confusion, Decile, Estimate
from augury.evaluation.curves import Curve, Histogram, ThresholdCurves
from augury.markup import Markup, write_text

# Stands for the colour of the text until the SVG is written: matplotlib knows no `currentColor`.
_INK = "#010203"
_BLUE, _ORANGE, _GREEN, _VIOLET = "#2b7bc4", "#c8561f", "#2e8b57", "#8e63ce"
# Inches of 72 units; shown 30 rem wide, ten units are then about as large as the text around.
_SIZE = (4.4, 3.3)
_STYLE = {
    "svg.fonttype": "none",  # text stays text: it can be searched, read aloud, and is a tenth of the size
    "text.parse_math": False,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.grid": True,
    "grid.alpha": 0.15,
    "grid.color": _INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "path.simplify": False,  # what is drawn hangs on nothing but the points
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}
_NAMESPACE = re.compile(r"\{[^}]*\}")

Paint = Callable[[Axes], None]


def draw_roc(curve: Curve, confusion: Confusion | None, label: str) -> Markup:
    """Draw the ROC curve, with the decisions at the threshold as a point."""

    def paint(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=_INK, linestyle=":", linewidth=1, label="chance")
        axes.plot(curve.x, curve.y, color=_BLUE, linewidth=2, label="the model")
        if confusion is not None and confusion.recall and confusion.specificity:
            point = (1 - confusion.specificity.value, confusion.recall.value)
            axes.plot(*point, "o", color=_ORANGE, label=f"at threshold {confusion.threshold:.3g}")
        _name(axes, "false positive rate, of negative rows", "true positive rate, of positive rows")
        _show_unit_square(axes)
        axes.legend(loc="lower right")

    return _draw("roc", label, paint)


def draw_precision_recall(curve: Curve, base_rate: float, confusion: Confusion | None, label: str) -> Markup:
    """Draw precision against recall, with the decisions at the threshold as a point."""

    def paint(axes: Axes) -> None:
        axes.axhline(base_rate, color=_INK, linestyle=":", linewidth=1, label="chance: the base rate")
        axes.plot(curve.x, curve.y, color=_BLUE, linewidth=2, label="the model", drawstyle="steps-pre")
        if confusion is not None and confusion.recall and confusion.precision:
            point = (confusion.recall.value, confusion.precision.value)
            axes.plot(*point, "o", color=_ORANGE, label=f"at threshold {confusion.threshold:.3g}")
        _name(axes, "recall, of positive rows", "precision, of flagged rows")
        _show_unit_square(axes)
        axes.legend(loc="upper right")

    return _draw("precision-recall", label, paint)


def draw_calibration(bins: Sequence[CalibrationBin], curve: Curve | None, label: str) -> Markup:
    """Draw the share of positives against the predicted probability: bins with intervals, and the isotonic curve."""

    def paint(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=_INK, linestyle=":", linewidth=1, label="as predicted")
        if curve is not None:
            axes.plot(curve.x, curve.y, color=_BLUE, linewidth=2, label="isotonic curve")
        x = [row.predicted.value for row in bins]
        _plot_estimates(axes, x, [row.observed for row in bins], f"{len(bins)} bins of rows")
        _name(axes, "predicted probability", "share of positives")
        _show_unit_square(axes)
        axes.legend(loc="upper left")

    return _draw("calibration", label, paint)


def draw_gain(deciles: Sequence[Decile], label: str) -> Markup:
    """Draw which share of the positives is among the rows of the highest probabilities."""

    def paint(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=_INK, linestyle=":", linewidth=1, label="chance")
        x = [row.share for row in deciles]
        axes.plot([0, *x], [0, *(row.gain.value for row in deciles)], color=_BLUE, linewidth=2)
        _plot_estimates(axes, x, [row.gain for row in deciles], "the model")
        _name(axes, "share of rows, by falling probability", "share of all positives (gain)")
        _show_unit_square(axes)
        axes.legend(loc="lower right")

    return _draw("gain", label, paint)


def draw_lift(deciles: Sequence[Decile], label: str) -> Markup:
    """Draw how much more frequent positives are among the rows of the highest probabilities."""

    def paint(axes: Axes) -> None:
        axes.axhline(1.0, color=_INK, linestyle=":", linewidth=1, label="chance")
        x = [row.share for row in deciles]
        axes.plot(x, [row.lift.value for row in deciles], color=_BLUE, linewidth=2)
        _plot_estimates(axes, x, [row.lift for row in deciles], "the model")
        _name(axes, "share of rows, by falling probability", "times as many positives (lift)")
        axes.set_xlim(0.0, 1.03)
        axes.set_ylim(bottom=0.0)
        axes.legend(loc="lower left")

    return _draw("lift", label, paint)


def draw_scores(scores: Histogram, threshold: float, label: str) -> Markup:
    """Draw how the probabilities of each class are distributed."""

    def paint(axes: Axes) -> None:
        for counts, name, colour, line in (
            (scores.negatives, "negative rows", _BLUE, "-"),
            (scores.positives, "positive rows", _ORANGE, "--"),
        ):
            axes.stairs(counts, scores.edges, color=colour, fill=True, alpha=0.25)
            axes.stairs(counts, scores.edges, color=colour, linewidth=1.5, linestyle=line, label=name)
        _mark_threshold(axes, threshold)
        _name(axes, "predicted probability", "rows")
        axes.set_xlim(0.0, 1.0)
        axes.legend(loc="upper right")

    return _draw("scores", label, paint)


def draw_thresholds(curves: ThresholdCurves, threshold: float, label: str, *, name: str = "thresholds") -> Markup:
    """Draw what the decisions would be at each threshold."""

    def paint(axes: Axes) -> None:
        for values, called, colour, line in (
            (curves.precision, "precision", _BLUE, "-"),
            (curves.recall, "recall", _ORANGE, "--"),
            (curves.f1, "F1", _GREEN, "-."),
            (curves.flagged, "share flagged", _VIOLET, (0, (1, 1))),
        ):
            axes.plot(curves.thresholds, values, color=colour, linestyle=line, linewidth=1.8, label=called)
        _mark_threshold(axes, threshold)
        _name(axes, "threshold, a probability", "share")
        _show_unit_square(axes)
        axes.legend(loc="upper center", ncols=3, bbox_to_anchor=(0.47, 1.22), columnspacing=1.0)
        axes.figure.subplots_adjust(top=0.84)

    return _draw(name, label, paint)


def draw_profit(curves: ThresholdCurves, threshold: float, label: str, *, name: str = "profit") -> Markup:
    """Draw the total that contacting the flagged rows would earn at each threshold."""

    def paint(axes: Axes) -> None:
        axes.axhline(0.0, color=_INK, linewidth=0.8)
        axes.plot(curves.thresholds, curves.profit or (), color=_BLUE, linewidth=2)
        _mark_threshold(axes, threshold)
        _name(axes, "threshold, a probability", "total profit, in the unit of the costs")
        axes.set_xlim(0.0, 1.0)
        axes.legend(loc="upper right")
        axes.figure.subplots_adjust(left=0.19)

    return _draw(name, label, paint)


def _plot_estimates(axes: Axes, x: Sequence[float], estimates: Sequence[Estimate], name: str) -> None:
    values = [estimate.value for estimate in estimates]
    # A percentile interval need not hold the figure itself; a bar has no negative length.
    below = [max(estimate.value - estimate.low, 0.0) for estimate in estimates]
    above = [max(estimate.high - estimate.value, 0.0) for estimate in estimates]
    axes.errorbar(x, values, yerr=[below, above], fmt="o", color=_ORANGE, markersize=4, capsize=2, label=name)


def _mark_threshold(axes: Axes, threshold: float) -> None:
    axes.axvline(threshold, color=_INK, linestyle=(0, (4, 3)), linewidth=1, label=f"threshold {threshold:.3g}")


def _show_unit_square(axes: Axes) -> None:
    # A little more than the square, so that a point on its edge is whole.
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.04)


def _name(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)


def _draw(name: str, label: str, paint: Paint) -> Markup:
    """Draw one plot: the same bytes for the same values, whatever the user's matplotlib is set to."""
    with style.context(["default", {**_STYLE, "svg.hashsalt": name}]):
        figure = Figure(figsize=_SIZE)
        axes = figure.add_subplot()
        axes.set_axisbelow(True)
        figure.subplots_adjust(left=0.13, right=0.97, top=0.97, bottom=0.15)
        paint(axes)
        figure.patch.set_visible(False)
        axes.patch.set_visible(False)
        written = BytesIO()
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _write_inline(written.getvalue(), label)


def _write_inline(svg: bytes, label: str) -> Markup:
    """Make a file's SVG an element of a page, without style attributes, which a strict policy forbids."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - matplotlib wrote it just now
    for parent in list(root.iter()):
        for child in [child for child in parent if _strip(child.tag) == "style"]:
            parent.remove(child)
    for element in root.iter():
        element.tag = _strip(element.tag)
        element.attrib = dict(_iter_attributes(element))
        element.text = (element.text or "").strip()
        element.tail = None
    view = root.attrib["viewBox"]
    inner = "".join(ElementTree.tostring(child, encoding="unicode") for child in root)
    return Markup(f'<svg class="plot" role="img" aria-label="{write_text(label)}" viewBox="{view}">{inner}</svg>')


def _iter_attributes(element: ElementTree.Element) -> list[tuple[str, str]]:
    attributes: list[tuple[str, str]] = []
    for key, value in element.attrib.items():
        name = _strip(key)
        if name == "style":
            attributes += [pair for pair in map(_read_declaration, value.split(";")) if pair is not None]
        elif name == "d":
            attributes.append((name, " ".join(value.split())))
        elif name != "id" or element.tag != "g":  # the names of groups repeat from plot to plot, and nothing asks
            attributes.append((name, value))
    return attributes


def _read_declaration(declaration: str) -> tuple[str, str] | None:
    name, _, value = (part.strip() for part in declaration.partition(":"))
    if not name or name == "font-family":  # the page's own
        return None
    if name == "font":  # matplotlib before 3.10.1 writes size and family as one
        return "font-size", value.partition("px")[0].rpartition(" ")[2] + "px"
    return name, value.replace(_INK, "currentColor")


def _strip(name: str) -> str:
    return _NAMESPACE.sub("", name)
