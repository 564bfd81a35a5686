"""What one column of a sample teaches about one field that a model reads."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from augury.contract.fields import (
    BooleanField,
    Bounds,
    CategoryField,
    Feature,
    IntegerField,
    NumberField,
    find_accepted_bounds,
    find_folding_levels,
)
from augury.contract.fold import fold, has_control_character
from augury.ir.walk import Rules
from augury.tables.cells import parse_truth
from augury.tables.match import find_other_spelling
from augury.tables.notice import Notice, count_rows, show_texts, write_option
from augury.tables.summarise import ColumnSummary


class Taught(Struct, frozen=True):
    """A field with what its column taught; ``problem`` says why the column cannot be this field's."""

    field: Feature
    notices: tuple[Notice, ...] = ()
    problem: str = ""


def teach_field(feature: Feature, summary: ColumnSummary, rules: Rules) -> Taught:
    """Teach a field of the model its kind, range, spellings and policies from the column that holds it."""
    spellings = (*feature.spellings, *find_other_spelling(feature.name, summary.column))
    return _teach_policies(_teach_kind(replace(feature, spellings=spellings), summary), summary, rules)


def _teach_kind(field: Feature, summary: ColumnSummary) -> Taught:
    match field:
        case CategoryField():
            return _teach_levels(field, summary) if field.is_text else _teach_integer_levels(field, summary)
        case BooleanField():
            return _teach_boolean(field, summary)
        case NumberField() | IntegerField():
            return _teach_number(field, summary)


# --- kinds


def _teach_number(field: NumberField | IntegerField, summary: ColumnSummary) -> Taught:
    if summary.sort == "boolean":
        common = {"name": field.name, "spellings": field.spellings, "null": field.null, "absent": field.absent}
        return Taught(BooleanField(**common))  # type: ignore[arg-type]
    words = [text for text in summary.texts if not text.isspace() and text] if summary.sort != "number" else []
    seen = summary.seen
    if seen is None:
        if not (words or summary.others or summary.infinities or summary.booleans):
            empty = Notice(summary.column, "empty", f"{summary.column} holds no value, so its range stays unknown")
            return Taught(field, (empty,))
        holds = f"text such as {show_texts(words)}" if words else "no finite number"
        what = f"the model reads {field.name!r} as a number, but {summary.column!r} holds {holds}"
        return Taught(field, problem=what)
    return Taught(_make_numeric(field, summary, seen), tuple(_notice_number(field, summary)))


def _make_numeric(field: NumberField | IntegerField, summary: ColumnSummary, seen: Bounds) -> Feature:
    common = {"name": field.name, "spellings": field.spellings, "null": field.null, "absent": field.absent}
    if summary.is_flag:
        return CategoryField(levels=(0, 1), **common)  # type: ignore[arg-type]
    kind = IntegerField if summary.is_integral else NumberField
    policies = {"near": field.near, "far": field.far}
    return kind(seen=seen, accepted=find_accepted_bounds(seen), **common, **policies)  # type: ignore[arg-type]


def _notice_number(field: Feature, summary: ColumnSummary) -> list[Notice]:
    notices: list[Notice] = []
    column = summary.column
    if summary.is_integral and summary.points and (summary.seen or Bounds(0, 0)).high > 1:
        sentence = f"{column} holds whole numbers only, though written as decimals; a fraction will be refused"
        notices.append(Notice(column, "integral", sentence, f'--contract FILE with kind = "number" for {field.name}'))
    strange = summary.filled - summary.numbers.total() - summary.blanks
    if strange:
        rows = count_rows(strange)
        notices.append(Notice(column, "type", f"{column} holds no finite number in {rows}, which were not used"))
    return notices


def _teach_boolean(field: BooleanField, summary: ColumnSummary) -> Taught:
    if summary.filled and not summary.booleans and not any(isinstance(parse_truth(t), bool) for t in summary.texts):
        what = f"the model reads {field.name!r} as true or false, which {summary.column!r} does not hold"
        return Taught(field, problem=what)
    return Taught(field)


def _teach_integer_levels(field: CategoryField, summary: ColumnSummary) -> Taught:
    unknown = {f"{number:g}": count for number, count in summary.numbers.items() if number not in field.levels}
    return _judge_levels(field, summary, unknown, summary.numbers.total())


def _teach_levels(field: CategoryField, summary: ColumnSummary) -> Taught:
    """List the table's spellings of the levels, and notice the levels that the model does not know."""
    folding = find_folding_levels(field)
    spellings: dict[str, str] = {}
    unknown: dict[str, int] = {}
    for text, count in summary.texts.items():
        level = folding.get(fold(text))
        if text in field.levels or text in field.level_spellings:
            continue
        if level is None or has_control_character(text):
            unknown[text] = count
        else:
            spellings[text] = level
    order = {level: index for index, level in enumerate(field.levels)}
    ordered = sorted(spellings.items(), key=lambda item: (order[item[1]], item[0]))
    listed = replace(field, level_spellings=field.level_spellings | dict(ordered))
    return _judge_levels(listed, summary, unknown, summary.texts.total())


def _judge_levels(field: CategoryField, summary: ColumnSummary, unknown: dict[str, int], candidates: int) -> Taught:
    column = summary.column
    if summary.filled and sum(unknown.values()) == candidates:
        sort = "text" if field.is_text else "integers"
        holds = f"holds none of its levels, but {show_texts(list(unknown))}" if unknown else f"holds no {sort}"
        what = f"the model reads {field.name!r} as a category of {sort}, and {column!r} {holds}"
        return Taught(field, problem=what)
    if not unknown:
        return Taught(field)
    levels = f"levels that the model does not know, {show_texts(list(unknown))}"
    sentence = f"{column} holds {levels}, in {count_rows(sum(unknown.values()))}; they are refused"
    option = f'--contract FILE with unseen = "note" for {field.name}, where the model has a rule for them'
    return Taught(field, (Notice(column, "level", sentence, option),))


# --- policies


def _teach_policies(taught: Taught, summary: ColumnSummary, rules: Rules) -> Taught:
    """Accept null and absent where the sample has them and the model has a rule; else say what would give it one."""
    field, notices = taught.field, list(taught.notices)
    is_text = isinstance(field, CategoryField) and field.is_text
    nulls = summary.nulls + (0 if is_text else summary.blanks)
    if nulls and rules.missing:
        field = replace(field, null="impute")
    elif nulls and field.null == "refuse":
        what = f"{summary.column} is {'blank' if summary.is_text else 'null'} in {count_rows(nulls)}"
        sentence = f"{what}, and the model has no rule for that; they are refused"
        notices.append(Notice(summary.column, "null", sentence, write_option("--fill", f"{field.name}=VALUE")))
    if summary.absents and rules.missing:
        field = replace(field, absent="optional")
    elif summary.absents and field.absent == "refuse":
        sentence = f"{count_rows(summary.absents)} lack {summary.column}, and the model has no rule for that"
        option = write_option("--fill", f"{field.name}=VALUE")
        notices.append(Notice(summary.column, "absent", f"{sentence}; they are refused", option))
    return Taught(field, tuple(notices), taught.problem)
