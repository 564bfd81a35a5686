"""Versions of one model that can be told apart by every answer: each has another intercept, and so another digest."""

from __future__ import annotations

from pathlib import Path

import msgspec

from augury.artifact.canonical import seal
from augury.artifact.document import Golden
from augury.artifact.write import replace_file
from augury.contract.check import RecordChecker, find_values
from augury.ir.nodes import Link
from augury.ir.reference import Reference
from augury.model import Model
from tests.unit.artifact.documents import make_document


def make_version(number: int, name: str = "churn") -> Model:
    """A version of the churn-like model, with an intercept of its own."""
    document = make_document()
    contract, [total] = document.model.contract, document.model.predictor.margins
    predictor = Link((msgspec.structs.replace(total, intercept=number / 128),))
    reference, checker = Reference(contract, predictor), RecordChecker(contract)
    golden = tuple(
        Golden(row.record, reference.compute_margin(find_values(contract, checker.check(row.record.items()))))
        for row in document.model.golden
    )
    body = msgspec.structs.replace(document.model, name=name, predictor=predictor, golden=golden)
    return Model(seal(msgspec.structs.replace(document, model=body))[0])


def write_version(path: Path, number: int, name: str = "churn") -> Model:
    """Put a version in a file's place, by a rename."""
    model = make_version(number, name)
    replace_file(path, seal(model.document)[1])
    return model
