"""The file of cases through ``augury predict``: what stands in one table is one run, from each kind of file."""

import csv
import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from augury.batch.inside_postgresql import Asked as Inside
from augury.batch.inside_postgresql import predict_inside
from augury.batch.options import Options
from augury.batch.run import predict_table
from augury.errors import ContractError, TableError
from augury.model import Model
from tests.contract.cases import Door
from tests.contract.models import make_model
from tests.doors import keep_cases
from tests.engines.tables import Database, make_postgresql
from tests.frames.test_cases import can_hold, hold_number, make_arrow
from tests.sql.holding import find_differences
from tests.sql.tables_of_cases import Asked, CaseTable, iter_tables

# A run takes a tenth of a second: the smaller tables, two thirds of all and a tenth of the rows, are for `make soak`.
FEWEST_ROWS = 5
# What comes out of these is Arrow, as out of Parquet, which is asked the others.
FEWEST = {"feather": 12, "sqlite table": 12, "postgresql": 12}
# The contract whose golden rows have terms of 1e308.
STEEP = "steep"
Rows = Sequence[Sequence[Any]]


def write_csv(names: Sequence[str], rows: Rows, path: Path) -> None:
    """Write cells as they are."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([names, *rows])


def write_lines(names: Sequence[str], rows: Rows, path: Path) -> None:
    """Write each row as a record of JSON."""
    path.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows), "utf-8")


def write_sqlite(names: Sequence[str], rows: Rows, path: Path) -> None:
    """Write a table whose cells have types of their own."""
    with closing(sqlite3.connect(path)) as connection, connection:
        columns = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
        connection.execute(f"CREATE TABLE cases ({columns})")
        connection.executemany(f"INSERT INTO cases VALUES ({', '.join('?' * len(names))})", rows)


def is_flat(cell: Any) -> bool:
    """Tell whether a cell holds no others."""
    return not isinstance(cell, list | dict | tuple | set)


def can_json_hold(cell: Any) -> bool:
    """Tell whether a line of a table can hold a cell: a nested one refuses the table; no number is beyond a double."""
    return is_flat(cell) and not (isinstance(cell, float) and not math.isfinite(cell))


def can_sqlite_hold(cell: Any) -> bool:
    """Tell whether a cell is of one of SQLite's types, of which none is of booleans or dates."""
    return can_hold("arrow", cell) and isinstance(cell, str | int | float | None) and not isinstance(cell, bool)


