"""What does each way of serving need to be installed, how soon does it answer, and how much memory does a worker keep?

Each serves the same model, with one worker, in an environment of its own; ours is made anew, of what `augury bundle`
locks. Sizes are all files of site-packages without bytecode and installers. A start is counted from creating the
process to the first right answer, and the first start of each is not told; memory is read after a hundred more answers.

How this could mislead: the files are in the page cache, so a first start after boot is slower for all, and most for
those that read most. The MB of the largest process hold pages that it shares with others, and are silent about its
parents; the MB of all processes count a shared page once, but leave to strangers their part of what they share, too.
Most rivals could do without a part of what they install; BentoML, LitServe, MLServer and vetiver hold uvloop, 14 MB of
it, as we do, whether they need it or are only faster with it. And they serve models that we do not compile.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import msgspec
from msgspec import Struct

import docs_page
import rounds
import side_by_side
from contenders import AUGURY, BENTOML, LAB, LITSERVE, MLFLOW, MLSERVER, VETIVER
from environments import Installed, make_own, measure_environment
from rival_models import fit_models
from serving import Server
from side_by_side import compare, shorten
from starts import Start, Starts, measure_starts

RIVALS = (LAB, LITSERVE, BENTOML, VETIVER, MLSERVER, MLFLOW)
OURS = AUGURY.name
PACKAGES, INSTALLED, START = "packages", "MB installed", "s to the first answer"
LARGEST, ALL = "MB, largest process", "MB, all processes"
# What the service promises of itself, at most.
PROMISED = {PACKAGES: 15.0, INSTALLED: 30.0, START: 0.6, LARGEST: 60.0}


class Footprint(Struct, frozen=True):
    """What one way of serving takes: to be installed, and at each of its starts."""

    installed: Installed
    starts: list[Start]

    def list_figures(self) -> dict[str, float]:
        """List what is compared: medians, of what was measured at every start."""
        return {
            PACKAGES: self.installed.packages,
            INSTALLED: self.installed.megabytes,
            START: median(each.seconds for each in self.starts),
            LARGEST: median(each.worker for each in self.starts),
            ALL: median(each.whole for each in self.starts),
        }


Footprints = Mapping[str, Footprint]


def write_table(footprints: Footprints) -> str:
    """Write a row for each, those that install least first."""
    starts: Starts = {name: footprint.starts for name, footprint in footprints.items()}
    rows = []
    for name, figures in _list_written(footprints).items():
        seconds = [each.seconds for each in starts[name]]
        figures[START] += f" ({min(seconds):.2f} – {max(seconds):.2f})"
        ratio = "1" if name == OURS else str(compare(starts, name, OURS, lambda each: each.seconds))
        rows.append([name, *figures.values(), ratio])
    head = ("", *PROMISED, ALL, "we start × as fast")
    return side_by_side.write_table(head, rows)


def write_ratios(footprints: Footprints) -> list[str]:
    """Write for each figure of how many times ours the others are, from the least to the most; starts have a column."""
    ours = footprints[OURS].list_figures()
    others = [each.list_figures() for name, each in footprints.items() if name != OURS]
    ratios = {figure: [each[figure] / value for each in others] for figure, value in ours.items() if figure != START}
    return [f"{shorten(min(each))} to {shorten(max(each))} × our {figure}" for figure, each in ratios.items()]


def write_promises(footprints: Footprints) -> list[str]:
    """Write what was promised, and whether it was reached."""
    figures, written = footprints[OURS].list_figures(), _list_written(footprints)[OURS]
    return [
        f"{'reached' if figures[figure] <= most else 'NOT reached'}: at most {most:g} {figure}: {written[figure]}"
        for figure, most in PROMISED.items()
    ]


def list_panels(footprints: Footprints) -> dict[str, dict[str, str]]:
    """List the figures that are drawn, as the table has them."""
    written = _list_written(footprints)
    return {figure: {name: each[figure] for name, each in written.items()} for figure in PROMISED}


def _list_written(footprints: Footprints) -> dict[str, dict[str, str]]:
    ordered = sorted(footprints.items(), key=lambda item: item[1].installed.megabytes)
    return {name: {key: _write(key, value) for key, value in each.list_figures().items()} for name, each in ordered}


def _write(figure: str, value: float) -> str:
    return f"{value:.2f}" if figure == START else f"{value:,.0f}"


def write_notes(servers: Sequence[Server]) -> str:
    """Write how each was started, and what a reader must know to judge it."""
    lines = []
    for server in servers:
        words = " ".join(server.command).replace("{bin}/", "").replace("{here}/..", "benchmarks")
        words = words.replace("{here}", "benchmarks/rivals").format(port="PORT", folder="FOLDER", python="python")
        lines.append(f"* {server.name}: `{words}`; {server.note}.")
    return "\n".join(lines)


def measure_footprints(servers: Sequence[Server], folder: Path) -> dict[str, Footprint]:
    """Measure what is installed, and the starts in turns."""
    fit_models(folder)
    starts = measure_starts(servers, folder)
    return {each.name: Footprint(measure_environment(each.folder.parent), starts[each.name]) for each in servers}


def report() -> None:
    """Print table and verdicts; with ``--docs`` write them into the page, too."""
    rounds.print_header(__doc__.splitlines()[0], ["augury"])
    rivals = side_by_side.find_present(RIVALS)
    if not rivals:
        raise SystemExit("there is nothing to compare with: `make bench` makes the environments")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        servers = [msgspec.structs.replace(AUGURY, environment=str(make_own(folder))), *rivals]
        versions = side_by_side.write_packages(servers)
        footprints = measure_footprints(servers, folder)
    told = write_section(footprints, servers)
    print(f"  versions  {versions}\n\n{told}")
    if docs_page.wants_page():
        content = f"\n{told}\n\n{docs_page.describe_run(versions)}\n"
        docs_page.put_section(docs_page.FOOTPRINT, "environments", content)
        docs_page.draw_bars(docs_page.FOOTPRINT, "footprint", list_panels(footprints), OURS)


def write_section(footprints: Footprints, servers: Sequence[Server]) -> str:
    """Write the table and all that is told below it."""
    promises = "\n".join(f"* {each}" for each in write_promises(footprints))
    ratios = f"The others take {'; '.join(write_ratios(footprints))}."
    parts = (write_table(footprints), ratios, "What was promised:", promises)
    return "\n\n".join((*parts, "How each is started:", write_notes(servers)))


if __name__ == "__main__":
    report()
