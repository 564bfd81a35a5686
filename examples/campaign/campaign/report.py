"""What a campaign decided, what it sent, and why: as text, as JSON, and as a CSV file."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from sqlalchemy import Engine, select

from campaign.plan import Plan
from campaign.tables import CAMPAIGNS, DECISIONS

# Most telling first; the text names those that there are.
_DECISIONS = {
    "chosen": "chosen",
    "over_budget": "worth it, but beyond the budget",
    "not_worth_it": "not worth it",
    "opted_out": "opted out",
    "no_address": "without an address",
    "no_value": "without charges",
    "refused": "refused by the model's contract",
}
_STATES = ("sent", "planned", "sending", "uncertain", "failed", "withdrawn")
_SHOWN = 10
_ONE_ROUND = "\n  "


class Line(Struct, frozen=True):
    """A customer: what was decided and why, and what became of the mail where there is one."""

    customer: str
    decision: str
    why: str
    probability: float | None
    profit: float | None
    state: str | None = None
    detail: str | None = None
    tries: int = 0
    changed: datetime | None = None


class Report(Struct, frozen=True):
    """A campaign; ``planned`` is empty where nothing is stored, as in a dry run."""

    campaign: str
    model: str
    planned: datetime | None
    decisions: dict[str, int]
    states: dict[str, int]
    expected_profit: float
    lines: tuple[Line, ...]


def read_report(engine: Engine, campaign: str) -> Report | None:
    """Read what is known of a campaign; None where it has no plan."""
    with engine.begin() as connection:
        head = connection.execute(select(CAMPAIGNS).where(CAMPAIGNS.c.name == campaign)).one_or_none()
        columns = [DECISIONS.c[name] for name in Line.__struct_fields__]
        rows = connection.execute(select(*columns).where(DECISIONS.c.campaign == campaign)).all()
    if head is None:
        return None
    return _make_report(campaign, head.model, head.planned, (Line(*row) for row in rows))


def report_dry(plan: Plan, campaign: str) -> Report:
    """Report a plan that is not stored."""
    lines = (Line(each.customer, each.decision, each.why, each.probability, each.profit) for each in plan.decisions)
    return _make_report(campaign, plan.model, None, lines)


def write_text(report: Report) -> str:
    """Write what fits on a screen."""
    head = f"{report.campaign}: {len(report.lines):,} customers judged by {report.model}"
    when = "a dry run, nothing is stored or sent" if report.planned is None else f"planned {_show(report.planned)}"
    return _ONE_ROUND.join([f"{head}, {when}", *_tell_counts(report), *_tell_chosen(report), *_tell_troubles(report)])


def write_csv(report: Report, path: Path) -> None:
    """Write a line for each customer."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(Line.__struct_fields__)
        for line in report.lines:
            changed = "" if line.changed is None else _show(line.changed)
            numbers = ("" if number is None else f"{number:.6f}" for number in (line.probability, line.profit))
            texts = (_disarm(text or "") for text in (line.state, line.detail))
            start = (_disarm(line.customer), line.decision, _disarm(line.why))
            writer.writerow([*start, *numbers, *texts, line.tries, changed])


def _make_report(campaign: str, model: str, planned: datetime | None, lines: Iterable[Line]) -> Report:
    ordered = tuple(sorted(lines, key=lambda line: (line.decision != "chosen", -(line.profit or 0.0), line.customer)))
    decisions = Counter(line.decision for line in ordered)
    states = Counter(line.state for line in ordered if line.state is not None)
    return Report(
        campaign=campaign,
        model=model,
        planned=planned,
        decisions={name: decisions[name] for name in _DECISIONS if name in decisions},
        states={name: states[name] for name in _STATES if name in states},
        expected_profit=sum(line.profit or 0.0 for line in ordered if line.decision == "chosen"),
        lines=ordered,
    )


def _tell_counts(report: Report) -> Iterator[str]:
    for name, count in report.decisions.items():
        worth = f", with an expected profit of {report.expected_profit:,.2f}" if name == "chosen" else ""
        yield f"{count:>7,} {_DECISIONS[name]}{worth}"
    if report.states:
        yield "of the chosen, " + ", ".join(f"{count:,} {name}" for name, count in report.states.items())


def _tell_chosen(report: Report) -> Iterator[str]:
    chosen = [line for line in report.lines if line.decision == "chosen"]
    if chosen:
        yield "the most profitable, with what raises their probability most (log-odds)"
    for line in chosen[:_SHOWN]:
        figures = f"p {line.probability:.3f}  profit {line.profit:8.2f}"
        yield f"  {line.customer:<12} {figures}  {line.state or '':<9} {line.why}"


def _tell_troubles(report: Report) -> Iterator[str]:
    refused = Counter(line.why for line in report.lines if line.decision == "refused")
    for why, count in refused.most_common(_SHOWN):
        yield f"refused, {count:,}: {why}"
    for state in ("uncertain", "failed", "withdrawn"):
        lines = [line for line in report.lines if line.state == state]
        yield from (f"{state}: {line.customer}, {line.detail}" for line in lines[:_SHOWN])
        if len(lines) > _SHOWN:
            yield f"{state}: {len(lines) - _SHOWN:,} more, which --csv and --json name"


def _show(when: datetime) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%S UTC")


def _disarm(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
