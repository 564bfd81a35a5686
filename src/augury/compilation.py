"""Compile a fitted estimator: what it means, what the sample teaches, the proofs, and the document.

::

    estimator ─▶ fitted ─┐
    sample ────▶ table ──┴─▶ contract ─▶ scorer ─▶ proofs ─▶ baseline · profile · golden rows ─▶ document
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from os import PathLike

from msgspec import Struct, structs

from augury import __version__
from augury.artifact.canonical import seal
from augury.artifact.check import MODEL_NAME, RESERVED, TARGET_NAME, check_model
from augury.artifact.document import (
    FORMAT,
    NEEDS,
    Baseline,
    Document,
    ModelBody,
    Proof,
    Provenance,
    TableFingerprint,
    Target,
)
from augury.artifact.golden import draw_golden
from augury.contract.fields import (
    Bounds,
    CategoryField,
    Contract,
    Field,
    IdentifierField,
    IntegerField,
    NumberField,
    check_contract,
    find_accepted_bounds,
)
from augury.contract.fold import fold
from augury.errors import ContractError, UsageError
from augury.frontends.estimator import read_estimator
from augury.frontends.fitted import Fitted
from augury.frontends.fitted import Options as ReadOptions
from augury.frontends.forget import forget_levels
from augury.frontends.unknown import describe_unknown
from augury.frontends.unpickle import read_pickle
from augury.ir.check import check_predictor
from augury.ir.link import sigmoid
from augury.ir.nodes import Decide, Linear, Link
from augury.ir.walk import find_rules
from augury.law import make_law
from augury.model import Model
from augury.proofs import Evidence, prove_estimator, prove_expected, prove_record
from augury.tables.contract_toml import Corrections, correct_contract, read_corrections
from augury.tables.known_rows import KnownRows
from augury.tables.learn import Learned, learn_contract
from augury.tables.notice import Notice
from augury.tables.read import read_table
from augury.tables.table import ABSENT, Table, compute_fingerprint

# The golden rows of a document are drawn with this seed, so that the same inputs give the same bytes.
_SEED = 1

Progress = Callable[[str], None]


class Options(Struct, frozen=True, kw_only=True):
    """What a person may say beside the estimator and the sample; :func:`augury.compile` explains each."""

    name: str | None = None
    target: str | None = None
    positive: str | None = None
    identifiers: tuple[str, ...] = ()
    contract: Contract | Corrections | str | None = None
    fields: tuple[str, ...] | None = None
    fill: Mapping[str, float | str] = {}
    optional: frozenset[str] = frozenset()
    threshold: float = 0.5
    # Categories of which training saw levels too rare to be told: these are forgotten, and others like them noted.
    unseen: frozenset[str] = frozenset()


class Compiled(Struct, frozen=True):
    """A compiled model, what was noticed on the way, and the rules that stay unknown because there was no sample."""

    model: Model
    notices: tuple[Notice, ...]
    unknown: tuple[str, ...]


class Fitting(Struct, frozen=True):
    """What the one who fitted the estimator knows beside the sample.

    Args:
        whole: the table of which the sample is a part; its fingerprint is told.
        living: a frame of the sample's rows as the estimator itself takes them, where the sample is not one.
    """

    whole: Table
    living: object = None


def compile_estimator(
    source: object,
    *,
    sample: object = None,
    expect: str | PathLike[str] | None = None,
    options: Options | None = None,
    fitting: Fitting | None = None,
    progress: Progress = lambda _step: None,
) -> Compiled:
    """Compile an estimator, or the pickle at a path, into a model; ``progress`` is told each step in a few words.

    ``fitting`` is what only the one who fitted the estimator knows.

    Raises:
        EstimatorError, TableError, ContractError, ParityError, UsageError: as :func:`augury.compile` says.
    """
    options = options or Options()
    check_options(options)
    progress("reading the estimator")
    estimator = read_pickle(source) if isinstance(source, str | PathLike) else source
    table = None if sample is None else read_table(sample)
    read = forget_levels(_read_fitted(estimator, table, options), options.unseen)
    _check_optional(read, options)
    target, fitted = _choose_target(read, options)
    if table is not None:
        progress("learning the contract from the sample")
    contract, learned = _find_contract(fitted, table, options)
    check_predictor(contract, fitted.predictor)
    evidence = Evidence(contract, fitted.predictor, learned, options.threshold)
    progress("proving parity")
    proofs = [prove_record(evidence)]
    if not isinstance(source, str | PathLike):
        is_turned = target.positive != read.positive
        frame = sample if fitting is None or fitting.living is None else fitting.living
        proof = prove_estimator(evidence, estimator, frame, fill=options.fill, is_turned=is_turned)
        proofs.extend([proof] if proof is not None else [])
    if expect is not None:
        proofs.append(prove_expected(evidence, expect, table, target.name))
    progress("drawing golden rows")
    body = _make_body(fitted, target, evidence, tuple(proofs), options)
    provenance = structs.replace(body.provenance, table=_make_fingerprint(table if fitting is None else fitting.whole))
    body = structs.replace(body, provenance=provenance)
    check_model(body)
    document, _ = seal(Document(FORMAT, NEEDS, "", body))
    return Compiled(
        Model(document),
        learned.notices if learned else (),
        () if learned else _describe_unknown(fitted, contract, options),
    )


def check_options(options: Options) -> None:
    """Refuse what no document can hold before any work is done.

    Raises:
        UsageError: the threshold is no probability, or the name none of a model.
    """
    if not 0.0 <= options.threshold <= 1.0:
        raise UsageError(f"the threshold {options.threshold} is no probability", mend="give a number in [0, 1]")
    if options.name is not None and not MODEL_NAME.fullmatch(options.name):
        mend = "give 1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first"
        raise UsageError(f"{options.name!r} is no name for a model", mend=mend)


def _read_fitted(estimator: object, table: Table | None, options: Options) -> Fitted:
    """Read the estimator; then once more where records of the sample lack fields, which then count as missing."""
    reading = _make_read_options(options)
    fitted = read_estimator(estimator, options=reading)
    names = {fold(feature.name): feature.name for feature in fitted.features}
    lacking = {
        names[fold(column)]
        for index, column in enumerate(table.columns if table else ())
        if fold(column) in names and table is not None and ABSENT in table.coded[index].cells
    }
    if lacking <= options.optional:
        return fitted
    return read_estimator(estimator, options=structs.replace(reading, optional=options.optional | lacking))


def _make_read_options(options: Options) -> ReadOptions:
    return ReadOptions(fields=options.fields, fill=options.fill, optional=options.optional)


def _check_optional(fitted: Fitted, options: Options) -> None:
    """Refuse to make a field optional that the model has no rule for, and name the option that gives it one."""
    rules = find_rules(fitted.predictor)
    strict = sorted(name for name in options.optional if not rules[name].missing)
    if strict:
        what = f"the model has no rule for a record without {', '.join(map(repr, strict))}, so --optional cannot hold"
        raise UsageError(what, mend="say what stands for a missing value: --fill FIELD=VALUE")


def _choose_target(fitted: Fitted, options: Options) -> tuple[Target, Fitted]:
    """Name the target, and turn the model round where the first class is asked for."""
    column = options.target or options.name
    if column is None:
        raise UsageError("what the model predicts has no name", mend="say --target COLUMN, or --name NAME")
    negative, positive = fitted.negative, fitted.positive
    if options.positive is not None and fold(options.positive) != fold(str(positive)):
        if fold(options.positive) != fold(str(negative)):
            mend = f"say --positive {negative} or --positive {positive}"
            raise UsageError(f"the estimator has no class {options.positive!r}", mend=mend)
        negative, positive = positive, negative
        fitted = structs.replace(fitted, predictor=_negate(fitted.predictor))
    return Target(make_key(options), column, negative, positive), fitted


def _negate(predictor: Link) -> Link:
    """Predict the other class: every sign turned, which changes no other bit."""
    margins = tuple(
        Linear(linear.inputs, tuple(-weight for weight in linear.weights), -linear.intercept)
        for linear in predictor.margins
    )
    return Link(margins, predictor.function)


def make_key(options: Options) -> str:
    """Make the answer's key: the target column's name as a slug, or where that cannot be one, the model's name.

    Raises:
        UsageError: neither can be one.
    """
    for name in (options.target, options.name):
        slug = re.sub(r"[^a-z0-9]+", "_", (name or "").lower()).strip("_")
        if TARGET_NAME.fullmatch(slug) and slug not in RESERVED:
            return slug
    what = f"{options.target or options.name!r} makes no key for the answer: it begins with no letter, or is reserved"
    raise UsageError(what, mend="say --name NAME")


def _find_contract(fitted: Fitted, table: Table | None, options: Options) -> tuple[Contract, Learned | None]:
    """Learn the contract from the sample, or make it from what the estimator alone knows."""
    rules = find_rules(fitted.predictor)
    corrections = read_corrections(options.contract) if isinstance(options.contract, str) else options.contract

    def correct(contract: Contract) -> Contract:
        contract = structs.replace(
            contract,
            fields=tuple(_allow(_include_fill(field, options.fill), options) for field in contract.fields),
        )
        return contract if corrections is None else correct_contract(contract, corrections, rules)

    if table is None:
        return correct(_make_bare_contract(fitted, options.identifiers)), None
    learned = learn_contract(
        fitted.features,
        rules,
        table,
        target=options.target,
        identifiers=options.identifiers,
        correct=correct,
    )
    return learned.contract, learned


def _allow(field: Field, options: Options) -> Field:
    """Accept records without a field, or with an unseen level, of which the author says so, whatever the sample has."""
    if isinstance(field, IdentifierField):
        return field
    if field.name in options.optional:
        field = structs.replace(field, absent="optional")
    if isinstance(field, CategoryField) and field.name in options.unseen:
        field = structs.replace(field, unseen="note")
    return field


def _describe_unknown(fitted: Fitted, contract: Contract, options: Options) -> tuple[str, ...]:
    """Name what stays unknown without a sample, when the corrections by hand have said what they say."""
    if options.contract is None:
        return fitted.unknown
    if isinstance(options.contract, Contract):
        corrected = {fold(field.name) for field in options.contract.fields}
    else:
        said = options.contract
        corrected = set(map(fold, (read_corrections(said) if isinstance(said, str) else said).fields))
    return describe_unknown(
        contract.features,
        fitted.predictor,
        _make_read_options(options),
        takes_records=fitted.takes_records,
        has_names=fitted.has_names,
        corrected=[field.name for field in contract.features if fold(field.name) in corrected],
    )


def _make_bare_contract(fitted: Fitted, identifiers: tuple[str, ...]) -> Contract:
    """Make the contract from what the estimator alone knows."""
    read = {fold(feature.name): feature.name for feature in fitted.features}
    for name in identifiers:
        if fold(name) in read:
            what = f"{read[fold(name)]!r} is read by the model, so it is no identifier"
            raise ContractError(what, mend=f"leave out --id {name}")
    contract = Contract(fields=(*(IdentifierField(name=name) for name in identifiers), *fitted.features))
    check_contract(contract)
    return contract


def _include_fill(field: Field, fill: Mapping[str, float | str]) -> Field:
    """Widen the range of a number by what the author's preparation put for its blanks: training saw that too."""
    if not isinstance(field, NumberField | IntegerField) or field.null != "impute" or field.name not in fill:
        return field
    filled, seen = float(fill[field.name]), field.seen
    if seen is None or seen.low <= filled <= seen.high:
        return field
    seen = Bounds(min(seen.low, filled), max(seen.high, filled))
    return structs.replace(field, seen=seen, accepted=find_accepted_bounds(seen))


def _make_body(
    fitted: Fitted, target: Target, evidence: Evidence, proofs: tuple[Proof, ...], options: Options
) -> ModelBody:
    learned, contract = evidence.learned, evidence.contract
    profile = learned.make_profile([sigmoid(margin) for margin in evidence.margins]) if learned else None
    known = KnownRows(learned.rows) if learned else None
    golden = draw_golden(
        contract,
        profile,
        seed=_SEED,
        compute_margin=make_law(contract, fitted.predictor),
        is_training_row=lambda record: known is not None and known.has(record),
    )
    return ModelBody(
        name=options.name or target.name,
        target=target,
        contract=contract,
        predictor=fitted.predictor,
        decision=Decide(options.threshold, "0.5, the middle" if options.threshold == 0.5 else "by hand"),
        evaluation=None,
        baseline=Baseline("average" if learned else "reference", evidence.find_baseline()),
        profile=profile,
        golden=golden,
        provenance=Provenance(
            fitted.estimator,
            {"augury": __version__, **fitted.versions},
            proofs=proofs,
        ),
    )


def _make_fingerprint(table: Table | None) -> TableFingerprint | None:
    return None if table is None else TableFingerprint(table.row_count, compute_fingerprint(table))
