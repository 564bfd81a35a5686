"""What does each part of the service buy, from the lab's Flask to a constant from nginx?

One rung changes one thing, as far as the rivals allow it. Beside the ladder stands what the same service does when it
is asked otherwise: a connection for each request, another spelling, a faulty record, TLS, 256 connections.

How this could mislead: as bench_http.py; besides, the rungs are not on one line in every respect: the lab checks
nothing, and only our own rungs have limits.
"""

from __future__ import annotations

from statistics import median

import docs_page
import rounds
import side_by_side
from bench_http import find_spread
from contenders import AUGURY, BESIDE, LADDER
from side_by_side import Figures, Rounds, compare, find_median

_MANY = 256


def _find_rate(figures: Figures) -> float:
    return figures.saturation.rate


def _find_price(figures: Figures) -> float:
    return figures.saturation.processor


def write_ladder(figures: Rounds) -> str:
    """Write each rung with what it buys over the one below it, and over the first."""
    names = [server.name for server in LADDER if server.name in figures]
    rows = []
    for below, name in zip([names[0], *names], names, strict=False):
        step, whole = (compare(figures, name, other, _find_rate) for other in (below, names[0]))
        price = find_median(figures[name], _find_price)
        rows.append([name, f"{price:,.1f}", f"{find_median(figures[name], _find_rate):,.0f}", str(step), str(whole)])
    return side_by_side.write_table(
        ("", "processor, µs a request", "requests a second", "× the rung above", f"× {names[0]}"), rows
    )


def write_beside(figures: Rounds, many: Rounds) -> str:
    """Write what asking otherwise costs, against the ladder's own service."""
    base = AUGURY.name
    rows = [_write_other(name, figures, base) for name in figures if name != base]
    rates = [_find_rate(each) / _find_rate(one) for each, one in zip(many[base], figures[base], strict=True)]
    price, rate = (find_median(many[base], find) for find in (_find_price, _find_rate))
    rows.append([f"{base}, {_MANY} connections", f"{price:,.1f}", f"{rate:,.0f}", f"{median(rates):.3g}"])
    return side_by_side.write_table(("", "processor, µs a request", "requests a second", f"× {base}"), rows)


def _write_other(name: str, figures: Rounds, base: str) -> list[str]:
    price, rate = (find_median(figures[name], find) for find in (_find_price, _find_rate))
    return [name, f"{price:,.1f}", f"{rate:,.0f}", str(compare(figures, name, base, _find_rate))]


def report() -> None:
    """Print the ladder and what stands beside it; with ``--docs`` write them into the page, too."""
    rounds.print_header(__doc__.splitlines()[0], ["augury"])
    versions = side_by_side.write_versions(LADDER)
    print(f"  versions  {versions}\n")
    figures = side_by_side.measure_rounds(LADDER)
    ladder = write_ladder(figures)
    print(ladder)
    beside = write_beside(
        side_by_side.measure_rounds((AUGURY, *BESIDE)), side_by_side.measure_rounds((AUGURY,), connections=_MANY)
    )
    print(f"\n{beside}")
    if docs_page.wants_page():
        notes = "\n".join(f"* {server.name}: {server.note}." for server in (*LADDER, *BESIDE) if server.note)
        described = docs_page.describe_run(versions)
        docs_page.put_section(docs_page.SPEED, "ladder", f"\n{ladder}\n\n{notes}\n\n{described}\n")
        docs_page.put_section(docs_page.SPEED, "beside", f"\n{beside}\n")
        docs_page.draw_rates(
            docs_page.SPEED, "speed-ladder", find_spread(figures), "augury", "What each part buys, on one processor"
        )


if __name__ == "__main__":
    report()
