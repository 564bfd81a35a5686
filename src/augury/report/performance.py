"""How well a model did on the rows held out: how it ranks, whether its probabilities hold, what it decides."""

from __future__ import annotations

from collections.abc import Iterator

from augury.artifact.document import Document
from augury.artifact.evaluation import Confusion, Decile, Evaluation, Group, Profit
from augury.card import describe_rows, show_estimate, show_interval
from augury.evaluation.curves import Curves
from augury.markup import Child, Markup, join, tag, write_name, write_table
from augury.report import plots
from augury.report.section import Section, write_figure, write_paragraphs


def write_performance(document: Document, evaluation: Evaluation, curves: Curves | None) -> Section:
    """Write every plot and table about the rows held out; those that need curves only where there are some."""
    rows = join(["On ", describe_rows(evaluation.held_out), "."])
    threshold = document.model.decision.threshold
    content = join(
        [
            tag("h3", "How it ranks"),
            tag("div", *_iter_ranking(evaluation, curves, rows), class_="plots"),
            _write_deciles(evaluation.deciles, rows) if evaluation.deciles else None,
            tag("h3", "Whether its probabilities hold"),
            tag("div", *_iter_probabilities(evaluation, curves, threshold, rows), class_="plots"),
            _write_bins(evaluation, rows) if evaluation.calibration else None,
            _write_decomposition(evaluation, rows),
            tag("h3", "What its decisions come to"),
            tag("div", *_iter_decisions(curves, threshold, rows), class_="plots") if curves is not None else None,
            _write_confusion(document, evaluation.metrics.confusion, rows),
            _write_profit(evaluation.profit, rows) if evaluation.profit else None,
            _write_groups(evaluation.groups, rows) if evaluation.groups else None,
        ]
    )
    return Section("performance", "Performance", content)


def write_main_plots(document: Document, evaluation: Evaluation, curves: Curves | None) -> Markup:
    """Write the plots that a notebook shows: how it ranks, whether its probabilities hold, how they are distributed."""
    rows = join(["On ", describe_rows(evaluation.held_out), "."])
    ranking = list(_iter_ranking(evaluation, curves, rows))[:1]
    probabilities = _iter_probabilities(evaluation, curves, document.model.decision.threshold, rows)
    return tag("div", *ranking, *probabilities, class_="plots")


def _iter_ranking(evaluation: Evaluation, curves: Curves | None, rows: Child) -> Iterator[Markup]:
    metrics = evaluation.metrics
    if curves is not None and metrics.auc is not None:
        label = f"ROC curve; area {show_estimate(metrics.auc)}, interval {show_interval(metrics.auc)}"
        yield write_figure("ROC curve", plots.draw_roc(curves.roc, metrics.confusion, label), rows)
    if curves is not None and metrics.average_precision is not None:
        precision = metrics.average_precision
        rate = metrics.positives / metrics.rows
        label = f"Precision-recall curve; average precision {show_estimate(precision)}, base rate {rate:.3f}"
        plot = plots.draw_precision_recall(curves.precision_recall, rate, metrics.confusion, label)
        yield write_figure("Precision and recall", plot, rows)
    if evaluation.deciles:
        first = evaluation.deciles[0]
        found = f"the first {first.share:.0%} of rows hold {first.gain.value:.0%} of the positives"
        yield write_figure("Gain", plots.draw_gain(evaluation.deciles, f"Gain by decile; {found}"), rows)
        found = f"the first {first.share:.0%} of rows hold {first.lift.value:.2f} times as many positives as chance"
        yield write_figure("Lift", plots.draw_lift(evaluation.deciles, f"Lift by decile; {found}"), rows)


def _iter_probabilities(
    evaluation: Evaluation, curves: Curves | None, threshold: float, rows: Child
) -> Iterator[Markup]:
    bins = evaluation.calibration
    if bins:
        furthest = max(abs(row.predicted.value - row.observed.value) for row in bins)
        label = f"Calibration in {len(bins)} bins; predicted and observed shares differ by at most {furthest:.3f}"
        plot = plots.draw_calibration(bins, curves.calibration if curves is not None else None, label)
        yield write_figure("Calibration", plot, rows)
    if curves is not None:
        scores = curves.scores
        label = (
            f"Distribution of the probability among {sum(scores.negatives):,} negative and {sum(scores.positives):,} "
            f"positive rows; the threshold is {threshold:.3g}"
        )
        yield write_figure("Scores by class", plots.draw_scores(scores, threshold, label), rows)


def _iter_decisions(curves: Curves, threshold: float, rows: Child) -> Iterator[Markup]:
    elsewhere = "On out-of-fold predictions for the rows fitted on, where the threshold was chosen."
    for drawn, where, name, caption in (
        (curves.thresholds, "", "", rows),
        (curves.chosen_on, ", where it was chosen", "-chosen", elsewhere),
    ):
        if drawn is None:
            continue
        label = f"Precision, recall, F1 and share flagged at each threshold{where}; it is {threshold:.3g}"
        plot = plots.draw_thresholds(drawn, threshold, label, name=f"thresholds{name}")
        yield write_figure(f"By threshold{where}", plot, caption)
        if drawn.profit is not None:
            label = f"Total profit at each threshold{where}; it is {threshold:.3g}"
            plot = plots.draw_profit(drawn, threshold, label, name=f"profit{name}")
            yield write_figure(f"Profit by threshold{where}", plot, caption)


