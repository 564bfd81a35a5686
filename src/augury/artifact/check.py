"""Check a model that came from a file: everything that its types do not say already."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from augury.artifact.check_evaluation import find_evaluation_problems
from augury.artifact.check_profile import find_profile_problems
from augury.artifact.document import Golden, ModelBody, Target
from augury.contract.fields import MAX_EXACT_INTEGER, Contract, check_contract
from augury.contract.wire import RecordDoor
from augury.errors import ArtifactError
from augury.ir.check import check_predictor
from augury.ir.reference import exact_sum
from augury.ir.walk import find_field

MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# As long as a model's name, for one is often made from the other.
TARGET_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
# What answers, problems and rejects already have as keys.
RESERVED = frozenset({"notes", "contributions", "faults", "errors", "type", "title", "status", "detail", "margin"})
# Names longer than this make no sentence and no column of a database.
_MAX_NAME = 256
# A spelling stands for a table or a recipe that spells the field so; there are two or three.
_MAX_SPELLINGS = 100
# Golden rows are scored at every load: more would make loading slow and prove nothing further.
MAX_GOLDEN = 32


def check_model(model: ModelBody) -> None:
    """Check a model as a whole.

    Raises:
        ArtifactError: with the first thing that is wrong.
        ContractError: the contract, or the predictor against it, is wrong.
    """
    _raise_first(_find_name_problems(model), "model")
    check_contract(model.contract)
    check_predictor(model.contract, model.predictor)
    _raise_first(_find_problems(model), "model")


def find_target_problems(target: Target) -> Iterator[str]:
    """Find what is wrong with a target: its name is the key of the answer, its classes must differ."""
    if not TARGET_NAME.fullmatch(target.name):
        yield f"the target's name {target.name!r} is not lower-case letters, digits and underscores after a letter"
    if target.name in RESERVED:
        yield f"the target's name {target.name!r} is reserved for other keys of the answer"
    if len(target.column) > _MAX_NAME:
        yield f"the target column's name is longer than {_MAX_NAME} characters"
    if target.negative == target.positive:
        yield f"both classes are {target.positive!r}"


def _raise_first(problems: Iterator[str], where: str) -> None:
    for problem in problems:
        raise ArtifactError(problem, where=where, mend="compile the model again")


def _find_name_problems(model: ModelBody) -> Iterator[str]:
    if not MODEL_NAME.fullmatch(model.name):
        yield f"the model's name {model.name!r} is not 1 to 64 letters, digits, dots, hyphens and underscores"
    yield from find_target_problems(model.target)
    for field in model.contract.fields:
        if len(field.spellings) > _MAX_SPELLINGS:
            yield f"a field has {len(field.spellings)} spellings, more than {_MAX_SPELLINGS}"
        for name in (field.name, *field.spellings):
            if len(name) > _MAX_NAME:
                yield f"a field's name is longer than {_MAX_NAME} characters: {name[:60]!r}…"


def _find_problems(model: ModelBody) -> Iterator[str]:
    read = {find_field(node) for linear in model.predictor.margins for node in linear.inputs}
    unread = [field.name for field in model.contract.features if field.name not in read]
    if unread:
        yield f"the predictor does not read {unread[0]!r}, which the contract demands"
    # A comparison that NaN fails too.
    if not 0.0 <= model.decision.threshold <= 1.0:
        yield f"the threshold {model.decision.threshold} is not in [0, 1]"
    yield from _find_baseline_problems(model)
    yield from _find_count_problems(model)
    if model.evaluation is not None:
        yield from find_evaluation_problems(model.contract, model.decision.threshold, model.evaluation)
    if model.profile is not None:
        yield from find_profile_problems(model.contract, model.profile)
    yield from _find_golden_problems(model.contract, model.golden)


def _find_baseline_problems(model: ModelBody) -> Iterator[str]:
    features, terms = len(model.contract.features), model.baseline.terms
    if len(terms) != features:
        yield f"the baseline has {len(terms)} terms for {features} features"
    if not all(map(math.isfinite, terms)):
        yield "a term of the baseline is not finite"
    try:
        exact_sum((model.predictor.margins[0].intercept, *terms))
    except OverflowError:
        yield "the margin of the baseline is not finite"


def _find_count_problems(model: ModelBody) -> Iterator[str]:
    table, proofs = model.provenance.table, model.provenance.proofs
    training = model.provenance.training
    counts = [table.rows] if table is not None else []
    counts.extend([training.rows] if training is not None else [])
    counts.extend(number for proof in proofs for number in (proof.rows, proof.flips))
    if not all(0 <= count <= MAX_EXACT_INTEGER for count in counts):
        yield "a count of the provenance is not in 0 to 2**53"
    if any(not 0.0 <= proof.largest_difference < math.inf for proof in proofs):
        yield "a difference of the provenance is negative or not finite"
    if training is not None and not 0.0 < training.strength < math.inf:
        yield "the strength of the penalty is not a positive number"


def _find_golden_problems(contract: Contract, golden: tuple[Golden, ...]) -> Iterator[str]:
    if not 1 <= len(golden) <= MAX_GOLDEN:
        yield f"there are {len(golden)} golden rows, not 1 to {MAX_GOLDEN}"
        return
    names = {field.name for field in contract.features}
    required = {field.name for field in contract.features if field.absent == "refuse"}
    # Keys come first: the slow path would look for what each of a million of them resembles.
    for number, row in enumerate(golden, 1):
        if not required <= row.record.keys() <= names:
            yield f"golden row {number} does not have the features of the contract as its keys"
        if not math.isfinite(row.margin):
            yield f"the margin of golden row {number} is not finite"
    door = RecordDoor(contract)
    for number, row in enumerate(golden, 1):
        if door.convert_fast(row.record) is None:
            _, checked = door.convert_slow(row.record)
            for found in (*checked.faults, *checked.notes):
                yield f"golden row {number} does not satisfy the contract: {found.detail}"
