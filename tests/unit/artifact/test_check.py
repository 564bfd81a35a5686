from typing import Any

import pytest
from msgspec import structs

from augury.artifact.canonical import seal
from augury.artifact.check import MAX_GOLDEN, RESERVED
from augury.artifact.document import Baseline
from augury.artifact.read import parse_artifact
from augury.contract.fields import NumberField
from augury.ir.nodes import Link, Number, OneHot, Stretch
from augury.profile import LevelProfile
from tests.unit.artifact.documents import make_document
from tests.unit.artifact.evaluations import make_evaluation
from tests.unit.artifact.sentences import refuse

MODEL = make_document().model
(LINEAR,) = MODEL.predictor.margins


def _seal(**changes: Any) -> bytes:
    document = make_document()
    return seal(structs.replace(document, model=structs.replace(document.model, **changes)))[1]


def _target(**changes: object) -> dict[str, Any]:
    return {"target": structs.replace(MODEL.target, **changes)}


def _linear(**changes: object) -> dict[str, Any]:
    return {"predictor": Link((structs.replace(LINEAR, **changes),))}


def _profile(**changes: object) -> dict[str, Any]:
    assert MODEL.profile is not None
    return {"profile": structs.replace(MODEL.profile, **changes)}


def _known(name: str, /, **changes: object) -> dict[str, Any]:
    assert MODEL.profile is not None
    fields = MODEL.profile.fields
    return _profile(fields=tuple(structs.replace(x, **changes) if x.field == name else x for x in fields))


def _golden(**changes: object) -> dict[str, Any]:
    row = MODEL.golden[0]
    return {"golden": (structs.replace(row, record={**row.record, **changes}),)}


def _field(name: str, /, **changes: object) -> dict[str, Any]:
    fields = tuple(structs.replace(x, **changes) if x.name == name else x for x in MODEL.contract.fields)
    return {"contract": structs.replace(MODEL.contract, fields=fields)}


def _added_field() -> dict[str, Any]:
    fields = (*MODEL.contract.fields, NumberField(name="age"))
    return {"contract": structs.replace(MODEL.contract, fields=fields)}


def _training(**changes: Any) -> dict[str, Any]:
    assert MODEL.provenance.training is not None
    training = structs.replace(MODEL.provenance.training, **changes)
    return {"provenance": structs.replace(MODEL.provenance, training=training)}


def _proof(**changes: object) -> dict[str, Any]:
    (proof,) = MODEL.provenance.proofs
    return {"provenance": structs.replace(MODEL.provenance, proofs=(structs.replace(proof, **changes),))}


def _without_key() -> dict[str, Any]:
    row = MODEL.golden[0]
    return {"golden": (structs.replace(row, record={k: v for k, v in row.record.items() if k != "tenure"}),)}


