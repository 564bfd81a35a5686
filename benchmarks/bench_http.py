"""What does one processor's service do, from the socket, beside other ways to serve the same model?

Asked are the lab's one customer and nothing else, on 64 connections that are kept, by wrk on the other processor; then
at 80 % of what each could do, at random moments, by arrivals.py. Validation, limits, metrics and a log into a file are
on for us; rivals have them off where they can be turned off.

How this could mislead: the caches are warm with one customer, for all alike; both processors may be halves of one core,
so that the load slows the server; what has two processes shares one processor between them here, and would not where
there are more; the loopback has no distance, so shares of network time are smaller in life, and all ratios with them;
a server that is asked as much as it can answer has latencies that tell of the queue, so read those at 80 %.
"""

from __future__ import annotations

import docs_page
import rounds
import side_by_side
from contenders import AUGURY, BARE, FASTAPI, LAB, NGINX, RIVALS
from side_by_side import Figures, Rounds, compare, find_median, shorten

# What the service promises of itself: how many times as many requests as each.
ASKED = {FASTAPI.name: 25.0, LAB.name: 40.0, BARE.name: 1.3, NGINX.name: 0.35}
_ASKED_TAIL = 3.0
_HEAD = (
    "",
    "start, s",
    "memory, MB",
    "p50, ms",
    "p99, ms",
    "p99 / p50",
    "processor, s a million",
    "requests a second",
    "we are × as fast",
)


def _find_rate(figures: Figures) -> float:
    return figures.saturation.rate


def _find_price(figures: Figures) -> float:
    return figures.saturation.processor


def _find_tail(figures: Figures) -> float:
    return figures.steady.p99 / figures.steady.p50 if figures.steady else 0.0


def write_rows(figures: Rounds) -> list[list[str]]:
    """Write a row for each server, the slowest first."""
    ordered = sorted(figures, key=lambda name: find_median(figures[name], _find_rate))
    return [_write_row(figures, name) for name in ordered]


def _write_row(figures: Rounds, name: str) -> list[str]:
    own = figures[name]
    return [
        name,
        f"{find_median(own, lambda each: each.start):.2f}",
        f"{find_median(own, lambda each: each.megabytes):.0f}",
        shorten(find_median(own, lambda each: each.steady.p50 if each.steady else 0.0)),
        shorten(find_median(own, lambda each: each.steady.p99 if each.steady else 0.0)),
        f"{find_median(own, _find_tail):.1f}",
        f"{find_median(own, _find_price):,.0f}",
        f"{find_median(own, _find_rate):,.0f}",
        "1" if name == AUGURY.name else str(compare(figures, AUGURY.name, name, _find_rate)),
    ]


def write_verdicts(figures: Rounds) -> list[str]:
    """Write what was promised and what was reached; the processor's time tells the same with less noise."""
    lines = []
    for name, asked in ASKED.items():
        if name in figures:
            rate = compare(figures, AUGURY.name, name, _find_rate)
            price = compare(figures, name, AUGURY.name, _find_price)
            word = "reached" if rate.median >= asked else "NOT reached"
            lines.append(f"  {word}: {asked} × {name}: {rate}; by processor time {price}")
    tail = find_median(figures[AUGURY.name], _find_tail)
    word = "reached" if tail <= _ASKED_TAIL else "NOT reached"
    return [*lines, f"  {word}: p99 at {side_by_side.BUSY:.0%} of the load at most {_ASKED_TAIL} × p50: {tail:.2f}"]


def report() -> None:
    """Print the table and the verdicts; with ``--docs`` write them into the page, too."""
    rounds.print_header(__doc__.splitlines()[0], ["augury"])
    versions = side_by_side.write_versions(RIVALS)
    print(f"  versions  {versions}\n")
    figures = side_by_side.measure_rounds(RIVALS, is_steady=True)
    table = side_by_side.write_table(_HEAD, write_rows(figures))
    print(table, *write_verdicts(figures), sep="\n")
    if docs_page.wants_page():
        notes = "\n".join(f"* {server.name}: {server.note}." for server in RIVALS if server.name in figures)
        described = docs_page.describe_run(versions)
        docs_page.put_section(docs_page.SPEED, "rivals", f"\n{table}\n\n{notes}\n\n{described}\n")
        docs_page.draw_rates(
            docs_page.SPEED, "speed-rivals", find_spread(figures), "augury", "One customer a request, one processor"
        )


def find_spread(figures: Rounds) -> dict[str, tuple[float, float, float]]:
    """Find the median, the lowest and the highest rate of each server, the slowest server first."""
    found = {}
    for name, own in figures.items():
        rates = [_find_rate(each) for each in own]
        found[name] = (find_median(own, _find_rate), min(rates), max(rates))
    return dict(sorted(found.items(), key=lambda item: item[1]))


if __name__ == "__main__":
    report()
