"""What is the same for all parts of a run, and the statements that follow from it."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from augury.artifact.document import ModelBody
from augury.batch.output import Format
from augury.batch.source import PART
from augury.contract.fields import IdentifierField
from augury.sql.layout import Bound
from augury.sql.names import quote_name
from augury.statement import Wanted, write_statement


class Plan(Struct, frozen=True):
    """What is the same for all parts.

    Args:
        body: the model.
        bound: which column is which field.
        lacking: columns in which a null says that the row lacks them.
        ids: columns that are copied; the number of the row where there are none.
        row: the name of the column with the number of the row.
        form: of the answers.
        reject_form: of the rejects.
        keeps_refused: whether refused rows are in the answers too.
        samples: whether a sample of each part is kept, to compare its fields with those of training.
        header: whether each part of CSV has one: those of a folder are files by themselves.
    """

    body: ModelBody
    bound: Bound
    lacking: frozenset[str]
    ids: tuple[str, ...]
    row: str
    form: Format
    reject_form: Format
    keeps_refused: bool
    header: bool
    samples: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that are asked for."""
        bound = (*self.bound.features, *self.bound.identifiers.values())
        return tuple(dict.fromkeys((*(column.name for column in bound if column is not None), *self.ids)))

    @property
    def features(self) -> tuple[str, ...]:
        """The columns of features."""
        return tuple(column.name for column in self.bound.features if column is not None)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The columns of the answers."""
        target = self.body.target.name
        faults = ("faults",) if self.keeps_refused else ()
        return (*(self.ids or ("row",)), f"{target}_probability", target, *faults)


def write_scored(plan: Plan) -> str:
    """Write the SELECT that scores every row of a part."""
    return _write(plan, Wanted(plan.ids or (plan.row,)))


def write_answers(plan: Plan, scored: str) -> str:
    """Write the SELECT of a part's answers: of the rows that were scored, or of all."""
    target = plan.body.target.name
    kept = plan.ids or (plan.row,)
    probability = quote_name(f"{target}_probability")
    named = [f"{quote_name(name)} AS {quote_name(shown)}" for name, shown in zip(kept, plan.outputs, strict=False)]
    faults = ["faults"] if plan.keeps_refused else []
    columns = ", ".join([*named, probability, quote_name(target), *faults])
    # Asked of the margin: the probability would be computed for the question, and again for the answer.
    chosen = "" if plan.keeps_refused else " WHERE margin IS NOT NULL"
    return f"SELECT {columns} FROM ({scored}){chosen}"  # noqa: S608 - names are quoted


def write_refused(plan: Plan) -> str:
    """Write the SELECT of the refused rows of a part: number, columns and faults."""
    statement = _write(plan, Wanted((plan.row, *plan.columns), refused=True))
    columns = ", ".join(quote_name(name) for name in (plan.row, *plan.columns))
    return f"SELECT {columns}, faults FROM ({statement})"  # noqa: S608 - names are quoted


def _write(plan: Plan, wanted: Wanted) -> str:
    body = _accept_absence(plan)
    return write_statement(body, plan.bound, dialect="duckdb", source=quote_name(PART), wanted=wanted)


def _accept_absence(plan: Plan) -> ModelBody:
    """Make the model that takes a null where it says that the row lacks a column which it may lack."""
    columns = dict(zip((field.name for field in plan.body.contract.features), plan.bound.features, strict=True))
    fields = []
    for field in plan.body.contract.fields:
        column = columns.get(field.name)
        lacks = column is not None and column.name in plan.lacking
        is_optional = not isinstance(field, IdentifierField) and field.absent == "optional"
        fields.append(replace(field, null="impute") if lacks and is_optional else field)
    return replace(plan.body, contract=replace(plan.body.contract, fields=tuple(fields)))
