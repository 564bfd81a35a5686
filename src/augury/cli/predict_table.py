"""``augury predict MODEL TABLE -o OUT``: score a table of any size."""

from __future__ import annotations

import atexit
import gc
import glob
import math
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from augury.api import load
from augury.cli.files import check_output
from augury.cli.options import collect
from augury.cli.progress import show_rows, show_steps
from augury.cli.render import bold, printable, render_table, show_count
from augury.errors import AuguryError, UsageError
from augury.needs import TABLES, check_libraries

if TYPE_CHECKING:
    from augury.batch.options import Options
    from augury.batch.summary import Distance, FieldDrift, Scores, Summary
    from augury.model import Model

# What a table in a file is called.
_SUFFIXES = frozenset(
    {
        ".csv",
        ".tsv",
        ".tab",
        ".jsonl",
        ".ndjson",
        ".parquet",
        ".pq",
        ".arrow",
        ".feather",
        ".ipc",
        ".db",
        ".sqlite",
        ".gz",
    }
)
_SCHEMES = ("sqlite://", "postgres://", "postgresql://")
# Of so many kinds of faults the most frequent are shown; the rest is in the JSON.
_SHOWN_FAULTS = 10
_SHOWN_FIELDS = 5
# How a population stability index is read (augury.profile.compute_stability).
_SIZES = ((0.1, "no change to speak of"), (0.25, "some change"), (math.inf, "a large change"))
# Some rows were refused (the table of statuses is in cli/main.py).
_REFUSED = 4
_STOPPED = 130


def is_table(source: str) -> bool:
    """Tell by its name whether a source is a table, not one record."""
    if source.startswith(_SCHEMES):
        return True
    path = Path(source)
    return path.suffix.lower() in _SUFFIXES or (glob.has_magic(source) and not path.exists())


def run(model: Path, source: str, said: Mapping[str, Any], *, as_json: bool) -> None:
    """Score a table as the options say, and end with status 4 where rows were refused."""
    check_libraries(TABLES)
    if said["into"] is not None:
        _finish(_predict_inside(model, source, said), as_json=as_json)
        return
    options = _read_options(source, said)
    _check_places(options)
    summary = _predict(load(model), options)
    if isinstance(summary, Exception):
        gc.collect()  # frames that hold each other hold the engine
        raise summary
    _finish(summary, as_json=as_json)


def _predict_inside(model: Path, source: str, said: Mapping[str, Any]) -> Summary:
    """Have a database score its own rows; what goes with files alone is refused, for it would not be done."""
    from augury.batch.inside_postgresql import Asked, predict_inside  # not at the top: a record needs no engine
    from augury.batch.postgresql import SCHEMES, show_address

    if not source.startswith(SCHEMES):
        what = "--into makes a table in a PostgreSQL database, and this is none"
        raise UsageError(what, where=source, mend="name a file for the answers by -o")
    said = {**said, "keep": said["keep"] != "accepted"}
    of_files = ("output", "query", "rejects", "keep", "delimiter", "part_rows", "memory", "threads", "drift", "resume")
    if refused := [name for name in of_files if said[name]]:
        what = f"--{refused[0].replace('_', '-')} does not go with --into, where the database itself scores its rows"
        raise UsageError(what, where=show_address(source), mend="leave it out")
    if said["table"] is None:
        raise UsageError("nothing says which rows", where=show_address(source), mend="name a table by --table")
    asked = Asked(
        address=source,
        table=said["table"],
        into=said["into"],
        ids=said["id"],
        renames=collect(said["map"], "--map"),
        force=said["force"],
    )
    scorer = load(model)
    with show_steps() as show:
        show("scoring in the database")
        return predict_inside(scorer, asked)


def _finish(summary: Summary, *, as_json: bool) -> None:
    click.echo(msgspec.json.encode(summary) if as_json else "\n".join(_render(summary)))
    if summary.refused:
        click.get_current_context().exit(_REFUSED)


def _read_options(source: str, said: Mapping[str, Any]) -> Options:
    from augury.batch.options import DEFAULT_MEMORY, Options

    output: str = said["output"]
    return Options(
        source=source,
        output=Path(output),
        is_folder=output.endswith(("/", os.sep)) or Path(output).is_dir(),
        table=said["table"],
        query=said["query"],
        rejects=said["rejects"],
        keep=said["keep"],
        ids=said["id"],
        renames=collect(said["map"], "--map"),
        delimiter=said["delimiter"],
        part_rows=said["part_rows"],
        memory=said["memory"] or DEFAULT_MEMORY,
        threads=said["threads"],
        resume=said["resume"],
        force=said["force"],
        drift=said["drift"],
    )


