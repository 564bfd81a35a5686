"""Amend a model: another policy or threshold is another artifact with another digest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from msgspec import Struct, ValidationError, convert, structs, to_builtins

from augury.artifact.canonical import seal
from augury.artifact.check import check_model
from augury.artifact.document import Golden, ModelBody
from augury.artifact.evaluation import Evaluation
from augury.artifact.golden import draw_golden
from augury.contract.fields import Bounds, Contract, Field, IntegerField, NumberField, check_contract
from augury.contract.nearest import find_nearest
from augury.errors import ContractError, RecordError
from augury.ir.check import find_policy_problems
from augury.law import make_law
from augury.model import Model

_Kind = TypeVar("_Kind", bound=Struct)

# A document with too few golden rows would be checked by too little when it is loaded; then they are drawn anew.
_FEWEST_GOLDEN = 8


class Amendment(Struct, frozen=True, kw_only=True):
    """What to change; what is None or empty stays. Policies are given by field.

    Args:
        name: of the model.
        threshold: the probability in [0, 1] from which the answer is true.
        unknown_key: ``note`` or ``refuse``.
        unseen, null, absent, near, far: policies by field, as :mod:`augury.contract.fields` has them.
        bounds: what is accepted, by field; values between the training range and these are noted.
    """

    name: str | None = None
    threshold: float | None = None
    unknown_key: str | None = None
    unseen: Mapping[str, str] = {}
    null: Mapping[str, str] = {}
    absent: Mapping[str, str] = {}
    near: Mapping[str, str] = {}
    far: Mapping[str, str] = {}
    bounds: Mapping[str, tuple[float, float]] = {}


def amend(model: Model, amendment: Amendment) -> Model:
    """Make the amended model.

    Another threshold leaves nothing of the decisions that the old one was evaluated by: who has the table evaluates
    anew.

    Raises:
        ContractError: a field, policy or number cannot be honoured, or the model has no rule for what it would accept.
        ArtifactError: the name is no name for a model.
    """
    body = model.document.model
    contract = _amend_contract(body.contract, amendment)
    problems = list(find_policy_problems(contract, body.predictor))
    if problems:
        raise ContractError("; ".join(problems), mend="leave that policy as it is")
    decision = body.decision
    if amendment.threshold is not None:
        if not 0.0 <= amendment.threshold <= 1.0:
            raise ContractError(f"the threshold {amendment.threshold} is not in [0, 1]", mend="give a probability")
        decision = structs.replace(decision, threshold=amendment.threshold, chosen="by hand")
    changed = structs.replace(body, name=amendment.name or body.name, contract=contract, decision=decision)
    if body.evaluation is not None and decision.threshold != body.decision.threshold:
        changed = structs.replace(changed, evaluation=_forget_decisions(body.evaluation))
    changed = structs.replace(changed, golden=_keep_golden(changed.golden, contract, changed))
    check_model(changed)
    document, _ = seal(structs.replace(model.document, model=changed))
    return Model(document)


def _forget_decisions(evaluation: Evaluation) -> Evaluation:
    """Leave out of an evaluation what was counted at a threshold that is no longer the model's."""
    groups = tuple(
        structs.replace(group, metrics=structs.replace(group.metrics, confusion=None)) for group in evaluation.groups
    )
    metrics = structs.replace(evaluation.metrics, confusion=None)
    return structs.replace(evaluation, metrics=metrics, groups=groups, profit=None)


def _amend_contract(contract: Contract, amendment: Amendment) -> Contract:
    changes: dict[str, dict[str, object]] = {}
    for policy in ("unseen", "null", "absent", "near", "far"):
        for name, value in getattr(amendment, policy).items():
            changes.setdefault(_find_field(contract, name).name, {})[policy] = value
    for name, (low, high) in amendment.bounds.items():
        field = _find_field(contract, name)
        changes.setdefault(field.name, {}).update(_amend_bounds(field, low, high))
    unknown = {} if amendment.unknown_key is None else {"unknown_key": amendment.unknown_key}
    fields = tuple(_amend_field(field, changes.get(field.name, {})) for field in contract.fields)
    amended = _convert(structs.replace(contract, fields=fields, **unknown), Contract, "the contract")
    check_contract(amended)
    return amended


def _amend_bounds(field: Field, low: float, high: float) -> dict[str, object]:
    if not isinstance(field, NumberField | IntegerField):
        raise ContractError(f"{field.name} is no number, so it has no bounds", mend="name a number or an integer")
    if not low <= high:
        raise ContractError(f"the bounds {low}:{high} of {field.name} are crossed", mend="give LOW:HIGH")
    accepted = Bounds(low, high)
    if field.seen is None:
        return {"seen": accepted, "accepted": accepted}
    # What is out of bounds must not pass for in range, so the range shrinks with the bounds.
    seen = Bounds(min(max(field.seen.low, low), high), max(min(field.seen.high, high), low))
    return {"seen": seen, "accepted": accepted}


def _amend_field(field: Field, changes: Mapping[str, object]) -> Field:
    for policy in changes:
        if policy not in field.__struct_fields__:
            kind = type(field).__name__.removesuffix("Field").lower()
            raise ContractError(f"{field.name} is of kind {kind}, which has no policy {policy!r}")
    return _convert(structs.replace(field, **changes), type(field), field.name)


def _convert(value: Struct, kind: type[_Kind], where: str) -> _Kind:
    """Decode what was replaced once more, so that its types are checked as those of a file are."""
    try:
        return convert(to_builtins(value), kind)
    except ValidationError as error:
        raise ContractError(str(error), where=where, mend="give one of the policies of that field") from None


def _find_field(contract: Contract, name: str) -> Field:
    for field in contract.fields:
        if field.name == name:
            return field
    nearest = find_nearest(name, (field.name for field in contract.fields))
    hint = f"did you mean {nearest!r}?" if nearest else "`augury inspect` lists the fields"
    raise ContractError(f"the contract has no field {name!r}", mend=hint)


def _keep_golden(golden: tuple[Golden, ...], contract: Contract, body: ModelBody) -> tuple[Golden, ...]:
    """Keep the golden rows that the amended contract still accepts without a note."""
    law = make_law(contract, body.predictor)
    kept = tuple(row for row in golden if _is_accepted(law, row))
    if len(kept) >= min(_FEWEST_GOLDEN, len(golden)):
        return kept
    return draw_golden(contract, body.profile, seed=1, compute_margin=law, is_training_row=lambda _record: False)


def _is_accepted(law: Callable[[Mapping[str, object]], float], row: Golden) -> bool:
    try:
        law(row.record)
    except RecordError:
        return False
    return True
