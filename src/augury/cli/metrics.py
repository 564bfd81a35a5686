"""An evaluation as text, as `inspect` and `train` print it."""

from __future__ import annotations

from collections.abc import Iterator

from augury.artifact.evaluation import (
    CalibrationBin,
    Confusion,
    Decile,
    Decomposition,
    Estimate,
    Evaluation,
    Group,
    HeldOut,
    Metrics,
    Profit,
)
from augury.cli.render import bold, draw_bar, printable, render_table, show_count, show_number
from augury.contract.fields import Bounds

# Long enough to tell a tenth of the longest, short enough for a table of 80 columns.
_BAR = 20
# What stands where a figure is not defined, for want of rows of one class or of flagged ones.
_NONE = "–"


def render_evaluation(evaluation: Evaluation, target: str) -> Iterator[str]:
    """Write an evaluation: metrics, decisions, calibration, deciles, groups; ``target`` is the key of the answer."""
    yield bold("evaluation")
    held_out = evaluation.held_out
    yield f"  on {_tell_rows(held_out)}; {evaluation.metrics.positives:,} of those counted are {printable(target)}"
    if held_out.refused:
        yield f"  the contract refused {held_out.refused:,} of them, which no figure counts"
    yield f"  with {evaluation.confidence:.0%} intervals from {evaluation.resamples:,} bootstrap resamples"
    if held_out.how == "group":
        yield "  of rows: whole groups vary more, so the intervals are too narrow"
    yield from _indent(_render_metrics(evaluation.metrics, evaluation.decomposition))
    sections = (
        _render_decisions(evaluation.metrics.confusion, target),
        _render_profit(evaluation.profit),
        _render_calibration(evaluation.calibration, target),
        _render_deciles(evaluation.deciles, target),
        _render_groups(evaluation.groups),
    )
    for section in sections:
        lines = list(section)
        if lines:
            yield ""
        yield from lines


def _indent(lines: list[str]) -> Iterator[str]:
    return (f"  {line}".rstrip() for line in lines)


def _tell_rows(held_out: HeldOut) -> str:
    column = printable(repr(held_out.column))
    how = {
        "random": "drawn at random",
        "stratified": "drawn within each class",
        "time": f"the last by {column}",
        "group": f"whole groups by {column}",
        "table": "a table of their own",
    }[held_out.how]
    return f"{show_count(held_out.rows, 'row')} held out, {how}"


def _render_metrics(metrics: Metrics, parts: Decomposition) -> list[str]:
    rows = [
        _tell_figure("AUC", metrics.auc, "0.5 is chance, 1 is perfect"),
        _tell_figure("average precision", metrics.average_precision, "area under the precision-recall curve"),
        _tell_figure("log loss", metrics.log_loss, "nats a row; 0 is perfect"),
        _tell_figure("Brier score", metrics.brier, "squared error; 0 is perfect, and is"),
        _tell_figure("  miscalibration", parts.miscalibration, "what recalibration would save, at most"),
        _tell_figure("− discrimination", parts.discrimination, "what the ranking explains"),
        _tell_figure("+ uncertainty", parts.uncertainty, "the score of the mean alone"),
    ]
    return render_table(("metric", "value", "interval", ""), rows, right={1})


def _tell_figure(name: str, figure: Estimate | None, meaning: str) -> tuple[str, str, str, str]:
    return name, _show(figure), _show_interval(figure), meaning


def _show(figure: Estimate | None) -> str:
    return _NONE if figure is None else f"{figure.value:.4f}"


def _show_interval(figure: Estimate | None) -> str:
    return "" if figure is None else f"{figure.low:.4f} to {figure.high:.4f}"


def _render_decisions(confusion: Confusion | None, target: str) -> Iterator[str]:
    if confusion is None:
        # As the report says it.
        yield "no decisions: the threshold was set to another after the model was evaluated"
        return
    yield bold(f"decisions at {show_number(confusion.threshold)}")
    name = printable(target)
    header = ("", f"is {name}", "", f"is not {name}", "")
    cells = (
        ("flagged", *_tell_count(confusion.true_positives), *_tell_count(confusion.false_positives)),
        ("not flagged", *_tell_count(confusion.false_negatives), *_tell_count(confusion.true_negatives)),
    )
    yield from _indent(render_table(header, cells, right={1, 3}))
    yield ""
    shares = [
        _tell_figure("accuracy", confusion.accuracy, "of all rows, decided rightly"),
        _tell_figure("precision", confusion.precision, f"of those flagged, {name}"),
        _tell_figure("recall", confusion.recall, f"of those {name}, flagged"),
        _tell_figure("specificity", confusion.specificity, f"of those not {name}, not flagged"),
        _tell_figure("F1", confusion.f1, "harmonic mean of precision and recall"),
    ]
    yield from _indent(render_table(("share", "value", "interval", ""), shares, right={1}))


