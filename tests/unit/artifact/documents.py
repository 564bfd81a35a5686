"""A small churn model, made in code: nineteen features, an identifier, every kind of field and every node."""

from __future__ import annotations

import hashlib
import re

from augury.artifact.canonical import seal
from augury.artifact.document import (
    FORMAT,
    NEEDS,
    Baseline,
    Document,
    Golden,
    ModelBody,
    Proof,
    Provenance,
    TableFingerprint,
    Target,
    Training,
)
from augury.contract.check import RecordChecker, find_values
from augury.contract.fields import (
    BooleanField,
    Bounds,
    CategoryField,
    Contract,
    Feature,
    IdentifierField,
    IntegerField,
    NumberField,
    find_accepted_bounds,
)
from augury.ir.nodes import (
    Bin,
    Category,
    Clip,
    Decide,
    Impute,
    Input,
    Linear,
    Link,
    Lookup,
    Missing,
    Number,
    OneHot,
    Regroup,
    Standardize,
    Stretch,
)
from augury.ir.reference import Reference
from augury.ir.walk import find_width
from augury.profile import QUANTILES, FieldProfile, LevelProfile, NumberProfile, Profile
from tests.unit.artifact.evaluations import make_evaluation

YES_NO = ("no", "yes")
SERVICE = ("no", "no_internet_service", "yes")
TEXTS: dict[str, tuple[str, ...]] = {
    "gender": ("female", "male"),
    "partner": YES_NO,
    "dependents": YES_NO,
    "multiplelines": ("no", "no_phone_service", "yes"),
    "internetservice": ("dsl", "fiber_optic", "no"),
    "onlinesecurity": SERVICE,
    "onlinebackup": SERVICE,
    "deviceprotection": SERVICE,
    "techsupport": SERVICE,
    "streamingtv": SERVICE,
    "streamingmovies": SERVICE,
    "contract": ("month-to-month", "one_year", "two_year"),
    "paymentmethod": ("bank_transfer_(automatic)", "credit_card_(automatic)", "electronic_check", "mailed_check"),
}


def make_contract() -> Contract:
    """Thirteen texts, an integer category, two booleans, two numbers, an integer and an identifier."""
    tenure, charges, total = Bounds(0.0, 72.0), Bounds(18.25, 118.75), Bounds(0.0, 8684.8)
    return Contract(
        fields=(
            IdentifierField(name="customerid", spellings=("customerID",)),
            *(CategoryField(name=name, levels=levels) for name, levels in TEXTS.items() if name != "contract"),
            CategoryField(
                name="contract",
                spellings=("Contract",),
                levels=TEXTS["contract"],
                level_spellings={"Month-to-month": "month-to-month", "One year": "one_year"},
                unseen="note",
            ),
            CategoryField(name="seniorcitizen", levels=(0, 1), null="impute"),
            BooleanField(name="phoneservice"),
            BooleanField(name="paperlessbilling", absent="optional"),
            IntegerField(name="tenure", seen=tenure, accepted=find_accepted_bounds(tenure)),
            NumberField(name="monthlycharges", seen=charges, accepted=find_accepted_bounds(charges), near="refuse"),
            NumberField(name="totalcharges", null="impute", seen=total, accepted=find_accepted_bounds(total)),
        )
    )


def make_predictor() -> Link:
    """Every node of the intermediate representation, in a sum that stays between about -3 and 3."""
    total = Impute(Number("totalcharges"), 1397.475)
    plain = (OneHot(Category(name), tuple(range(len(levels)))) for name, levels in TEXTS.items() if name != "contract")
    inputs: tuple[Input, ...] = (
        *plain,
        OneHot(Regroup(Category("contract"), 2, (0, 1, 1), unseen=1), (0, 1)),
        OneHot(Category("contract"), (1, 2), unseen=True),
        Lookup(Category("seniorcitizen"), (-0.0, 0.25), missing=0.0625),
        Impute(Number("paperlessbilling"), 0.0),
        Number("phoneservice"),
        Standardize(Number("tenure"), 32.37, 24.56),
        OneHot(Bin(Number("tenure"), (6.0, 12.0, 24.0, 48.0)), (0, 1, 3, 4)),
        Clip(Stretch(Number("monthlycharges"), 0.009950248756218905, -0.18159203980099503), 0.0, 1.0),
        Standardize(total, 2281.9169281556156, 2266.6101807145),
        Missing("totalcharges"),
    )
    width = sum(map(find_width, inputs))
    # Weights of all signs and of many digits, as a fit gives them.
    weights = tuple(round((7 * at % 19 - 9) / 30 + at / 7e3, 17) for at in range(width))
    return Link((Linear(inputs, weights, -0.1210338),))


