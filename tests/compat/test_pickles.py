"""What old pickles answer: the margins and probabilities that the version which wrote them gave."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from augury.contract.fields import CategoryField, Contract
from augury.contract.values import UNSEEN, Value
from augury.frontends.estimator import read_estimator
from augury.frontends.fitted import Fitted, Options
from augury.frontends.unpickle import read_pickle
from augury.ir.check import check_predictor
from augury.ir.lower import lower_predictor
from augury.ir.reference import Reference

FOLDER = Path(__file__).parent / "pickles"
PICKLES = sorted((*FOLDER.glob("*/*.pkl"), *FOLDER.glob("*/*.joblib")))

# The columns of a bare matrix, in the order that is known to its author alone.
MATRIX_FIELDS = ("months", "spend", "visits")
# The columns of the frame: below 0.22 a ColumnTransformer that selects by position does not keep their names.
TABLE_FIELDS = ("plan", "region", "months", "spend", "visits", "senior", "paperless")


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


def name_kind(path: Path) -> str:
    """Name the kind of model in a file."""
    return path.name.partition(".")[0]


def find_options(kind: str) -> Options:
    """Answer what the author of a kind has to say about it."""
    if kind.startswith("estimator"):
        return Options(fields=MATRIX_FIELDS)
    return Options(fields=TABLE_FIELDS) if kind == "columns_by_position" else Options()


def read_values(fitted: Fitted, record: Mapping[str, object]) -> dict[str, Value]:
    """Answer the fields of a record as a checked one has them."""
    values: dict[str, Value] = {}
    for field in fitted.features:
        value = record[field.name]
        if value is None:
            values[field.name] = None
        elif isinstance(field, CategoryField):
            values[field.name] = value if value in field.levels else UNSEEN  # type: ignore[assignment]
        else:
            values[field.name] = value if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    return values


def find_scale(reference: Reference, fitted: Fitted, values: Mapping[str, Value]) -> tuple[int, float]:
    """Find the number of terms and the sum of their magnitudes, by which design 2.6 bounds a difference."""
    linear = fitted.predictor.margins[0]
    columns = [column for node in linear.inputs for column in reference._columns(node, values)]
    terms = [weight * column for weight, column in zip(linear.weights, columns, strict=True)]
    return len(terms), abs(linear.intercept) + sum(map(abs, terms))


def round_to_single(value: Value) -> Value:
    """Round a number as an array of 32-bit floats holds it."""
    return struct.unpack("f", struct.pack("f", value))[0] if isinstance(value, float) else value


@pytest.mark.parametrize(("path", "part"), find_scored())
def test_an_old_pickle_answers_what_its_version_answered(path: Path, part: str) -> None:
    """A model's margins are within the bound of those that its own version wrote down, and so are its labels."""
    kind = name_kind(path)
    scored = read_answers(path)[part]
    fitted = read_estimator(read_pickle(path), options=find_options(kind))
    contract = Contract(fields=fitted.features)
    check_predictor(contract, fitted.predictor)
    reference = Reference(contract, fitted.predictor)
    lowered = Reference(contract, lower_predictor(contract, fitted.predictor))
    # two classes fitted as multinomial are the sigmoid of twice the margin
    factor = 2.0 if kind == "pair_multinomial" else 1.0
    unit = 2.0**-24 if kind == "estimator_float32" else 2.0**-53
    for record, margin, probability in zip(scored["records"], scored["margins"], scored["probabilities"], strict=True):
        values = read_values(fitted, record)
        if kind == "estimator_float32":
            values = {name: round_to_single(value) for name, value in values.items()}
        ours = reference.compute_margin(values)
        count, scale = find_scale(reference, fitted, values)
        bound = (count + 8) * unit * scale
        assert abs(ours - factor * margin) <= bound
        assert abs(reference.compute_probability(values) - probability) <= bound + 4 * unit
        assert (ours >= 0.0) == (probability >= 0.5)
        assert lowered.compute_margin(values) == ours


@pytest.mark.parametrize("path", PICKLES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_an_old_pickle_says_who_wrote_it(path: Path) -> None:
    """The version in the file and the classes come through, and every field that is read is named."""
    kind = name_kind(path)
    answers = read_answers(path)
    fitted = read_estimator(read_pickle(path), options=find_options(kind))
    assert fitted.versions == {"scikit-learn": answers["scikit_learn"]}
    assert [fitted.negative, fitted.positive] == answers["classes"]
    assert {field.name for field in fitted.features} <= set(answers["seen"]["records"][0])
