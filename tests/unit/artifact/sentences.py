"""What is asked of every refusal."""

from __future__ import annotations

import pytest

from augury.artifact.read import parse_artifact
from augury.errors import ArtifactError

PLACE = "churn.augury.json"


def refuse(content: bytes) -> str:
    """Have an artifact refused, and answer with the sentence."""
    with pytest.raises(ArtifactError) as caught:
        parse_artifact(content, PLACE)
    return check_sentence(caught.value, PLACE)


def check_sentence(error: ArtifactError, place: str) -> str:
    """Check that an error is one printable sentence that says what, where and how to mend it."""
    sentence = str(error)
    assert sentence.startswith(f"{place}: ")
    assert sentence.isprintable()
    assert len(sentence) < len(place) + 600
    assert error.what
    assert error.mend
    assert "Traceback" not in sentence
    return sentence
