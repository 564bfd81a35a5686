"""``augury predict MODEL TABLE -o OUT --engine spark``: score a table where Spark has it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from augury.api import load
from augury.cli.options import collect
from augury.cli.predict_summary import finish
from augury.errors import UsageError
from augury.needs import SPARK_TABLES, check_libraries

# What Spark cannot honour, and why.
_OTHERS = {
    "into": "it makes a table of a database, and Spark writes folders",
    "table": "it names a table of a database, and Spark reads paths",
    "query": "it chooses rows of a database, and Spark reads paths",
    "part_rows": "how a table is cut is Spark's own to say",
    "memory": "what an executor may take is Spark's own to say, by spark.executor.memory",
    "threads": "how many tasks run is Spark's own to say, by spark.executor.cores",
    "drift": "no sample of the fields is kept there",
    "resume": "Spark tries a task again by itself, and a run that has failed starts anew",
}


def run(model: Path, source: str, said: Mapping[str, Any], *, as_json: bool) -> None:
    """Have Spark score a table, and end with status 4 where rows were refused."""
    check_libraries(SPARK_TABLES)
    for name, why in _OTHERS.items():
        if said[name]:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} does not go with --engine spark: {why}", mend="leave it out")
    output = said["output"]
    if output is None:
        mend = "name a folder for them by -o, of any scheme that Spark knows"
        raise UsageError("nothing says where the answers go", where=source, mend=mend)
    from augury.batch.on_spark import Asked, predict_on_spark  # not at the top: a record needs no engine

    asked = Asked(
        source=source,
        output=output,
        rejects=said["rejects"] or _name_rejects(output),
        keeps_refused=said["keep"] == "all",
        ids=said["id"],
        renames=collect(said["map"], "--map"),
        delimiter=said["delimiter"],
        force=said["force"],
    )
    try:
        summary = predict_on_spark(load(model), asked)
    except KeyboardInterrupt:
        raise click.Abort(f"stopped; what is left in {output} has no _SUCCESS, and --force replaces it") from None
    finish(summary, as_json=as_json)


def _name_rejects(output: str) -> str:
    """Name the folder of refused rows beside that of the answers, ``scores.rejects`` or ``scores.rejects.csv``."""
    place, slash, name = output.rstrip("/").rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    known = dot and suffix.lower() in {"csv", "tsv", "tab", "parquet"}
    return f"{place}{slash}{f'{stem}.rejects.{suffix}' if known else f'{name}.rejects'}"
