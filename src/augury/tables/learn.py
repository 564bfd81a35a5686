"""Learn the contract of a fitted model from a sample of the table that it was trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from augury.contract.check import RecordChecker
from augury.contract.fields import BooleanField, CategoryField, Contract, Feature, check_contract
from augury.errors import ContractError
from augury.ir.walk import Rules
from augury.profile import MIN_COUNT, QUANTILES, FieldProfile, LevelProfile, NumberProfile, Profile
from augury.tables.infer import is_key
from augury.tables.match import match_columns
from augury.tables.notice import Notice, write_option
from augury.tables.policies import NO_RULES, refuse_policies
from augury.tables.rows import FieldColumn, Rows, check_table
from augury.tables.summarise import ColumnSummary, compute_counted_quantiles, compute_quantiles, summarise
from augury.tables.table import Table
from augury.tables.teach import Taught, teach_field


class Learned(Struct, frozen=True):
    """What a sample taught.

    Args:
        contract: the model's, with kinds, ranges, spellings and policies as the sample shows them.
        rows: those of the sample that this contract accepts.
        profile_fields: the profile of the accepted rows but for the score, which needs a scorer.
        notices: what was decided and how to have it otherwise.
        target: the target column, or None where the sample has none.
    """

    contract: Contract
    rows: Rows
    profile_fields: tuple[FieldProfile, ...]
    notices: tuple[Notice, ...]
    target: str | None

    def make_profile(self, probabilities: Sequence[float]) -> Profile:
        """Make the profile, given probabilities of accepted rows."""
        return Profile(self.rows.row_count, self.profile_fields, compute_quantiles(probabilities))


def learn_contract(
    features: Sequence[Feature],
    rules: Mapping[str, Rules],
    table: Table,
    *,
    target: str | None = None,
    identifiers: Sequence[str] = (),
    correct: Callable[[Contract], Contract] | None = None,
) -> Learned:
    """Learn the contract of a model whose fields, as it knows them, are ``features``.

    Ranges and spellings come from all rows; the profile from those that the contract accepts. ``correct`` may amend
    what was learnt before the rows are checked against it.

    Raises:
        ContractError: with everything in the table that contradicts the model; and when every row is refused.
    """
    matched = match_columns([feature.name for feature in features], table, target=target, identifiers=identifiers)
    taught = [
        teach_field(
            feature,
            summarise(table, matched.columns[feature.name]),
            rules.get(feature.name, NO_RULES),
        )
        for feature in features
    ]
    _refuse_problems(taught, table.where)
    contract = Contract(fields=(*matched.identifiers, *(each.field for each in taught)))
    contract = correct(contract) if correct else contract
    check_contract(contract)
    refuse_policies(contract, rules, table.where)
    rows = check_table(contract, table, tuple(matched.columns.values()))
    _refuse_none(rows, table)
    notices = [notice for each in taught for notice in each.notices]
    known = RecordChecker(contract)
    unused = [column for column in matched.unused if known.find_field(column) is None]
    notices.extend(notice_unused(summarise(table, column)) for column in unused)
    return Learned(
        contract,
        rows,
        make_field_profiles(contract, rows),
        tuple(notices),
        matched.target,
    )


def _refuse_problems(taught: Sequence[Taught], where: str) -> None:
    problems = [each.problem for each in taught if each.problem]
    if problems:
        mend = "give the table that the model was trained on, prepared in the same way"
        raise ContractError("; ".join(problems), where=where, mend=mend)


def notice_unused(summary: ColumnSummary) -> Notice:
    """Notice a column that no field of the model reads, and whether it looks like an identifier."""
    column = summary.column
    looks_like_key = is_key(summary)
    looks = ", though it looks like an identifier: no value stands twice" if looks_like_key else ""
    return Notice(
        column,
        "identifier" if looks_like_key else "unused",
        f"{column} is not read by the model and was not used{looks}",
        write_option("--id", column) if looks_like_key else "",
    )


def _refuse_none(rows: Rows, table: Table) -> None:
    if not rows.row_count:
        reasons = "; ".join(f"{refusal.detail} ({refusal.rows:,} rows)" for refusal in rows.refusals[:3])
        what = f"not one of its {table.row_count:,} rows is accepted by the contract that it teaches: {reasons}"
        raise ContractError(what, where=table.where, mend="give the model a rule for these, or mend the table")


def make_field_profiles(contract: Contract, rows: Rows) -> tuple[FieldProfile, ...]:
    """Make the profile of each feature, in the contract's order, from the accepted rows."""
    return tuple(map(_make_field_profile, contract.features, rows.columns))


def _make_field_profile(field: Feature, column: FieldColumn) -> FieldProfile:
    counts = column.count_values()
    nulls = counts.pop(None, 0) / len(column.codes)
    if isinstance(field, BooleanField | CategoryField):
        levels = (False, True) if isinstance(field, BooleanField) else field.levels
        kept = [(level, counts[level]) for level in levels if counts.get(level, 0) >= MIN_COUNT]
        return LevelProfile(field.name, nulls, tuple(level for level, _ in kept), tuple(count for _, count in kept))
    numbers = Counter({value: count for value, count in counts.items() if isinstance(value, float)})
    # A column of nulls alone has no quantiles; zeros stand for them, and the share of nulls, 1, says so.
    return NumberProfile(field.name, nulls, compute_counted_quantiles(numbers) or (0.0,) * len(QUANTILES))
