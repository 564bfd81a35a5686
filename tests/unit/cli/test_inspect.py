from __future__ import annotations

from pathlib import Path

from msgspec import structs

from augury.api import load
from augury.artifact.canonical import seal
from augury.artifact.document import Document
from augury.contract.fields import IntegerField, NumberField
from augury.report.report import Report
from tests.unit.artifact.documents import make_document
from tests.unit.cli.conftest import Run


def _write(document: Document, path: Path) -> Path:
    path.write_bytes(seal(document)[1])
    return path


def test_json_is_the_artifact_itself(run: Run, artifact: Path) -> None:
    """With --json the bytes of the file come out."""
    assert run("inspect", artifact, "--json").stdout_bytes == artifact.read_bytes()


def test_every_field_has_a_line_with_its_policies(run: Run, artifact: Path) -> None:
    """The contract is a table of field, kind, what it takes and what becomes of everything else."""
    table = run("inspect", artifact).stdout.partition("SPELLINGS\n")[2].partition("\n\n")[0]
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in table.splitlines()}
    for field in make_document().model.contract.fields:
        assert rows[field.name].startswith(type(field).__name__.removesuffix("Field").lower())
    assert rows["contract"] == "category month-to-month, one_year, two_year refuse refuse unseen: note 3"
    assert rows["tenure"] == "integer 0 to 72 (bounds 0 to 144) refuse refuse near: note, far: refuse 0"
    assert rows["paperlessbilling"] == "boolean true, false refuse optional 0"
    assert rows["customerid"] == "identifier any scalar, not used accept accept 1"


def test_the_rest_is_told(run: Run, artifact: Path) -> None:
    """The digest, the formula, the decision, the baseline, the provenance and the proofs are there."""
    document = make_document()
    shown = run("inspect", artifact).stdout
    assert f"{document.model.name}@" in shown
    for said in (
        "true is 'yes', false is 'no' of 'Churn'",
        "probability = 1 / (1 + exp(-margin))",
        "probability is at least 0.5 (0.5, the middle)",
        "the average of the training table",
        "from DictVectorizer + LogisticRegression (scikit-learn 1.9.1)",
        "from a table of 1,000 rows",
        "parity with scikit-learn 1.9.1 on 1,000 rows: largest difference of margins 2.7e-15, 0 labels differ",
        "2 golden rows",
    ):
        assert said in shown


def test_what_a_sample_would_have_taught_is_named(run: Run, artifact: Path, tmp_path: Path) -> None:
    """A model without a sample says which ranges and rules are unknown; one with a sample says nothing of it."""
    assert "unknown rules" not in run("inspect", artifact).stdout
    document = make_document()
    body = document.model
    fields = tuple(
        structs.replace(field, seen=None, accepted=None) if isinstance(field, NumberField | IntegerField) else field
        for field in body.contract.fields
    )
    origin = structs.replace(body.provenance, table=None)
    contract = structs.replace(body.contract, fields=fields)
    bare = structs.replace(body, contract=contract, profile=None, provenance=origin)
    path = _write(structs.replace(document, model=bare), tmp_path / "bare.augury.json")
    shown = run("inspect", path).stdout
    assert "the range of every number: any number is accepted" in shown
    assert "the profile: what training saw is not known" in shown
    assert "what a null means in gender, " in shown


def test_no_level_steers_the_terminal(run: Run, tmp_path: Path) -> None:
    """A control character in an artifact comes out escaped."""
    document = make_document()
    origin = structs.replace(document.model.provenance, estimator="\x1b]0;title\x07")
    body = structs.replace(document.model, provenance=origin)
    shown = run("inspect", _write(structs.replace(document, model=body), tmp_path / "x.augury.json"))
    assert "\x1b" not in shown.stdout
    assert shown.exit_code in {0, 3}


def test_the_artifact_as_a_page(run: Run, artifact: Path, tmp_path: Path) -> None:
    """With --html a page is written that holds what the artifact alone knows, and nothing else is shown."""
    page = tmp_path / "churn.html"
    shown = run("inspect", artifact, "--html", page)
    assert (shown.exit_code, shown.stdout) == (0, f"wrote {page}: open it in a browser\n")
    assert page.read_text(encoding="utf-8") == Report(load(artifact)).to_html()
    assert run("inspect", artifact, "--html", page, "--json").stdout_bytes == artifact.read_bytes()


def test_a_page_that_cannot_be_written(run: Run, artifact: Path, tmp_path: Path) -> None:
    """A path in no folder is refused in one sentence."""
    refused = run("inspect", artifact, "--html", tmp_path / "absent" / "churn.html")
    assert refused.exit_code == 2
    assert "its folder does not exist" in refused.stderr