def make_profile(contract: Contract) -> Profile:
    """A profile with the quantiles and counts of a made-up table of a thousand rows."""
    return Profile(1000, tuple(map(_make_field_profile, contract.features)), tuple(0.05 + 0.9 * q for q in QUANTILES))


def _make_field_profile(field: Feature) -> FieldProfile:
    nulls = 0.0015 if field.null == "impute" else 0.0
    if isinstance(field, NumberField | IntegerField):
        assert field.seen is not None
        low, high = field.seen.low, field.seen.high
        quantiles = tuple(low + (high - low) * share for share in QUANTILES)
        if isinstance(field, IntegerField):
            quantiles = tuple(float(round(quantile)) for quantile in quantiles)
        return NumberProfile(field.name, nulls, quantiles)
    levels = field.levels if isinstance(field, CategoryField) else (False, True)
    return LevelProfile(field.name, nulls, levels, tuple(1000 // (at + 2) for at in range(len(levels))))


def make_document() -> Document:
    """The whole document, unsealed, with two golden rows."""
    contract, predictor = make_contract(), make_predictor()
    reference, checker = Reference(contract, predictor), RecordChecker(contract)
    records: list[dict[str, str | int | float | bool | None]] = [make_record(), make_record()]
    del records[1]["paperlessbilling"]
    margins = [reference.compute_margin(find_values(contract, checker.check(record.items()))) for record in records]
    body = ModelBody(
        name="churn",
        target=Target("churn", "Churn", "no", "yes"),
        contract=contract,
        predictor=predictor,
        decision=Decide(0.5),
        evaluation=make_evaluation(0.5),
        baseline=Baseline("average", tuple(at / 64 for at in range(len(contract.features)))),
        profile=make_profile(contract),
        golden=tuple(Golden(record, margin) for record, margin in zip(records, margins, strict=True)),
        provenance=Provenance(
            "DictVectorizer + LogisticRegression",
            {"scikit-learn": "1.9.1"},
            TableFingerprint(1000, hashlib.sha256(b"a table").hexdigest()),
            (Proof("scikit-learn 1.9.1", "margins", 1000, 2.7e-15, 0),),
            Training(800, 0.5, {"numbers.scale": "none", "split.seed": 1, "split.stratified": True}),
        ),
    )
    return Document(FORMAT, NEEDS, "", body)


def make_record() -> dict[str, str | int | float | bool | None]:
    """A record that satisfies the contract without a note."""
    return {
        **{name: levels[-1] for name, levels in TEXTS.items()},
        "seniorcitizen": 1,
        "phoneservice": True,
        "paperlessbilling": False,
        "tenure": 41.0,
        "monthlycharges": 79.85,
        "totalcharges": 3320.75,
    }


def make_artifact() -> bytes:
    """The bytes of the sealed document."""
    return seal(make_document())[1]


def reseal(content: bytes) -> bytes:
    """Give changed bytes the digest that they should have, by other code than that of the project."""
    place = re.compile(rb'(\A(?:[^\n]*\n){0,5}?[^\n]*"digest":\s*"sha256:)[0-9a-f]{64}', re.DOTALL)
    blank = place.sub(rb"\g<1>" + b"0" * 64, content, count=1)
    digits = hashlib.sha256(blank).hexdigest().encode()
    return place.sub(rb"\g<1>" + digits, blank, count=1)
