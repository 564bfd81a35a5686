"""Make a database of customers: drawn from the model's profile (nobody's data), or from a table of your own.

What a table lacks of names, addresses and who has opted out is made up here, in example.org's name.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Boolean, Column, Engine, Float, Integer, MetaData, String, Table, insert

from augury.api import find_bundled
from campaign.settings import Columns
from campaign.tables import open_database

Record = dict[str, object]
_COLUMNS = Columns()
# One in so many has opted out, so that a demonstration has some.
_OPTED_OUT = 20


def draw_records(rows: int, seed: int) -> list[Record]:
    """Draw records that the bundled model's contract accepts, with `augury sample`."""
    command = ["augury", "sample", find_bundled(), "--rows", str(rows), "--seed", str(seed), "--json"]
    drawn = subprocess.run([sys.executable, "-m", *command], capture_output=True, check=True).stdout  # noqa: S603 - ours
    return [dict(record) for record in json.loads(drawn)]


def read_table(path: Path) -> list[Record]:
    """Read a CSV file: names in lower case, what reads as a number as one, and blanks as null."""
    with path.open(newline="", encoding="utf-8") as file:
        return [{name.strip().lower(): _read_cell(cell) for name, cell in row.items()} for row in csv.DictReader(file)]


def fill_in(records: Iterable[Record]) -> list[Record]:
    """Fill in what the mails need and the records lack."""
    return [{**_make_up(number), **record} for number, record in enumerate(records, 1)]


def write_customers(engine: Engine, records: list[Record]) -> None:
    """Write the table of customers, with a type for each column that fits all of its values.

    Raises:
        ValueError: there is nobody.
    """
    if not records:
        raise ValueError("a campaign needs at least one customer")
    names = {name: None for record in records for name in record}
    columns = [Column(name, _find_type([record.get(name) for record in records])) for name in names]
    metadata = MetaData()
    table = Table(_COLUMNS.table, metadata, *columns)
    table.c[_COLUMNS.customer].primary_key = True
    with engine.begin() as connection:
        metadata.create_all(connection, checkfirst=False)
        connection.execute(insert(table), [{name: record.get(name) for name in names} for record in records])


def _make_up(number: int) -> Record:
    customer = f"C{number:06d}"
    return {
        _COLUMNS.customer: customer,
        _COLUMNS.name: f"Customer {number}",
        _COLUMNS.email: f"{customer.lower()}@example.org",
        _COLUMNS.opted_out: number % _OPTED_OUT == 0,
    }


def _find_type(values: list[object]) -> type[String | Boolean | Integer | Float[float]]:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return Boolean
    if kinds == {int}:
        return Integer
    return Float if kinds and kinds <= {int, float} else String


def _read_cell(cell: str) -> object:
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell.strip() or None


def main() -> None:
    """Read the command line, and make the database."""
    parser = argparse.ArgumentParser(description="Make a database of customers.")
    parser.add_argument("database", help="sqlite:///campaign.db, or postgresql+psycopg://user@host/database")
    parser.add_argument("--rows", type=int, default=500, help="how many to draw")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--table", type=Path, help="a CSV file of your own instead")
    told = parser.parse_args()
    records = draw_records(told.rows, told.seed) if told.table is None else read_table(told.table)
    with open_database(told.database) as engine:
        write_customers(engine, fill_in(records))
    print(f"{len(records):,} customers")


if __name__ == "__main__":
    main()
