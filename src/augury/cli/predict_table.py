"""``augury predict MODEL TABLE -o OUT``: score a table of any size."""

from __future__ import annotations

import atexit
import gc
import glob
import os
import re
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from augury.api import load
from augury.cli.files import check_folder, check_output
from augury.cli.options import collect
from augury.cli.predict_summary import finish
from augury.cli.progress import show_rows, show_steps
from augury.errors import AuguryError, UsageError
from augury.needs import TABLES, check_libraries

if TYPE_CHECKING:
    from augury.batch.options import Destination, Options
    from augury.batch.summary import Summary
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
# Files that are a database.
_DATABASES = frozenset({".db", ".sqlite", ".sqlite3"})
_SCHEMES = ("sqlite://", "postgres://", "postgresql://")
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
    if said["into"] is not None and not _is_database(said["output"]):
        finish(_predict_inside(model, source, said), as_json=as_json)
        return
    options = _read_options(source, said)
    _check_places(options)
    summary = _predict(load(model), options)
    if isinstance(summary, Exception):
        gc.collect()  # frames that hold each other hold the engine
        raise summary
    finish(summary, as_json=as_json)


def _predict_inside(model: Path, source: str, said: Mapping[str, Any]) -> Summary:
    """Have a database score its own rows; what goes with files alone is refused, for it would not be done."""
    from augury.batch.inside_postgresql import Asked, predict_inside  # not at the top: a record needs no engine
    from augury.batch.postgresql import SCHEMES, show_address

    if not source.startswith(SCHEMES):
        what = "--into makes a table in a PostgreSQL database, and this is none"
        raise UsageError(what, where=source, mend="name the database that it is made in by -o")
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


def _read_options(source: str, said: Mapping[str, Any]) -> Options:
    from augury.batch.options import DEFAULT_MEMORY, Options

    output: str = said["output"]
    into = _find_destination(source, said) if _is_database(output) else None
    return Options(
        source=source,
        output=Path(output) if into is None else _name_beside(into),
        is_folder=output.endswith(("/", os.sep)) or Path(output).is_dir(),
        into=into,
        table=said["table"],
        query=said["query"],
        rejects=Path(said["rejects"]) if said["rejects"] is not None else None,
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


def _is_database(output: str | None) -> bool:
    return output is not None and (output.startswith(_SCHEMES) or Path(output).suffix.lower() in _DATABASES)


def _find_destination(source: str, said: Mapping[str, Any]) -> Destination:
    """Find the table that the answers go into; it is not the one that is read."""
    from augury.batch.options import Destination
    from augury.batch.postgresql import SCHEMES, show_address

    output, table = said["output"], said["into"]
    is_server = output.startswith(SCHEMES)
    place = show_address(output) if is_server else str(_find_file(output))
    if table is None:
        what = "nothing says which table of the database the answers go into"
        raise UsageError(what, where=place, mend="name it by --into")
    read = show_address(source) if source.startswith(SCHEMES) else os.path.realpath(_find_file(source))
    is_same = read == (place if is_server else os.path.realpath(place))
    if said["force"] and is_same and said["table"] in {None, table}:
        what = "--force would take away the table that is read"
        raise UsageError(what, where=place, mend="name another by --into, and the one that is read by --table")
    return Destination(output if is_server else place, table, f"{place}, table {table}")


def _find_file(name: str) -> Path:
    from augury.batch.source_sqlite import find_path

    return find_path(name) if name.startswith("sqlite:") else Path(name)


def _name_beside(into: Destination) -> Path:
    """Name what the parts and the rejects lie beside: the SQLite file, or a name in the working folder."""
    if into.address.startswith(_SCHEMES):
        name = re.sub(r"[^\w.-]", "_", into.table)
        return Path(f"{name}.table")
    return Path(into.address)


def _check_places(options: Options) -> None:
    """See before long work that the output can be written, and takes the place of nothing that is read."""
    if options.resume and options.force:
        raise UsageError("--resume and --force contradict each other", mend="go on with a run, or start anew")
    output = options.output
    # A folder of answers may be there, and what a stopped run has left beside it.
    (check_folder if options.is_folder and options.into is None else check_output)(output)
    if options.rejects is not None:
        check_output(options.rejects)
    outputs = {"-o": output} | ({"--rejects": options.rejects} if options.rejects is not None else {})
    for option, path in outputs.items():
        if path == output and options.into is not None:
            continue  # a table beside others
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