def _write_deciles(deciles: tuple[Decile, ...], rows: Child) -> Markup:
    header = ("highest", "rows", "probability from", "gain", "interval", "lift", "interval")
    cells = (
        (
            f"{row.share:.0%}",
            f"{row.rows:,}",
            f"{row.lowest:.3f}",
            show_estimate(row.gain),
            show_interval(row.gain),
            show_estimate(row.lift),
            show_interval(row.lift),
        )
        for row in deciles
    )
    return _fold("Gain and lift as a table", rows, write_table(header, cells, numbers=frozenset({1, 2, 3, 5})))


def _write_bins(evaluation: Evaluation, rows: Child) -> Markup:
    header = ("probability", "rows", "predicted", "observed", "interval")
    cells = (
        (
            f"{row.low:.3f}\u00a0to\u00a0{row.high:.3f}",
            f"{row.rows:,}",
            show_estimate(row.predicted),
            show_estimate(row.observed),
            show_interval(row.observed),
        )
        for row in evaluation.calibration
    )
    return _fold("Calibration as a table", rows, write_table(header, cells, numbers=frozenset({1, 2, 3})))


def _write_decomposition(evaluation: Evaluation, rows: Child) -> Markup:
    parts = evaluation.decomposition
    table = write_table(
        ("the Brier score is", "value", "interval", "what it says"),
        (
            (
                "miscalibration",
                show_estimate(parts.miscalibration),
                show_interval(parts.miscalibration),
                "what recalibrating would save, at most; 0 is best",
            ),
            (
                "less discrimination",
                show_estimate(parts.discrimination),
                show_interval(parts.discrimination),
                "what the ranking explains; the more the better",
            ),
            (
                "plus uncertainty",
                show_estimate(parts.uncertainty),
                show_interval(parts.uncertainty),
                "the score of the base rate alone",
            ),
        ),
        numbers=frozenset({1}),
    )
    return join([tag("h4", "The Brier score taken apart"), tag("p", rows), table])


def _write_confusion(document: Document, confusion: Confusion | None, rows: Child) -> Markup:
    if confusion is None:
        return write_paragraphs(
            "The artifact holds no decisions: its threshold was set to another after the model was evaluated."
        )
    target = document.model.target
    positive, negative = write_name(str(target.positive)), write_name(str(target.negative))
    counts = write_table(
        ("", f"said {target.positive}", "interval", f"said {target.negative}", "interval"),
        (
            (join(["is ", positive]), *_count(confusion, "true_positives"), *_count(confusion, "false_negatives")),
            (join(["is ", negative]), *_count(confusion, "false_positives"), *_count(confusion, "true_negatives")),
        ),
        numbers=frozenset({1, 3}),
    )
    shares = write_table(
        ("share", "value", "interval"),
        (
            (name, show_estimate(estimate), show_interval(estimate))
            for name, estimate in (
                ("accuracy", confusion.accuracy),
                ("precision", confusion.precision),
                ("recall", confusion.recall),
                ("specificity", confusion.specificity),
                ("F1", confusion.f1),
            )
        ),
        numbers=frozenset({1}),
    )
    title = tag("h4", f"Decisions at the threshold of {confusion.threshold:.6g}")
    return join([title, tag("p", rows), counts, shares])


def _count(confusion: Confusion, cell: str) -> tuple[str, str]:
    estimate = getattr(confusion, cell)
    return f"{estimate.value:,.0f}", f"{estimate.low:,.0f}\u00a0to\u00a0{estimate.high:,.0f}"


def _write_profit(profit: Profit, rows: Child) -> Markup:
    offer = (
        f"A positive row that is contacted accepts with a probability of {profit.accept:g} and is then worth "
        f"{profit.benefit:,g}; each contact costs {profit.cost:,g}."
    )
    table = write_table(
        ("contacting", "total profit", "interval"),
        (
            (name, f"{estimate.value:,.0f}", f"{estimate.low:,.0f}\u00a0to\u00a0{estimate.high:,.0f}")
            for name, estimate in (("the rows flagged", profit.flagged), ("every row", profit.everyone))
        ),
        numbers=frozenset({1}),
    )
    return join([tag("h4", "Profit"), tag("p", offer, " ", rows), table])


def _write_groups(groups: tuple[Group, ...], rows: Child) -> Markup:
    header = ("field", "value", "rows", "positive", "AUC", "interval", "log loss", "Brier", "precision", "recall")
    cells = (
        (
            group.field,
            _describe_group(group),
            f"{group.metrics.rows:,}",
            f"{group.metrics.positives / group.metrics.rows:.1%}" if group.metrics.rows else "–",
            show_estimate(group.metrics.auc),
            show_interval(group.metrics.auc),
            show_estimate(group.metrics.log_loss),
            show_estimate(group.metrics.brier),
            show_estimate(group.metrics.confusion.precision if group.metrics.confusion else None),
            show_estimate(group.metrics.confusion.recall if group.metrics.confusion else None),
        )
        for group in groups
    )
    table = write_table(header, cells, numbers=frozenset({2, 3, 4, 6, 7, 8, 9}))
    return join([tag("h3", "By group"), tag("p", rows), table])


def _describe_group(group: Group) -> str:
    if group.bounds is not None:
        return f"{group.bounds.low:.6g} to {group.bounds.high:.6g}"
    if isinstance(group.level, bool):
        return "true" if group.level else "false"
    return "(missing)" if group.level is None else str(group.level)


def _fold(title: str, rows: Child, table: Markup) -> Markup:
    return tag("details", tag("summary", title), tag("p", rows), table)
