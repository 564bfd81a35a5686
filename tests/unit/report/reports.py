"""Reports made in code: of the small churn model, with rows whose classes are drawn from its probabilities."""

from __future__ import annotations

import random

from msgspec import structs

from augury.artifact.canonical import seal
from augury.artifact.document import Document, Golden
from augury.artifact.evaluation import HeldOut
from augury.contract.fields import BooleanField, CategoryField, Contract, IdentifierField, IntegerField, NumberField
from augury.evaluation.draw import draw_curves, draw_thresholds
from augury.evaluation.evaluate import evaluate
from augury.evaluation.offer import Offer
from augury.ir.nodes import Category, Impute, Linear, Link, Number, OneHot
from augury.model import Model
from augury.report.report import Report
from augury.tables.notice import Notice
from tests.unit.artifact.documents import make_document

ROWS = 300
OFFER = Offer(benefit=100.0, cost=5.0, accept=0.3)

# Markup, quotes, a template's sign, letters from right to left with an override, an emoji, half a surrogate pair.
HOSTILE = "\"><script>alert(1)</script>&amp;'$x${y} \u202eשלום\u200f 🦊</style></svg>]]>"
NAME = HOSTILE.replace('"', "")  # a name of a field holds no quotation mark


def make_report(
    document: Document | None = None, *, held_out: HeldOut | None = None, offer: Offer | None = OFFER
) -> Report:
    """A report with everything that a report can have."""
    document = document or make_document()
    draw = random.Random(1)
    probabilities = [draw.betavariate(1.0, 2.0) for _ in range(ROWS)]
    labels = [draw.random() < probability for probability in probabilities]
    feature = next(field for field in document.model.contract.features if isinstance(field, CategoryField))
    evaluation = evaluate(
        labels,
        probabilities,
        threshold=document.model.decision.threshold,
        held_out=held_out or HeldOut("stratified", None, ROWS, 0),
        groups={feature.name: [draw.choice(feature.levels[:2]) for _ in range(ROWS)]},
        offer=offer,
    )
    chosen_on = draw_thresholds(labels[::-1], probabilities, offer=offer)
    curves = draw_curves(labels, probabilities, offer=offer, chosen_on=chosen_on)
    sealed, _ = seal(structs.replace(document, model=structs.replace(document.model, evaluation=evaluation)))
    notices = (
        Notice("customerID", "identifier", "customerID has another value in every row", "--drop customerID"),
        Notice("", "imbalance", "every fourth row is positive"),
    )
    return Report(Model(sealed), curves, notices)


def make_bare_report(document: Document | None = None) -> Report:
    """A report of what the artifact of a compiled model alone knows."""
    document = document or make_document()
    return Report(Model(seal(structs.replace(document, model=structs.replace(document.model, evaluation=None)))[0]))


def make_hostile_document() -> Document:
    """A document in which everything that has a name has a hostile one, and a field a thousand levels."""
    body = make_document().model
    contract = Contract(
        fields=(
            IdentifierField(name=f"id{NAME}"),
            CategoryField(
                name=NAME, levels=(HOSTILE, "</td>"), level_spellings={HOSTILE.upper(): HOSTILE}, unseen="note"
            ),
            CategoryField(name="many", levels=tuple(f"{number} {HOSTILE}" for number in range(1000))),
            NumberField(name="x" * 1000 + "<b>"),
            IntegerField(name="<!--", null="impute"),
            BooleanField(name="]]>", absent="optional"),
        )
    )
    inputs = (
        OneHot(Category(NAME), (0, 1), unseen=True),
        OneHot(Category("many"), tuple(range(1000))),
        Number("x" * 1000 + "<b>"),
        Impute(Number("<!--"), 1.0),
        Impute(Number("]]>"), 0.0),
    )
    weights = (1.0, -1.0, *(0.001 * number for number in range(1000)), 0.25, -0.5, 2.0)
    record = {NAME: HOSTILE, "many": f"0 {HOSTILE}", "x" * 1000 + "<b>": 1.0, "<!--": 1, "]]>": False}
    hostile = structs.replace(
        body,
        name=HOSTILE,
        target=structs.replace(body.target, column=HOSTILE, negative=f"no {HOSTILE}", positive=HOSTILE),
        contract=contract,
        predictor=Link((Linear(inputs, weights, 0.0),)),
        decision=structs.replace(body.decision, chosen=HOSTILE),
        baseline=structs.replace(body.baseline, terms=(0.0,) * 5),
        profile=None,
        golden=(Golden(record, 1.0 + 0.25 - 0.5),),
        provenance=structs.replace(body.provenance, estimator=HOSTILE, versions={HOSTILE: HOSTILE}),
    )
    return structs.replace(make_document(), model=hostile)


def make_wide_document(n_fields: int) -> Document:
    """A document of many numbers."""
    body = make_document().model
    names = [f"f{number}" for number in range(n_fields)]
    weights = tuple(float(number) for number in range(n_fields))
    wide = structs.replace(
        body,
        contract=Contract(fields=tuple(NumberField(name=name) for name in names)),
        predictor=Link((Linear(tuple(map(Number, names)), weights, 0.0),)),
        baseline=structs.replace(body.baseline, terms=(0.0,) * n_fields),
        profile=None,
        evaluation=None,
        golden=(Golden(dict.fromkeys(names, 0.0), 0.0),),
    )
    return structs.replace(make_document(), model=wide)
