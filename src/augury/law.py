"""The law over records: the reference scorer behind the slow path of the contract, against which all else is held."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from augury.contract.check import RecordChecker, find_values
from augury.contract.fields import Contract
from augury.errors import RecordError
from augury.ir.nodes import Link
from augury.ir.reference import Reference


def make_law(contract: Contract, predictor: Link) -> Callable[[Mapping[str, object]], float]:
    """Make the function from a plain record to its margin.

    It raises RecordError for a record that has a fault or a note, and OverflowError for a margin that is not finite.
    """
    checker, reference = RecordChecker(contract), Reference(contract, predictor)

    def compute_margin(record: Mapping[str, object]) -> float:
        checked = checker.check(record.items())
        if checked.faults or checked.notes:
            raise RecordError((*checked.faults, *checked.notes), more=checked.more)
        return reference.compute_margin(find_values(contract, checked))

    return compute_margin