def _check_places(options: Options) -> None:
    """See before long work that the output can be written, and takes the place of nothing that is read."""
    if options.resume and options.force:
        raise UsageError("--resume and --force contradict each other", mend="go on with a run, or start anew")
    output = options.output
    if options.is_folder:
        check_output(output.with_name(f"{output.name}.augury-parts"))
    else:
        check_output(output)
    if options.rejects is not None:
        check_output(options.rejects)
    outputs = {"-o": output} | ({"--rejects": options.rejects} if options.rejects is not None else {})
    for option, path in outputs.items():
        if os.path.realpath(path) == os.path.realpath(options.source):
            what = "it would take the place of what is read"
            raise UsageError(what, where=str(path), mend=f"name another by {option}")
    if options.rejects is not None and os.path.realpath(options.rejects) == os.path.realpath(output):
        raise UsageError("-o and --rejects name the same file", where=str(output), mend="name another by --rejects")


def _predict(model: Model, options: Options) -> Summary | Exception:
    """Score the table, or answer with what failed; SIGTERM stops as SIGINT does.

    What failed is answered and not raised: it would keep the engine alive, by the frames that it came through, until
    the interpreter ends, and the engine writes to standard error when it is still alive then.
    """
    from augury.batch.run import predict_table  # not at the top: a record needs no engine

    was_stopped = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal was_stopped
        was_stopped = True
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with show_rows() as show:
            return predict_table(model, options, show)
    except (KeyboardInterrupt, Exception) as error:
        # Whatever a library makes of a signal, it was one.
        if was_stopped:
            # The signal came wherever the engine was, and something there may still hold it. At the interpreter's end
            # it would complain of that; what there is to say is said by then.
            atexit.register(os._exit, _STOPPED)
            return click.Abort(f"stopped; {_tell_kept(options)}")
        if not isinstance(error, AuguryError):
            raise
        error.__context__ = error.__cause__ = None
        return error.with_traceback(None)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell_kept(options: Options) -> str:
    folder = options.output.with_name(f"{options.output.name}.augury-parts")
    return f"what is finished is kept in {folder}; go on with --resume" if folder.is_dir() else "nothing was begun"


def _render(summary: Summary) -> Iterator[str]:
    rate = summary.rows / max(summary.seconds, 1e-9)
    took = f"{summary.seconds:,.1f} s, {rate:,.0f} rows a second"
    yield bold(f"{show_count(summary.rows, 'row')} read for {printable(summary.model)}") + f" in {took}"
    yield f"  {summary.scored:,} scored, {summary.refused:,} refused"
    yield from _render_counts(summary.faults)
    if summary.scores is not None:
        yield from _render_scores(summary.scores)
    if summary.drift is not None:
        yield from _render_drift(summary.drift)
    yield f"written to {printable(summary.output)}"
    if summary.rejects is not None:
        yield f"refused rows are told in {printable(summary.rejects)}"


def _render_scores(scores: Scores) -> Iterator[str]:
    from augury.profile import QUANTILES

    by_share = dict(zip(QUANTILES, scores.quantiles, strict=True))
    low, middle, high = (by_share[share] for share in (0.05, 0.5, 0.95))
    yield f"  {scores.positives:.1%} true; half are below {middle:.3f}, nine in ten are from {low:.3f} to {high:.3f}"
    if scores.drift is None:
        yield "  the artifact has no profile of its training table, so that nothing can be said of drift"
    else:
        yield f"  against training: {_show_distance(scores.drift)}"


def _render_drift(drift: Sequence[FieldDrift]) -> Iterator[str]:
    """List the fields that have moved, the furthest first."""
    moved = [each for each in drift if each.distance.stability >= _SIZES[0][0]]
    moved.sort(key=lambda each: -each.distance.stability)
    yield "  fields that have moved, in a sample:" if moved else "  no field has moved to speak of, in a sample"
    for each in moved[:_SHOWN_FIELDS]:
        yield f"    {printable(each.field)}: {_show_distance(each.distance)}"
    if rest := len(moved) - len(moved[:_SHOWN_FIELDS]):
        yield f"    and {rest} more"


def _show_distance(distance: Distance) -> str:
    size = next(word for limit, word in _SIZES if distance.stability < limit)
    return f"{size} (PSI {distance.stability:.3f}, Jensen-Shannon {distance.divergence:.4f} bits)"


def _render_counts(counts: Sequence[Any]) -> Iterator[str]:
    shown = [(f"  {count.field}", count.code, f"{count.rows:,}") for count in counts[:_SHOWN_FAULTS]]
    if shown:
        yield from render_table(("  field", "code", "rows"), shown, right={2})
    if rest := len(counts) - len(shown):
        yield f"  and {rest:,} more kinds of faults"