QUANTILES = tuple(float(at) for at in range(15))
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": ""}, "the model's name ''"),
    "a path as name": ({"name": "../churn"}, "the model's name '../churn'"),
    "a line end in the name": ({"name": "churn\n"}, "the model's name"),
    "a long name": ({"name": "c" * 65}, "is not 1 to 64"),
    "a target with capitals": (_target(name="Churn"), "the target's name 'Churn'"),
    "a target with a line end": (_target(name="churn\n"), "the target's name"),
    "one class": (_target(negative="yes"), "both classes are 'yes'"),
    "one class to Python": (_target(negative=0, positive=False), "both classes are False"),
    "a long target column": (_target(column="c" * 257), "longer than 256 characters"),
    "a long field name": (_field("gender", spellings=("g" * 257,)), "longer than 256 characters"),
    "many spellings": (_field("gender", spellings=tuple(map(str, range(101)))), "has 101 spellings, more than 100"),
    "two fields of a name": (_field("gender", name="partner"), "'partner' names both"),
    "a level twice": (_field("gender", levels=("male", "male")), "is listed twice"),
    "no levels": (_field("gender", levels=()), "has no levels"),
    "a range of nothing": (
        _field("tenure", seen=structs.replace(MODEL.contract.features[16].seen, low=99.0)),
        "interval",
    ),
    "a field that is not read": (_added_field(), "does not read 'age'"),
    "a field that is not there": (_linear(inputs=(Number("age"),), weights=(1.0,)), "reads 'age', which is no feature"),
    "a column beyond the bins": (
        _linear(inputs=(OneHot(LINEAR.inputs[0].x, (0, 2)),), weights=(1.0, 1.0)),
        "beyond its 2",
    ),
    "a column before the bins": (
        _linear(inputs=(OneHot(LINEAR.inputs[0].x, (0, -1)),), weights=(1.0, 1.0)),
        "beyond its 2",
    ),
    "a weight too many": (_linear(weights=(*LINEAR.weights, 1.0)), "weights for"),
    "two margins": ({"predictor": Link((LINEAR, LINEAR))}, "takes one margin, not 2"),
    "no margin": ({"predictor": Link(())}, "takes one margin, not 0"),
    "missing without a rule": (_field("tenure", null="impute"), "accepts 'tenure' missing"),
    "a threshold above 1": ({"decision": structs.replace(MODEL.decision, threshold=1.5)}, "threshold 1.5"),
    "a threshold below 0": ({"decision": structs.replace(MODEL.decision, threshold=-1e-9)}, "threshold -1e-09"),
    "a baseline beyond a double": (
        {"baseline": Baseline("average", (1.5e308, 1.5e308, *MODEL.baseline.terms[2:]))},
        "the margin of the baseline is not finite",
    ),
    "a short baseline": ({"baseline": Baseline("average", (1.0,))}, "the baseline has 1 terms for 19"),
    "a profile of nobody": (_profile(rows=0), "the profile is of 0 rows"),
    "a profile of other fields": (_profile(fields=MODEL.profile.fields[1:]), "not the features of the contract"),
    "a profile of another kind": (
        _profile(fields=tuple(LevelProfile(x.field, 0.0, (), ()) for x in MODEL.profile.fields)),
        "is of another kind",
    ),
    "nulls above 1": (_known("gender", nulls=1.5), "a share of nulls of 1.5"),
    "a quantile too few": (_known("tenure", quantiles=QUANTILES[1:]), "has 14 quantiles, not 15"),
    "quantiles that decrease": (_known("tenure", quantiles=QUANTILES[::-1]), "quantiles that decrease"),
    "quantiles too far apart": (
        _known("totalcharges", quantiles=(-1.5e308, *QUANTILES[1:14], 1.5e308)),
        "too far apart",
    ),
    "an integer quantile beyond": (_known("tenure", quantiles=(*QUANTILES[:14], 1e16)), "a quantile beyond 2**53"),
    "a level of no field": (_known("gender", levels=("female", "other")), "levels that the contract does not have"),
    "a level twice in the profile": (_known("gender", levels=("male", "male")), "or one twice"),
    "a level of another type": (
        _known("seniorcitizen", levels=(False, True)),
        "levels that the contract does not have",
    ),
    "a count too few": (_known("gender", counts=(5,)), "has 1 counts for 2 levels"),
    "a count of nothing": (_known("gender", counts=(5, 0)), "a count that is not in 1 to 2**53"),
    "a score above 1": (_profile(score=tuple(x / 10 for x in QUANTILES)), "not of probabilities"),
    "no golden row": ({"golden": ()}, "there are 0 golden rows"),
    "too many golden rows": ({"golden": MODEL.golden[:1] * (MAX_GOLDEN + 1)}, "golden rows, not 1 to 32"),
    "a golden row with a fault": (_golden(gender="femal"), "golden row 1 does not satisfy the contract: 'femal'"),
    "a golden row with a note": (_golden(tenure=80.0), "golden row 1 does not satisfy the contract: tenure is 80"),
    "a golden row with a null": (_golden(totalcharges=None), "golden row 1 does not satisfy the contract"),
    "a golden row with a key more": (_golden(age=1), "does not have the features of the contract as its keys"),
    "a golden row with an identifier": (_golden(customerid="7590-VHVEG"), "does not have the features"),
    "a golden row with a key less": (_without_key(), "does not have the features of the contract as its keys"),
    "a table of minus one row": (
        {"provenance": structs.replace(MODEL.provenance, table=structs.replace(MODEL.provenance.table, rows=-1))},
        "a count of the provenance",
    ),
    "rows trained on": (_training(rows=-1), "a count of the provenance"),
    "no penalty": (_training(strength=0.0), "the strength of the penalty"),
    "flips beyond": (_proof(flips=2**53 + 1), "a count of the provenance"),
    "a negative difference": (_proof(largest_difference=-1.0), "a difference of the provenance"),
}


def test_the_model_before_it_is_changed_is_accepted() -> None:
    """The document that the other tests change is accepted as it is."""
    assert parse_artifact(_seal(), "here").model == MODEL


@pytest.mark.parametrize(("changes", "what"), WRONG.values(), ids=list(WRONG))
def test_a_model_that_contradicts_itself_is_refused(changes: dict[str, Any], what: str) -> None:
    """Types alone do not make a model: names, indices, widths, counts and golden rows are checked too."""
    assert what in refuse(_seal(**changes))


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_a_reserved_target_is_refused(name: str) -> None:
    """A target's name cannot be a key that answers and problems have already."""
    assert f"the target's name {name!r} is reserved" in refuse(_seal(**_target(name=name)))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "A-b.c_9" + "x" * 57},
        _target(name="churn_2", negative=False, positive=True),
        _target(negative=0, positive=1),
        {"profile": None, "baseline": Baseline("reference", MODEL.baseline.terms)},
        {"evaluation": None},
        {"decision": structs.replace(MODEL.decision, threshold=0.0), "evaluation": make_evaluation(0.0)},
        {"decision": structs.replace(MODEL.decision, threshold=1.0), "evaluation": make_evaluation(1.0)},
        _golden(tenure=0.0),
        _golden(seniorcitizen=0),
    ],
)
def test_the_limits_themselves_are_accepted(changes: dict[str, Any]) -> None:
    """What is just inside the rules is accepted."""
    content = _seal(**changes)
    assert seal(parse_artifact(content, "here"))[1] == content


def test_many_mistakes_are_one_sentence() -> None:
    """A thousand contradictions are shortened to one sentence."""
    field = MODEL.contract.features[0]
    contract = structs.replace(MODEL.contract, fields=(field,) * 1000)
    assert "…; correct the contract" in refuse(_seal(contract=contract))


def test_a_chain_of_nodes_at_the_limit_is_read() -> None:
    """A node in a node, as deep as a file may be, is checked without running out of stack."""
    node: Number | Stretch = Number("phoneservice")
    # The sum's inputs are the seventh level of the document.
    for _ in range(64 - 7):
        node = Stretch(node, 1.0, 0.0)
    changes = _linear(inputs=(*LINEAR.inputs, node), weights=(*LINEAR.weights, 0.0))
    assert parse_artifact(_seal(**changes), "here")
    deeper = _linear(inputs=(*LINEAR.inputs, Stretch(node, 1.0, 0.0)), weights=(*LINEAR.weights, 0.0))
    assert "nested more than 64 deep" in refuse(_seal(**deeper))