# By kind of file its suffix, the door of cases that is like it, what it can hold, and what writes it.
KINDS: dict[str, tuple[str, Door, Callable[[Any], bool], Callable[[Sequence[str], Rows, Path], None]]] = {
    "csv": (".csv", "file", lambda _cell: True, write_csv),
    "jsonl": (".jsonl", "json", can_json_hold, write_lines),
    "parquet": (
        ".parquet",
        "frame",
        lambda cell: can_hold("arrow", cell),
        lambda names, rows, path: pa.parquet.write_table(make_arrow(names, rows), path),
    ),
    "feather": (
        ".feather",
        "frame",
        lambda cell: can_hold("arrow", cell),
        lambda names, rows, path: pa.feather.write_feather(make_arrow(names, rows), str(path)),
    ),
    "sqlite table": (".sqlite", "frame", can_sqlite_hold, write_sqlite),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_case_is_answered_as_it_says(kind: str, tmp_path: Path) -> None:
    """Each row has the probability of its case within the bound, or lines with its codes and fields in their order."""
    suffix, door, is_held, write = KINDS[kind]
    wrong: list[str] = []
    asked = 0
    for number, table in enumerate(iter_tables(door, FEWEST.get(kind, FEWEST_ROWS))):
        rows = [row for row in table.rows if all(map(is_held, row.cells))]
        source = tmp_path / f"{number}{suffix}"
        names = [column.name for column in table.layout.columns]
        if not rows or not names:
            continue
        write(names, [row.cells for row in rows], source)
        count, differences = hold(table, rows, ask_file(source))
        asked += count
        wrong += differences
    assert not wrong, "\n".join(wrong)
    assert asked > 250
    keep_cases(kind, asked)


def ask_file(source: Path) -> Options:
    """Ask for the answers to every row of a file, beside it."""
    return Options(source=str(source), output=source.with_suffix(".out.jsonl"), keep="all", threads=1)


def test_every_case_is_answered_in_postgresql(server: Path, tmp_path: Path) -> None:
    """Rows of a table in PostgreSQL are answered as their cases say, here and in the database."""
    address = f"postgresql:///postgres?host={server}&user=tests"
    wrong: list[str] = []
    asked = 0
    with psycopg.connect(address, autocommit=True, prepare_threshold=None) as connection:
        database = make_postgresql(connection)
        for number, table in enumerate(iter_tables("frame", FEWEST["postgresql"])):
            kinds = [column.kind for column in table.layout.columns]
            rows = [row for row in table.rows if all(map(database.can_hold, row.cells, kinds)) and not is_vast(row)]
            if not rows or not kinds or "nested" in kinds:
                continue
            database.create("cases", table.layout, [row.cells for row in rows])
            query = 'SELECT * FROM cases ORDER BY "row"'
            output = tmp_path / f"{number}.out.jsonl"
            options = Options(source=address, query=query, output=output, keep="all", threads=1)
            count, differences = hold(table, rows, options)
            asked += count
            wrong += differences
            if count:
                wrong += hold_inside(make_model(table.contract), rows, address, database)
    assert not wrong, "\n".join(wrong)
    assert asked > 250
    keep_cases("postgresql table", asked)
    keep_cases("postgresql inside", asked)


def is_vast(row: Asked) -> bool:
    """Tell whether a row has an integer that no double may be: as numeric it is a decimal, which is rounded."""
    return any(type(cell) is int and abs(cell) > 2**53 for cell in row.cells)


def hold_inside(model: Model, rows: list[Asked], address: str, database: Database) -> Iterator[str]:
    """Have the database score the table of cases, and say what is wrong."""
    predict_inside(model, Inside(address=address, table="cases", into="scores", ids=("row",), force=True))
    answers = database.ask('SELECT "row", churn_probability, churn, margin, faults, notes FROM scores ORDER BY "row"')
    for row, answer in zip(rows, answers, strict=True):
        yield from (f"{row.name} in the database: {difference}" for difference in find_differences(row, answer))


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_a_nested_cell_is_refused(kind: str, tmp_path: Path) -> None:
    """A list where a number belongs is a fault of its row, as in a record."""
    suffix, door, _, write = KINDS[kind]
    nested = Asked("nested", ([],), (("type", "x"),), (), None, 0.0)
    (table,) = (each for each in iter_tables(door) if any(row.name == "bare/empty array" for row in each.rows))
    write(["x"], [nested.cells], tmp_path / f"t{suffix}")
    assert hold(table, [nested], ask_file(tmp_path / f"t{suffix}")) == (1, [])


def test_golden_rows_of_large_terms_can_be_scored(tmp_path: Path) -> None:
    """A model whose golden rows have terms near the largest double scores a table as it scores a record."""
    table = next(each for each in iter_tables("file", FEWEST_ROWS) if each.contract == STEEP)
    names = [column.name for column in table.layout.columns]
    write_csv(names, [row.cells for row in table.rows], tmp_path / "t.csv")
    assert hold(table, table.rows, ask_file(tmp_path / "t.csv")) == (len(table.rows), [])


def hold(table: CaseTable, rows: list[Asked], options: Options) -> tuple[int, list[str]]:
    """Score a table; gives how many rows were asked, and what is wrong."""
    output = options.output
    try:
        predict_table(make_model(table.contract), options)
    except (ContractError, TableError) as error:
        # A table without a field's column is refused as a whole, for no row could be scored.
        told = all(("absent" in {code for code, _ in row.faults}) for row in rows)
        return 0, [] if told else [f"{options.source}: {error}"]
    answers = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    refused: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    rejects = output.with_suffix(".rejects.jsonl")
    for line in rejects.read_text("utf-8").splitlines() if rejects.exists() else ():
        told = json.loads(line)
        refused[told["row"] - 1].append((told["code"], told["field"]))
    wrong = [
        f"{row.name}: {difference}"
        for number, (row, answer) in enumerate(zip(rows, answers, strict=True))
        for difference in hold_row(row, answer, refused[number])
    ]
    return len(rows), wrong


def hold_row(row: Asked, answer: dict[str, Any], refused: list[tuple[str, str]]) -> Iterator[str]:
    """Say in what an answer and the lines of its refusal are not what a case says."""
    if refused[:20] != list(row.faults):
        yield f"{refused} instead of {row.faults}"
    yield from hold_number(row, answer["churn_probability"], answer["churn"])
