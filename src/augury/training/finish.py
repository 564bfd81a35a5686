"""From a fit to a model: compiled, evaluated on the rows held out, and sealed."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from augury.artifact.canonical import seal
from augury.artifact.check import check_model
from augury.artifact.document import Training
from augury.artifact.evaluation import Evaluation, HeldOut
from augury.compilation import Fitting, compile_estimator
from augury.compilation import Options as CompileOptions
from augury.errors import TableError
from augury.evaluation.curves import Curves
from augury.evaluation.draw import draw_curves, draw_thresholds
from augury.evaluation.evaluate import evaluate
from augury.ir.nodes import Decide
from augury.model import Model
from augury.scoring import Scored, score_table
from augury.tables.known_rows import KnownRows
from augury.tables.notice import Notice, count_rows
from augury.training.classes import respell
from augury.training.fit import Fit
from augury.training.material import Material
from augury.training.notices import describe_evaluation, describe_groups, describe_profit
from augury.training.proposal import keep_policies
from augury.training.recipe import list_settings
from augury.training.threshold import Policy

# Reasons that a sentence gives for rows refused.
_SHOWN = 3
# What makes the contract accept a row that is refused for a reason.
_ACCEPT = {
    "null": '--contract FILE with null = "impute"',
    "level": '--contract FILE with unseen = "note"',
    "range": "--contract FILE with wider bounds",
}


class Finished(Struct, frozen=True):
    """A model with its evaluation, the curves beside it, and what was noticed on the way."""

    model: Model
    curves: Curves
    notices: tuple[Notice, ...]


def compile_fit(material: Material, fitted: Fit, decision: Decide, name: str | None) -> tuple[Model, Any]:
    """Compile what was fitted, with the fitting rows as the sample; answer the model and the estimator.

    Raises:
        ContractError, EstimatorError, ParityError: as :func:`augury.compile` says.
    """
    prepared, spelling = material.prepared, material.recipe.spelling
    estimator = _make_estimator(fitted, takes_records=isinstance(prepared.rows, list))
    options = CompileOptions(
        name=name,
        target=respell(material.roles.target, spelling.names),
        positive=str(material.classes.positive),
        identifiers=tuple(respell(column, spelling.names) for column in material.roles.identifiers),
        contract=keep_policies(material.said, prepared, spelling.levels),
        fields=tuple(field.name for field in prepared.fields) if isinstance(prepared.rows, list) else None,
        fill=prepared.fill,
        threshold=decision.threshold,
        unseen=frozenset(prepared.rare),
    )
    fitting = Fitting(material.table, None if isinstance(prepared.rows, list) else prepared.rows)
    return compile_estimator(estimator, sample=material.sample, options=options, fitting=fitting).model, estimator


def _make_estimator(fitted: Fit, *, takes_records: bool) -> Any:
    from sklearn.pipeline import Pipeline

    if takes_records:
        return fitted.preparation, fitted.classifier
    return Pipeline([("prepare", fitted.preparation), ("classify", fitted.classifier)])


def finish(material: Material, model: Model, decision: Decide, policy: Policy, fitted: Fit) -> Finished:
    """Evaluate a model on the rows held out, and seal it with what was found.

    Raises:
        TableError: the contract refuses every row held out.
        ContractError: a row held out cannot be scored.
    """
    scored = score_table(model, material.held.table)
    evaluation, curves = _evaluate(material, scored, decision, policy, fitted.out_of_fold)
    body = model.document.model
    # A golden row is made up; where it came out like a row held out, it is left away, unless all of them did.
    held = KnownRows(scored.rows)
    golden = tuple(row for row in body.golden if not held.has(row.record)) or body.golden
    training = Training(material.sample.row_count, fitted.strength, list_settings(material.recipe))
    provenance = replace(body.provenance, training=training)
    body = replace(body, decision=decision, evaluation=evaluation, golden=golden, provenance=provenance)
    check_model(body)
    document, _ = seal(replace(model.document, model=body))
    told = (
        *_describe_refused(material, scored),
        *describe_evaluation(evaluation),
        *describe_groups(evaluation, material.by),
        *describe_profit(evaluation),
    )
    return Finished(Model(document), curves, told)


def _evaluate(
    material: Material, scored: Scored, decision: Decide, policy: Policy, out_of_fold: Any
) -> tuple[Evaluation, Curves]:
    rows, held = scored.rows, material.held
    if not rows.row_count:
        reason = f": {rows.refusals[0].detail}" if rows.refusals else ""
        what = f"the contract of the fitting rows refuses every one of the {count_rows(rows.refused)} held out{reason}"
        raise TableError(what, where=held.table.where, mend="hold rows out in another way, or correct the contract")
    labels = held.labels[list(rows.positions)]
    evaluation = evaluate(
        labels,
        scored.probabilities,
        threshold=decision.threshold,
        held_out=HeldOut(material.parts.how, material.parts.column, held.table.row_count, rows.refused),
        groups={name: column for name in material.by for column in rows.columns if column.name == name},
        offer=policy.offer,
    )
    chosen_on = None
    if policy.needs_folds:
        known = ~np.isnan(out_of_fold)
        chosen_on = draw_thresholds(material.parts.fitting_labels[known], out_of_fold[known], offer=policy.offer)
    return evaluation, draw_curves(labels, scored.probabilities, offer=policy.offer, chosen_on=chosen_on)


def _describe_refused(material: Material, scored: Scored) -> tuple[Notice, ...]:
    rows = scored.rows
    if not rows.refused:
        return ()
    first, *others = rows.refusals
    shown = "; ".join(f"{each.detail} ({count_rows(each.rows)})" for each in rows.refusals[:_SHOWN])
    more = f"; and {len(others) + 1 - _SHOWN} more" if len(others) >= _SHOWN else ""
    sentence = (
        f"the contract refuses {rows.refused:,} of the {count_rows(material.held.table.row_count)} held out, "
        f"which no figure counts: {shown if others else first.detail}{more}"
    )
    option = _ACCEPT.get(first.code, "--contract FILE that accepts them")
    return (Notice(first.field, "held_out", sentence, option, tuple(each.detail for each in rows.refusals[:_SHOWN])),)
