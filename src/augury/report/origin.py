"""Where a model comes from, what it was proved against, and how to check that a file is this one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from augury.artifact.document import Document, Proof, Training
from augury.card import find_label
from augury.markup import Child, Markup, join, tag, write_facts, write_table
from augury.report.section import Section, write_paragraphs

# As docs/how-to/verify-an-artifact.md has it, which the tests run.
_CHECK = (
    "sed '4s/[0-9a-f]\\{64\\}/0000000000000000000000000000000000000000000000000000000000000000/' \\\n"
    "    MODEL.augury.json | sha256sum | cut -c 1-64"
)


def write_origin(document: Document) -> Section:
    """Write the estimator, the versions, the proofs and the digest."""
    body = document.model
    origin = body.provenance
    versions = ", ".join(f"{name} {version}" for name, version in origin.versions.items())
    facts: list[tuple[str, Child]] = [
        ("estimator", origin.estimator),
        ("made with", versions or "the artifact does not say"),
        ("format", f"{document.format}, which Augury {document.needs} and later read"),
        ("digest", tag("code", document.digest)),
        ("golden rows", f"{len(body.golden):,}, all computed again, bit for bit, when this page was made"),
    ]
    if origin.table is not None:
        facts.append(("table", join([f"{origin.table.rows:,} rows, SHA-256 ", tag("code", origin.table.sha256)])))
    if origin.training is not None:
        trained = f"{origin.training.rows:,} of its rows, with C = {origin.training.strength:g}"
        facts.append(("fitted on", trained))
    content = join(
        [
            write_facts(facts),
            *_write_proofs(origin.proofs),
            *_write_recipe(origin.training),
            tag("h3", "Is a file this model?"),
            write_paragraphs(
                "The digest is the SHA-256 of the file with the digest's own 64 digits as zeros. Without Augury:"
            ),
            tag("pre", _CHECK),
            write_paragraphs(
                join(
                    [
                        "This must print ",
                        tag("code", document.digest.removeprefix("sha256:")),
                        ". With Augury, ",
                        tag("code", "augury verify MODEL.augury.json"),
                        " ends with ",
                        tag("code", f"{find_label(document)} is sound"),
                        ".",
                    ]
                ),
            ),
        ]
    )
    return Section("origin", "Provenance", content)


def _write_recipe(training: Training | None) -> Iterator[Markup]:
    """Write every key of the recipe with its value; nothing for a model that was only compiled."""
    if training is not None:
        rows = [(tag("code", key), "" if value is None else str(value)) for key, value in training.recipe.items()]
        yield tag("h3", "Recipe")
        yield write_table(("key", "value"), rows)


def _write_proofs(proofs: Sequence[Proof]) -> Iterator[Markup]:
    yield tag("h3", "Parity")
    if not proofs:
        yield write_paragraphs("The artifact holds no proof of parity: no rows were at hand to compare on.")
        return
    yield write_paragraphs("The compiled scorer was compared with these, row by row.")
    rows = (
        (proof.against, proof.measure, f"{proof.rows:,}", f"{proof.largest_difference:.2g}", f"{proof.flips:,}")
        for proof in proofs
    )
    header = ("compared with", "what", "rows", "largest difference", "decisions that differ")
    yield write_table(header, rows, numbers=frozenset({2, 3, 4}))
