"""Write the reference of SQL from the tables of dialects: ``python docs/generate_sql.py``.

With ``--check`` nothing is written, and the exit status is 1 when the page is not what would be written.
"""

from __future__ import annotations

import sys
from pathlib import Path

from augury.sql.dialect import Dialect
from augury.sql.dialects import DIALECTS, find_dialect

PAGE = Path(__file__).parent / "reference" / "sql.md"

HEAD = """\
<!-- Written by docs/generate_sql.py from augury/sql/dialects.py: change that, then run it again. -->

# SQL

`augury sql MODEL --dialect NAME` writes the model and its contract as one SELECT, or as a view; `model.sql("NAME")`
gives the same from Python. [Why one statement](../decisions/0016-sql-says-the-contract-too.md) is a decision.

## Dialects

*Run* means that the tests run the whole file of cases on the engine, and hold every row to the record's answer.
*Generated* means that the statement follows the engine's manual and was not run: score a few hundred rows both ways
before you rely on it.

| `--dialect` | engine | tests | what it cannot do |
|---|---|---|---|
"""

TAIL = """
## What it reads

A column for each field, called as in the training table (`--names contract`: as in the contract), of the kind that the
field takes. `--as-text` is for a table into which a file was loaded as it is, every column text; `--map COLUMN=FIELD`
for a column that is called otherwise. Names are quoted, so that an engine that folds names must have been told the same
ones. A text column where a number belongs is read by the rule of files; other columns of the table are not looked at.

## What it gives

| column | |
|---|---|
| those of `--keep`, else the identifiers | as they are |
| `<target>_probability` | a 64-bit float; null for a refused row |
| `<target>` | whether the probability is at least the threshold |
| `margin` | log-odds |
| `faults` | null, or a JSON array of `{"code": …, "field": …}`: [the codes](faults.md) |
| `notes`, with `--notes` | what was accepted and is worth knowing, in the same shape |
| `<field>_reason`, with `--reasons` | what the field adds to the margin against the model's baseline, in log-odds |
"""


def generate() -> str:
    """Write the whole page."""
    return HEAD + "".join(_document(find_dialect(name)) for name in DIALECTS) + TAIL


def _document(dialect: Dialect) -> str:
    tests = "run" if dialect.is_run else "generated"
    return f"| `{dialect.name}` | {dialect.title} | {tests} | {'; '.join(dialect.limits.tell())} |\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(not (PAGE.is_file() and PAGE.read_text("utf-8") == generate()))
    PAGE.write_text(generate(), "utf-8")
