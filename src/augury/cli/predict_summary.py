"""What a run over a table did, as lines for a person or JSON, and the exit status that it means."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from augury.cli.render import bold, printable, render_table, show_count

if TYPE_CHECKING:
    from augury.batch.summary import Distance, FieldDrift, Scores, Summary

# Of so many kinds of faults the most frequent are shown; the rest is in the JSON.
_SHOWN_FAULTS = 10
_SHOWN_FIELDS = 5
# How a population stability index is read (augury.profile.compute_stability).
_SIZES = ((0.1, "no change to speak of"), (0.25, "some change"), (math.inf, "a large change"))
# Of so few rows one table in twenty that is like training's has an index of 0.1: with ten cells, 16.9 over the rows.
_FEW = 200
# Some rows were refused (the table of statuses is in cli/main.py).
_REFUSED = 4


def finish(summary: Summary, *, as_json: bool) -> None:
    """Show what a run did, and end with status 4 where rows were refused."""
    click.echo(msgspec.json.encode(summary) if as_json else "\n".join(_render(summary)))
    if summary.refused:
        click.get_current_context().exit(_REFUSED)


def _render(summary: Summary) -> Iterator[str]:
    rate = summary.rows / max(summary.seconds, 1e-9)
    took = f"{summary.seconds:,.1f} s, {rate:,.0f} rows a second"
    yield bold(f"{show_count(summary.rows, 'row')} read for {printable(summary.model)}") + f" in {took}"
    yield f"  {summary.scored:,} scored, {summary.refused:,} refused"
    yield from _render_counts(summary.faults)
    if summary.scores is not None:
        yield from _render_scores(summary.scores, summary.scored)
    if summary.drift is not None:
        yield from _render_drift(summary.drift, summary.scored)
    yield f"written to {printable(summary.output)}"
    if summary.rejects is not None:
        yield f"refused rows are told in {printable(summary.rejects)}"


def _render_scores(scores: Scores, rows: int) -> Iterator[str]:
    from augury.profile import QUANTILES

    by_share = dict(zip(QUANTILES, scores.quantiles, strict=True))
    low, middle, high = (by_share[share] for share in (0.05, 0.5, 0.95))
    yield f"  {scores.positives:.1%} true; half are below {middle:.3f}, nine in ten are from {low:.3f} to {high:.3f}"
    if scores.drift is None:
        yield "  the artifact has no profile of its training table, so that nothing can be said of drift"
    else:
        yield f"  against training: {_show_distance(scores.drift, rows)}"


def _render_drift(drift: Sequence[FieldDrift], rows: int) -> Iterator[str]:
    """List the fields that have moved, the furthest first."""
    if rows < _FEW:
        yield f"  {show_count(rows, 'row')} are too few to tell whether a field has moved"
        return
    moved = [each for each in drift if each.distance.stability >= _SIZES[0][0]]
    moved.sort(key=lambda each: -each.distance.stability)
    yield "  fields that have moved, in a sample:" if moved else "  no field has moved to speak of, in a sample"
    for each in moved[:_SHOWN_FIELDS]:
        yield f"    {printable(each.field)}: {_show_distance(each.distance, rows)}"
    if rest := len(moved) - len(moved[:_SHOWN_FIELDS]):
        yield f"    and {rest} more"


def _show_distance(distance: Distance, rows: int) -> str:
    known = next(word for limit, word in _SIZES if distance.stability < limit)
    size = known if rows >= _FEW else f"too few rows to tell, {rows:,}"
    return f"{size} (PSI {distance.stability:.3f}, Jensen-Shannon {distance.divergence:.4f} bits)"


def _render_counts(counts: Sequence[Any]) -> Iterator[str]:
    shown = [(f"  {count.field}", count.code, f"{count.rows:,}") for count in counts[:_SHOWN_FAULTS]]
    if shown:
        yield from render_table(("  field", "code", "rows"), shown, right={2})
    if rest := len(counts) - len(shown):
        yield f"  and {rest:,} more kinds of faults"
