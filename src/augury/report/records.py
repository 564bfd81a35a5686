"""The data and the contract: which rows the model comes from, what was noticed in them, and what a record must be."""

from __future__ import annotations

from augury.artifact.document import Document
from augury.card import describe_rows
from augury.contract.field_table import write_field_table
from augury.contract.fields import CategoryField, Field
from augury.markup import Child, join, tag, write_facts, write_table
from augury.report.section import Section, write_paragraphs
from augury.tables.notice import Notice, gather_notices


def write_records(document: Document, notices: tuple[Notice, ...]) -> Section:
    """Write what is known of the table, and the contract."""
    body = document.model
    table, contract = body.provenance.table, body.contract
    facts: list[tuple[str, Child]] = []
    if table is not None:
        facts.append(("table", f"{table.rows:,} rows"))
        facts.append(("fingerprint", join([tag("code", table.sha256), ", the SHA-256 of their cells"])))
    if body.profile is not None:
        facts.append(("learned from", f"{body.profile.rows:,} rows"))
    if body.evaluation is not None:
        facts.append(("evaluated on", describe_rows(body.evaluation.held_out)))
    facts.append(("other keys", "refused" if contract.unknown_key == "refuse" else "accepted, ignored and noted"))
    unlearned = "The model was compiled without a sample: levels come from the estimator, and no range is known."
    content = join(
        [
            write_paragraphs(unlearned) if table is None else None,
            write_facts(facts),
            _write_notices(notices) if notices else None,
            tag("h3", "Contract"),
            write_paragraphs(
                "What a record must be. It was learned from the table, and is held at every door; a name or a "
                "level may be written in other letter case, and with spaces or hyphens for underscores, where that is "
                "unambiguous.",
            ),
            write_field_table(contract),
            _write_spellings(contract.fields),
        ]
    )
    return Section("records", "Data and contract", content)


def _write_notices(notices: tuple[Notice, ...]) -> Child:
    rows = (
        (notice.column or "the table", notice.tell_others(), _write_option(notice.option))
        for notice in gather_notices(notices)
    )
    return join([tag("h3", "What was noticed"), write_table(("column", "noticed", "to have it otherwise"), rows)])


def _write_option(option: str) -> Child:
    return tag("code", option) if option else None


def _write_spellings(fields: tuple[Field, ...]) -> Child:
    """Write the names and levels that training saw spelt otherwise."""
    listed = [(field.name, f"{spelling!s}", "the field's name") for field in fields for spelling in field.spellings] + [
        (field.name, spelling, f"the level {level}")
        for field in fields
        if isinstance(field, CategoryField)
        for spelling, level in field.level_spellings.items()
    ]
    if not listed:
        return None
    table = write_table(("field", "spelling", "means"), listed)
    return tag("details", tag("summary", f"Other spellings that are listed ({len(listed):,})"), table)