def _tell_count(figure: Estimate) -> tuple[str, str]:
    return f"{figure.value:,.0f}", f"{figure.low:,.0f} to {figure.high:,.0f}"


def _render_profit(profit: Profit | None) -> Iterator[str]:
    if profit is None:
        return
    benefit, cost = show_number(profit.benefit), show_number(profit.cost)
    yield bold(f"profit at a benefit of {benefit}, a cost of {cost}, {profit.accept:.1%} accepting")
    rows = [
        ("contacting those flagged", *_tell_money(profit.flagged)),
        ("contacting everyone", *_tell_money(profit.everyone)),
    ]
    yield from _indent(render_table(("", "total", "interval"), rows, right={1}))


def _tell_money(figure: Estimate) -> tuple[str, str]:
    return f"{figure.value:,.2f}", f"{figure.low:,.2f} to {figure.high:,.2f}"


def _render_calibration(bins: tuple[CalibrationBin, ...], target: str) -> Iterator[str]:
    yield bold("calibration")
    header = ("probability", "rows", "predicted", f"share of {printable(target)}", "interval", "")
    largest = max(each.observed.value for each in bins)
    rows = [
        (
            f"{each.low:.3f} to {each.high:.3f}",
            f"{each.rows:,}",
            f"{each.predicted.value:.3f}",
            f"{each.observed.value:.3f}",
            f"{each.observed.low:.3f} to {each.observed.high:.3f}",
            draw_bar(each.observed.value, largest, _BAR),
        )
        for each in bins
    ]
    yield from _indent(render_table(header, rows, right={1, 2, 3}))


def _render_deciles(deciles: tuple[Decile, ...], target: str) -> Iterator[str]:
    if not deciles:
        return
    yield bold("the highest probabilities")
    header = ("top", "rows", "down to", f"holds of all {printable(target)}", "interval", "lift", "")
    rows = [
        (
            f"{each.share:.1%}",
            f"{each.rows:,}",
            f"{each.lowest:.3f}",
            f"{each.gain.value:.1%}",
            f"{each.gain.low:.1%} to {each.gain.high:.1%}",
            f"{each.lift.value:.2f}",
            draw_bar(each.gain.value, 1.0, _BAR),
        )
        for each in deciles
    ]
    yield from _indent(render_table(header, rows, right={0, 1, 2, 3, 5}))


def _render_groups(groups: tuple[Group, ...]) -> Iterator[str]:
    fields = dict.fromkeys(group.field for group in groups)
    for number, field in enumerate(fields):
        if number:
            yield ""
        yield bold(f"by {printable(field)}")
        rows = [_tell_group(group) for group in groups if group.field == field]
        header = ("", "rows", "share", "AUC", "interval", "log loss", "Brier", "precision", "recall")
        yield from _indent(render_table(header, rows, right={1, 2, 3, 5, 6, 7, 8}))


def _tell_group(group: Group) -> tuple[str, ...]:
    metrics, confusion = group.metrics, group.metrics.confusion
    return (
        _name_group(group),
        f"{metrics.rows:,}",
        f"{metrics.positives / metrics.rows:.3f}",
        _show_short(metrics.auc),
        "" if metrics.auc is None else f"{metrics.auc.low:.3f} to {metrics.auc.high:.3f}",
        _show_short(metrics.log_loss),
        _show_short(metrics.brier),
        _show_short(confusion.precision if confusion else None),
        _show_short(confusion.recall if confusion else None),
    )


def _name_group(group: Group) -> str:
    if group.bounds is not None:
        return _show_bounds(group.bounds)
    if isinstance(group.level, bool):
        return str(group.level).lower()
    return "missing" if group.level is None else str(group.level)


def _show_bounds(bounds: Bounds) -> str:
    return f"{bounds.low:,.6g} to {bounds.high:,.6g}"


def _show_short(figure: Estimate | None) -> str:
    return _NONE if figure is None else f"{figure.value:.3f}"
