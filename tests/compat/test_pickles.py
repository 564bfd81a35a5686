"""What old pickles answer: the margins and probabilities that the version which wrote them gave."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from augury.frontends.estimator import read_estimator
from augury.frontends.fitted import Options
from augury.frontends.unpickle import read_pickle
from augury.ir.link import sigmoid
from tests.unit.frontends.margins import Record, check_margins

FOLDER = Path(__file__).parent / "pickles"
PICKLES = sorted((*FOLDER.glob("*/*.pkl"), *FOLDER.glob("*/*.joblib")))

# The columns of a bare matrix, in the order that is known to its author alone.
MATRIX_FIELDS = ("months", "spend", "visits")
# The columns of the frame: below 0.22 a ColumnTransformer that selects by position does not keep their names.
TABLE_FIELDS = ("plan", "region", "months", "spend", "visits", "senior", "paperless")


def name_kind(path: Path) -> str:
    """Name the kind of model in a file."""
    return path.name.partition(".")[0]


def read_answers(path: Path) -> dict[str, Any]:
    """Read what the version of a pickle wrote down beside it."""
    return json.loads((path.parent / f"{name_kind(path)}.json").read_text(encoding="utf-8"))


def find_scored() -> list[Any]:
    """List every pickle with the rows that its version scored; encoders may refuse levels that they never saw."""
    return [
        pytest.param(path, part, id=f"{path.parent.name}-{path.name}-{part}")
        for path in PICKLES
        for part in ("seen", "unseen")
        if read_answers(path)[part] is not None
    ]


def find_options(kind: str) -> Options:
    """Answer what the author of a kind has to say about it."""
    if kind.startswith("estimator"):
        return Options(fields=MATRIX_FIELDS)
    return Options(fields=TABLE_FIELDS) if kind == "columns_by_position" else Options()


def round_to_single(record: Record) -> Record:
    """Round the numbers of a record as an array of 32-bit floats holds them."""
    return {name: struct.unpack("f", struct.pack("f", record[name]))[0] for name in MATRIX_FIELDS}


@pytest.mark.parametrize(("path", "part"), find_scored())
def test_an_old_pickle_answers_what_its_version_answered(path: Path, part: str) -> None:
    """A model's margins are within the bound of those that its own version wrote down, and so are its labels."""
    kind = name_kind(path)
    scored = read_answers(path)[part]
    records = scored["records"]
    # that version rounded the numbers to 32 bits and summed them so
    unit = 2.0**-24 if kind == "estimator_float32" else 2.0**-53
    if kind == "estimator_float32":
        records = [round_to_single(record) for record in records]
    # two classes fitted as multinomial are the sigmoid of twice the margin
    factor = 2.0 if kind == "pair_multinomial" else 1.0
    fitted = read_estimator(read_pickle(path), options=find_options(kind))
    ours = check_margins(fitted, records, [factor * margin for margin in scored["margins"]], unit=unit)
    assert [sigmoid(margin) for margin in ours] == pytest.approx(scored["probabilities"], rel=0, abs=100 * unit)


@pytest.mark.parametrize("path", PICKLES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_an_old_pickle_says_who_wrote_it(path: Path) -> None:
    """The version in the file and the classes come through, and every field that is read is named."""
    answers = read_answers(path)
    fitted = read_estimator(read_pickle(path), options=find_options(name_kind(path)))
    assert fitted.versions == {"scikit-learn": answers["scikit_learn"]}
    assert [fitted.negative, fitted.positive] == answers["classes"]
    assert {field.name for field in fitted.features} <= set(answers["seen"]["records"][0])
