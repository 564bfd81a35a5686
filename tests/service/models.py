"""Models to be served: the churn-like one, and one for any contract and predictor."""

from __future__ import annotations

import msgspec

from augury.artifact.canonical import seal
from augury.artifact.document import Baseline, Document, Golden, ModelBody, Provenance, Target
from augury.contract.fields import Contract
from augury.ir.nodes import Decide, Link
from augury.model import Model
from tests.unit.artifact.documents import make_document


def make_model(name: str = "churn", *, unknown_key: str = "note") -> Model:
    """The churn-like model under another name, or with another policy about unknown keys."""
    document = make_document()
    contract = msgspec.structs.replace(document.model.contract, unknown_key=unknown_key)
    body = msgspec.structs.replace(document.model, name=name, contract=contract)
    return Model(seal(msgspec.structs.replace(document, model=body))[0])


def make_model_of(name: str, contract: Contract, predictor: Link, golden: tuple[Golden, ...]) -> Model:
    """A model for any contract and predictor, with the target ``churn``."""
    body = ModelBody(
        name=name,
        target=Target("churn", "Churn", "no", "yes"),
        contract=contract,
        predictor=predictor,
        decision=Decide(0.5),
        evaluation=None,
        baseline=Baseline("reference", (0.0,) * len(contract.features)),
        profile=None,
        golden=golden,
        provenance=Provenance("a model made by hand", {}),
    )
    return Model(seal(Document(1, "0.1", "", body))[0])


def answer_at_once(model: Model, body: bytes) -> bytes:
    """The answer to a record that the fast path takes."""
    answered = model.answer_fast(body)
    assert answered is not None
    return answered[0]
