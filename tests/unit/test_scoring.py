from __future__ import annotations

import csv
import io
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest
from msgspec import structs

from augury.artifact.canonical import seal
from augury.artifact.document import Document
from augury.errors import ContractError, RecordError, TableError
from augury.ir.lower import lower_predictor
from augury.ir.nodes import Link
from augury.model import Model
from augury.profile import draw_record
from augury.scoring import score_table
from augury.tables.read import read_table
from tests.unit.artifact.documents import make_document, make_record

DOCUMENT, _ = seal(make_document())
MODEL = Model(DOCUMENT)


def _draw(count: int) -> list[dict[str, object]]:
    random = Random(5)
    records = [dict(draw_record(MODEL.contract, DOCUMENT.model.profile, random)) for _ in range(count)]
    for record in records[::7]:
        # What is accepted with a note takes another path, and so does a listed spelling.
        record |= {"contract": "never seen", "totalcharges": None}
    records[-1]["contract"] = "One year"
    return records


def _write_csv(records: list[dict[str, object]], path: Path) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(records[0]))
    writer.writeheader()
    writer.writerows({key: "" if value is None else value for key, value in record.items()} for record in records)
    path.write_text(text.getvalue())
    return path


def test_a_table_scores_as_its_records_do() -> None:
    """Every probability is bit for bit that of the record alone, whichever path it took."""
    records = _draw(50)
    scored = score_table(MODEL, read_table(records))
    assert scored.probabilities.dtype == np.float64
    assert scored.rows.refused == 0
    assert scored.probabilities.tolist() == [MODEL.predict_one(record).probability for record in records]


def test_refused_rows_are_left_out() -> None:
    """Probabilities are of the accepted rows, whose positions tell which these are."""
    records = _draw(5)
    records[1]["gender"], records[4]["tenure"] = "femal", -999
    scored = score_table(MODEL, read_table(records))
    assert (list(scored.rows.positions), scored.rows.refused) == ([0, 2, 3], 2)
    assert scored.probabilities.tolist() == [MODEL.predict_one(records[at]).probability for at in (0, 2, 3)]


def test_a_table_of_refused_rows_has_no_probabilities() -> None:
    """Where no row is accepted there is nothing to score, and that is no error."""
    scored = score_table(MODEL, read_table([{**make_record(), "gender": "femal"}]))
    assert (scored.probabilities.size, scored.rows.refused) == (0, 1)


@pytest.mark.parametrize("kind", ["path", "frame", "dicts"])
def test_predict_proba_takes_every_kind_of_table(kind: str, tmp_path: Path) -> None:
    """A path, a frame and a list of dicts give the array that scikit-learn would, one row each in its place."""
    records = _draw(20)
    sources = {"path": _write_csv(records, tmp_path / "rows.csv"), "frame": pd.DataFrame(records), "dicts": records}
    found = MODEL.predict_proba(sources[kind])
    assert found.shape == (20, 2)
    assert found[:, 1].tolist() == [MODEL.predict_one(record).probability for record in records]
    assert (found.sum(axis=1) == 1.0).all()


def test_refused_rows_are_named_with_their_faults() -> None:
    """The first three refused rows are told with what is wrong in each, and the rest is counted."""
    records = _draw(12)
    for record in records[2:]:
        record["gender"] = "femal"
    records[3] = {"gender": "female"}
    with pytest.raises(ContractError) as caught:
        MODEL.predict_proba(records)
    sentence = str(caught.value)
    assert "10 of 12 rows are refused: row 3: 'femal' is not a level of gender" in sentence
    assert "row 4: " in sentence
    assert " (and 14 more)" in sentence
    assert "; and 7 more rows; mend them, or leave them out" in sentence
    assert "row 6" not in sentence


def test_one_refused_row_is_all_that_is_told() -> None:
    """Where the sentence names every refused row, it counts no further ones."""
    records = _draw(3)
    records[1]["tenure"] = -999
    with pytest.raises(ContractError, match="1 of 3 rows are refused: row 2: tenure") as caught:
        MODEL.predict_proba(records)
    assert "more" not in str(caught.value)


def test_what_is_no_table_is_refused() -> None:
    """A table that cannot be read is the reader's error."""
    with pytest.raises(TableError):
        MODEL.predict_proba("no-such-table.csv")


def _weigh(weights: tuple[float, ...], intercept: float) -> Model:
    (linear,) = DOCUMENT.model.predictor.margins
    changed = structs.replace(linear, weights=weights, intercept=intercept)
    body = structs.replace(DOCUMENT.model, predictor=Link((changed,)))
    return _Overflowing(structs.replace(DOCUMENT, model=body))


class _Overflowing(Model):
    """A model whose golden rows are not scored: no document with such weights would be accepted."""

    def __init__(self, document: Document) -> None:
        from augury.targets.record import compile_record

        super().__init__(DOCUMENT)
        self.document = document
        self.function = compile_record(self.contract, lower_predictor(self.contract, document.model.predictor))


def test_a_margin_beyond_a_double_names_its_row() -> None:
    """Numbers that are too large for the weights are refused with the row, as the record alone is."""
    (linear,) = DOCUMENT.model.predictor.margins
    model = _weigh((1.7e308,) * len(linear.weights), 1.7e308)
    with pytest.raises(RecordError, match="margin is not finite"):
        model.predict_one(make_record())
    with pytest.raises(ContractError, match="the numbers of row 1 are so large that its margin is not finite"):
        model.predict_proba([make_record()])
