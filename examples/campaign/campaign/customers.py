"""The customers, read from a table that is not ours: a page at a time, and again one by one when a mail is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from sqlalchemy import Engine, MetaData, RowMapping, Table, select
from sqlalchemy.exc import NoSuchTableError

from campaign.errors import CampaignError
from campaign.settings import Columns

# A page is read in a transaction of its own: none is open while the service thinks.
_PAGE = 1000


class Customer(Struct, frozen=True):
    """A customer: ``record`` is what the service is asked, without anything that says who it is."""

    customer: str
    name: str
    email: str
    opted_out: bool
    charges: object
    record: Mapping[str, object]


class Register:
    """The table of customers.

    Raises:
        CampaignError: it is not there, or lacks a column that the settings name.
    """

    def __init__(self, engine: Engine, columns: Columns) -> None:
        self._engine, self._columns = engine, columns
        try:
            self._table = Table(columns.table, MetaData(), autoload_with=engine)
        except NoSuchTableError:
            what = f"the database has no table {columns.table!r}"
            raise CampaignError(what, "name the customers' table in the settings") from None
        named = (columns.customer, columns.name, columns.email, columns.opted_out, columns.charges, *columns.kept_back)
        if absent := [name for name in named if name not in self._table.c]:
            what = f"the table {columns.table!r} has no column {', '.join(absent)}"
            raise CampaignError(what, "name its columns in the settings")
        self._key = self._table.c[columns.customer]
        private = {columns.customer, columns.name, columns.email, columns.opted_out, *columns.kept_back}
        self._fields = [column.name for column in self._table.c if column.name not in private]

    def __iter__(self) -> Iterator[Customer]:
        """Every customer, in the order of their keys."""
        last: object = None
        while True:
            query = select(self._table).order_by(self._key).limit(_PAGE)
            with self._engine.begin() as connection:
                page = connection.execute(query if last is None else query.where(self._key > last)).mappings().all()
            yield from map(self._read, page)
            if len(page) < _PAGE:
                return
            last = page[-1][self._key]

    def find(self, customer: str) -> Customer | None:
        """Find a customer as he is now; None when he is gone."""
        kind: Any = self._key.type.python_type
        with self._engine.begin() as connection:
            row = connection.execute(select(self._table).where(self._key == kind(customer))).mappings().first()
        return None if row is None else self._read(row)

    def _read(self, row: RowMapping) -> Customer:
        columns = self._columns
        return Customer(
            customer=str(row[columns.customer]),
            name=str(row[columns.name] or ""),
            email=str(row[columns.email] or ""),
            # Whatever stands there that is not plainly a no keeps the mail back.
            opted_out=row[columns.opted_out] not in (None, 0, False, "0", "no", "false", ""),
            charges=row[columns.charges],
            record={name: row[name] for name in self._fields},
        )
