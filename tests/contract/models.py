"""The contracts of the file of cases as whole models, for the doors that only a model has."""

from functools import cache

from augury.artifact.canonical import seal
from augury.artifact.document import FORMAT, NEEDS, Baseline, Document, ModelBody, Provenance, Target
from augury.artifact.golden import draw_golden
from augury.ir.nodes import Decide
from augury.law import make_law
from augury.model import Model
from tests.contract.cases import read_cases


@cache
def make_model(name: str) -> Model:
    """Make the model of one named contract; its answers have the keys ``churn`` and ``churn_probability``."""
    named = read_cases().contracts[name]
    law = make_law(named.contract, named.predictor)
    body = ModelBody(
        name=name.replace(" ", "-"),
        target=Target("churn", "churn", "no", "yes"),
        contract=named.contract,
        predictor=named.predictor,
        decision=Decide(0.5),
        evaluation=None,
        baseline=Baseline("reference", (0.0,) * len(named.contract.features)),
        profile=None,
        golden=draw_golden(named.contract, None, 1, law, lambda _record: False),
        provenance=Provenance("none", {}),
    )
    document, _ = seal(Document(FORMAT, NEEDS, "sha256:" + "0" * 64, body))
    return Model(document)
