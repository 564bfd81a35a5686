"""Everything that is settled before anything is fitted: classes, split, contract, prepared rows, folds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from augury.contract.fields import CategoryField, Contract
from augury.contract.nearest import find_nearest
from augury.errors import ContractError, TableError, UsageError
from augury.tables.contract_toml import Corrections
from augury.tables.leak import find_leaks
from augury.tables.notice import Notice
from augury.tables.read import read_table
from augury.tables.rows import Rows, check_table
from augury.tables.table import Table, find_spelt
from augury.training.classes import Classes, find_classes
from augury.training.fit import Job
from augury.training.notices import describe_balance, describe_nulls, describe_rare, describe_refusals, describe_weights
from augury.training.options import Options
from augury.training.prepare import Prepared, prepare_rows
from augury.training.proposal import find_said_identifiers, propose, read_said
from augury.training.recipe import Recipe
from augury.training.roles import Roles, find_roles
from augury.training.split import Fold, Parts, check_fitting, make_folds, part_rows
from augury.training.target import label_rows

# A table of 1,000 columns takes half a minute, mostly proofs and checks that go from field to field; one of more than
# this is seldom a table of customers, and more often one that was turned the wrong way.
_MOST_FIELDS = 5000


class Held(Struct, frozen=True):
    """The rows held out, with the columns that may spell a field, and whether each is positive."""

    table: Table
    labels: Any


class Material(Struct, frozen=True):
    """What is fitted and evaluated.

    Args:
        table: as it was read.
        recipe: with what the options say otherwise.
        roles: of its columns.
        classes: of the target.
        parts: which rows are on which side; of the fitting ones those that the contract accepts.
        sample: the fitting rows, with the columns that the model reads, identifiers and the target.
        held: the rows held out.
        said: what a person says of the contract.
        prepared: the fitting rows for the estimator.
        folds: for out-of-fold predictions; none where nothing is chosen.
        by: the fields by which the evaluation is told again, in the recipe's spelling.
        notices: so far.
    """

    table: Table
    recipe: Recipe
    roles: Roles
    classes: Classes
    parts: Parts
    sample: Table
    held: Held
    said: Corrections | None
    prepared: Prepared
    folds: Sequence[Fold]
    by: tuple[str, ...]
    notices: tuple[Notice, ...]

    def make_job(self) -> Job:
        """Make the job of fitting."""
        prepared = self.prepared
        # An array of both makes room for the longer text.
        pair: Any = np.array([self.classes.negative, self.classes.positive])
        return Job(
            steps=prepared.steps,
            rows=prepared.rows,
            classes=pair[self.parts.fitting_labels.astype(int)],
            positive=self.classes.positive,
            strengths=self.recipe.classifier.strengths,
            folds=self.folds,
            fold_steps=prepared.fold_steps,
            fold_rows=prepared.fold_rows,
        )


def gather(table: Table, options: Options, recipe: Recipe) -> Material:
    """Settle everything that comes before the fit.

    Raises:
        TableError, ContractError, UsageError: the table, the contract or an option makes a fit impossible.
    """
    said = read_said(options.contract)
    roles = _find_roles(table, options, said)
    classes, notices = find_classes(table, roles.target, options.positive, recipe.spelling.levels)
    labelled = label_rows(table, classes, roles.target, recipe.spelling.levels)
    parts = part_rows(table, labelled, roles, recipe.split, has_test=options.test is not None)
    fitting = table.take(parts.fitting.tolist())
    proposal = propose(fitting, roles, said, recipe.categories.rare)
    _check_width(proposal.contract, table.where)
    by = _find_by(options.by, proposal.contract)
    held = _find_held(table, parts, proposal.contract, roles, classes, options, recipe)
    rows = _check_rows(proposal.contract, fitting)
    parts, fitting = _keep_accepted(parts, fitting, rows)
    prepared = prepare_rows(proposal.contract.features, rows, recipe)
    needs_folds = len(recipe.classifier.strengths) > 1 or options.policy.needs_folds
    folds, fewer = make_folds(parts, recipe.classifier.folds, recipe.split.seed) if needs_folds else ([], [])
    if needs_folds and not folds:
        what = "the folds of the rows to fit on would lack a class, so that nothing can be chosen by cross-validation"
        raise TableError(what, where=table.where, mend="give more rows, or a recipe with one C and a fixed threshold")
    notices.extend(notice for notice in proposal.notices if notice.code != "rare" or notice.column in proposal.dropped)
    notices.extend(_describe(proposal.contract, rows, prepared, parts, recipe, options))
    return Material(
        table=table,
        recipe=recipe,
        roles=roles,
        classes=classes,
        parts=parts,
        sample=_select(fitting, _list_columns(proposal.contract, roles)),
        held=held,
        said=said,
        prepared=prepared,
        folds=folds,
        by=tuple(prepared.fields[place].name for place in by),
        notices=(*notices, *fewer),
    )


def _find_roles(table: Table, options: Options, said: Corrections | None) -> Roles:
    identifiers = [*options.identifiers]
    identifiers += [name for name in find_said_identifiers(said, table) if not find_spelt(name, identifiers)]
    return find_roles(
        table,
        target=options.target,
        identifiers=identifiers,
        drop=options.drop,
        time=options.time,
        group=options.group,
    )


def _check_width(contract: Contract, where: str) -> None:
    """Refuse more fields than can be learned and proved in time.

    Raises:
        ContractError: there are more.
    """
    count = len(contract.features)
    if count > _MOST_FIELDS:
        what = f"the model would read {count:,} columns, more than {_MOST_FIELDS:,}"
        raise ContractError(what, where=where, mend="leave out those that say little with --drop")


def _find_by(names: Sequence[str], contract: Contract) -> tuple[int, ...]:
    """Find the features by which the evaluation is told again, by their places."""
    features = [field.name for field in contract.features]
    places = []
    for name in names:
        spelt = find_spelt(name, features)
        if len(spelt) != 1:
            nearest = find_nearest(name, features)
            hint = f"did you mean {nearest!r}?" if nearest else f"the fields are {', '.join(features)}"
            raise UsageError(f"--by {name}: the model reads no such field", mend=hint)
        places.append(features.index(spelt[0]))
    return tuple(dict.fromkeys(places))


def _list_columns(contract: Contract, roles: Roles) -> list[str]:
    return [*(field.name for field in contract.fields), roles.target]


def _select(table: Table, names: Sequence[str]) -> Table:
    """Select columns by name."""
    coded = tuple(column for column in table.coded if column.name in set(names))
    return Table(tuple(column.name for column in coded), coded, table.row_count, table.is_text, table.where)


def _find_held(  # noqa: PLR0913, PLR0917 - the rows held out hang on all of them
    table: Table,
    parts: Parts,
    contract: Contract,
    roles: Roles,
    classes: Classes,
    options: Options,
    recipe: Recipe,
) -> Held:
    """Find the rows held out: of the table itself, or of one of their own.

    Raises:
        TableError: that table has no target column, no row whose class is known, or other classes.
    """
    if options.test is None:
        kept = _select(table, [field.name for field in contract.fields])
        return Held(kept.take(parts.held.tolist()), parts.held_labels)
    test = read_table(options.test, delimiter=options.delimiter)
    spelt = find_spelt(roles.target, test.columns)
    if len(spelt) != 1:
        what = f"the table of rows held out has no column {roles.target!r}"
        raise TableError(what, where=test.where, mend="give a table with the same columns by --test")
    labelled = label_rows(test, classes, spelt[0], recipe.spelling.levels)
    if not len(labelled.positions):
        what = f"no row of the table has a class in {spelt[0]}"
        raise TableError(what, where=test.where, mend="give rows whose class is known by --test")
    return Held(test.take(labelled.positions.tolist()), labelled.labels)


def _check_rows(contract: Contract, fitting: Table) -> Rows:
    """Check the fitting rows; a level that is not listed is refused whatever the policy, for nothing is known of it."""
    fields = tuple(
        replace(field, unseen="refuse") if isinstance(field, CategoryField) else field for field in contract.fields
    )
    return check_table(replace(contract, fields=fields), fitting, [field.name for field in contract.features])


def _keep_accepted(parts: Parts, fitting: Table, rows: Rows) -> tuple[Parts, Table]:
    """Keep the fitting rows that the contract accepts.

    Raises:
        TableError: too few are left.
    """
    if not rows.refused:
        return parts, fitting
    kept = np.asarray(rows.positions, dtype=np.int64)
    try:
        check_fitting(parts.fitting_labels[kept], fitting.where)
    except TableError as error:
        first = rows.refusals[0]
        what = f"{error.what}, for the contract refuses {rows.refused:,}: {first.detail}"
        raise TableError(what, where=fitting.where, mend="correct the contract, or mend the table") from None
    parts = replace(
        parts,
        fitting=parts.fitting[kept],
        fitting_labels=parts.fitting_labels[kept],
        keys=None if parts.keys is None else parts.keys[kept],
    )
    return parts, fitting.take(kept.tolist())


def _describe(
    contract: Contract, rows: Rows, prepared: Prepared, parts: Parts, recipe: Recipe, options: Options
) -> Iterator[Notice]:
    columns = {known.name: field.name for known, field in zip(prepared.fields, contract.features, strict=True)}
    yield from describe_refusals(rows)
    yield from describe_nulls(contract.features, rows, recipe)
    yield from describe_rare(columns, prepared.rare, recipe)
    yield from find_leaks(rows.columns, parts.fitting_labels.astype(int).tolist())
    yield from describe_weights(recipe)
    if options.policy.fixed is not None and recipe.classifier.class_weight == "none":
        yield from describe_balance(float(parts.fitting_labels.mean()))
