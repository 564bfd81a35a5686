"""What a model is for, who decides, and what an auditor must not take from it; then the figures at a glance."""

from __future__ import annotations

from collections.abc import Iterator

from augury.artifact.document import Document, ModelBody
from augury.artifact.evaluation import Evaluation
from augury.card import describe_decision, describe_rows, find_label, write_metrics
from augury.contract.fields import IntegerField, NumberField
from augury.markup import Child, Markup, join, tag, write_facts, write_name
from augury.report.section import Section, write_list, write_paragraphs


def write_purpose(document: Document) -> Section:
    """Write what the model answers, and how far that goes."""
    body = document.model
    target = body.target
    positive, negative = write_name(str(target.positive)), write_name(str(target.negative))
    facts: list[tuple[str, Child]] = [
        ("model", tag("code", find_label(document))),
        ("question", join(["is ", write_name(target.column), " of this record ", positive, ", or ", negative, "?"])),
        ("answer", join([tag("code", f"{target.name}_probability"), ", the probability of ", positive])),
        ("decision", join([tag("code", target.name), " is true from ", describe_decision(document)])),
        ("record", f"{len(body.contract.features):,} features, listed below with what each takes"),
    ]
    content = join([write_facts(facts), tag("h3", "Intended use and limits"), write_list(list(_iter_limits(body)))])
    return Section("purpose", "What the model is for", content)


def write_glance(document: Document) -> Section:
    """Write the main figures, each with its interval."""
    evaluation = document.model.evaluation
    if evaluation is None:
        said = (
            "The artifact holds no evaluation: the model was compiled from an estimator that was trained elsewhere, "
            "and who trained it knows how well it does. Parity with that estimator is proved under provenance."
        )
        return Section("glance", "At a glance", write_paragraphs(said))
    return Section(
        "glance",
        "At a glance",
        join([tag("p", _describe_sample(evaluation, str(document.model.target.positive))), write_metrics(evaluation)]),
    )


def _describe_sample(evaluation: Evaluation, positive: str) -> Markup:
    """Say on which rows every figure was computed, and what the intervals are."""
    metrics = evaluation.metrics
    share = f"{metrics.positives / metrics.rows:.1%}" if metrics.rows else "none"
    scored = f", which the model was not fitted on: {metrics.rows:,} scored, {metrics.positives:,} of them positive ("
    intervals = (
        f", {share}). Intervals are {evaluation.confidence:.0%} bootstrap intervals from "
        f"{evaluation.resamples:,} resamples of these rows."
    )
    # The bootstrap draws rows, and rows of one group are alike.
    groups = " Whole groups vary more than rows, so they are too narrow." if evaluation.held_out.how == "group" else ""
    return join(["Computed on ", describe_rows(evaluation.held_out), scored, write_name(positive), intervals, groups])


def _iter_limits(body: ModelBody) -> Iterator[Child]:
    yield (
        "It is meant for records of the kind that it was trained on. A record that does not keep to the contract is "
        "refused with every fault named; one that is only unusual is answered with a note."
    )
    if body.evaluation is None:
        yield "How well it does is not known from the artifact."
    elif body.evaluation.held_out.how == "time":
        yield "It was evaluated on later rows than it was fitted on; how long it stays good is not known."
    elif body.evaluation.held_out.how == "table":
        yield (
            "It was evaluated on a table of its own; whether rows of that were among those fitted on, the artifact "
            "does not say."
        )
    else:
        yield (
            "The rows held out come from the same table as the rows fitted on: the figures say nothing of other "
            "times, places or customers."
        )
    if body.evaluation is not None and not body.evaluation.groups:
        yield "It was not evaluated by group: whether it does equally well for all groups is not known."
    yield "Its weights say what goes together in the training table, not what causes what."
    unbounded = [field for field in body.contract.features if isinstance(field, NumberField | IntegerField)]
    if any(field.seen is None for field in unbounded):
        yield "It was compiled without a sample, so that no range is known: a number of any size is answered."
    if body.profile is None:
        yield "What the training table looked like is not kept in the artifact."
