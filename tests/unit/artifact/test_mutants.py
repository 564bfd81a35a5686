from random import Random

import pytest

from augury.artifact.canonical import digest, render_exact
from augury.artifact.document import Document
from augury.artifact.read import parse_artifact
from augury.contract.check import RecordChecker, find_values
from augury.errors import ArtifactError
from augury.ir.lower import lower_predictor
from augury.ir.reference import Reference
from augury.profile import draw_record
from tests.unit.artifact.documents import make_artifact
from tests.unit.artifact.mutants import mutate
from tests.unit.artifact.sentences import PLACE, check_sentence

CONTENT = make_artifact()


def _try_mutants(seed: int, count: int) -> tuple[int, int]:
    """Read mutants; answer with how many were accepted and how many records they scored."""
    accepted = scored = 0
    for number in range(count):
        random = Random(f"{seed} {number}")
        content = mutate(CONTENT, random)
        try:
            document = parse_artifact(content, PLACE)
        except ArtifactError as error:
            check_sentence(error, PLACE)
            continue
        assert (render_exact(document), digest(content)) == (content, document.digest)
        accepted += 1
        scored += _score(document, random)
    return accepted, scored


def _score(document: Document, random: Random) -> int:
    """Score records that the contract accepts: every answer is a probability, or the margin is too large."""
    model = document.model
    checker = RecordChecker(model.contract)
    reference = Reference(model.contract, model.predictor)
    lowered = Reference(model.contract, lower_predictor(model.contract, model.predictor))
    records = [row.record for row in model.golden]
    records.extend(dict(draw_record(model.contract, profile, random)) for profile in (None, model.profile))
    first = records[0]
    nulls = {field.name: None for field in model.contract.features if field.null == "impute"}
    unseen = {field.name: "never seen" for field in model.contract.features if getattr(field, "unseen", "") == "note"}
    records.extend(({**first, **nulls}, {**first, **unseen}, {**first, **nulls, **unseen}))
    scored = 0
    for record in records:
        checked = checker.check(record.items())
        if checked.faults:
            continue
        values = find_values(model.contract, checked)
        try:
            probability = reference.compute_probability(values)
        except OverflowError:
            continue
        assert 0.0 <= probability <= 1.0
        assert reference.compute_margin(values) == lowered.compute_margin(values)
        scored += 1
    return scored


def test_a_sealed_mutant_is_refused_or_scores() -> None:
    """An artifact that was changed and sealed again is refused in one sentence, or everything that is checked holds."""
    accepted, scored = _try_mutants(seed=0, count=1000)
    # Changes of texts, thresholds and weights are models too; were none accepted, nothing behind would be tried.
    assert 50 < accepted < 500
    assert scored > 3 * accepted


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 51))
def test_a_million_sealed_mutants_are_refused_or_score(seed: int) -> None:
    """The same of a million mutants."""
    accepted, _ = _try_mutants(seed, count=20_000)
    assert accepted > 1000
