from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from augury.api import find_bundled
from augury.batch.options import Options
from augury.batch.run import predict_table
from augury.cli.main import main
from augury.model import Model
from augury.profile import QUANTILES
from augury.scoring import score_table
from augury.tables.read import read_table
from augury.tables.summarise import compute_quantiles
from tests.batch.conftest import Predict
from tests.batch.tables import WRITERS, Row


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_the_summary_tells_how_scores_are_distributed(
    predict: Predict, model: Model, telco_csv: Path, tmp_path: Path, suffix: str
) -> None:
    """Quantiles and the share of positives are those of the record target, from answers in any format."""
    summary = predict(telco_csv, output=tmp_path / f"out.{suffix}", part_rows=3000)
    probabilities = [float(each) for each in score_table(model, read_table(telco_csv)).probabilities]
    assert summary.scores is not None
    assert summary.scores.quantiles == pytest.approx(compute_quantiles(probabilities))
    positives = sum(probability >= model.threshold for probability in probabilities)
    assert summary.scores.positives == positives / len(probabilities)
    assert summary.scores.drift is not None
    assert summary.scores.drift.stability < 0.01


def test_fields_that_moved_are_found(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """With drift asked for, the field whose levels were swapped is the one that moved, and the others are not."""
    rows = [{**row, "Contract": "Two year"} for row in customers]
    summary = predict(WRITERS["csv"](rows, tmp_path), drift=True, part_rows=3000)
    assert summary.drift is not None
    moved = {each.field: each.distance.stability for each in summary.drift}
    assert moved.pop("contract") > 1
    assert max(moved.values()) < 0.05
    assert predict(WRITERS["csv"](rows, tmp_path)).drift is None


def test_without_a_profile_nothing_is_said_of_drift(model: Model, telco_csv: Path, tmp_path: Path) -> None:
    """An artifact without a profile is used as any other, and the summary has no drift."""
    document = model.document
    bare = Model(msgspec.structs.replace(document, model=msgspec.structs.replace(document.model, profile=None)))
    summary = predict_table(bare, Options(source=str(telco_csv), output=tmp_path / "out.csv", drift=True))
    assert summary.scores is not None
    assert (summary.scores.drift, summary.drift) == (None, None)


def test_the_summary_is_shown(customers: list[Row], tmp_path: Path) -> None:
    """On a terminal rows, refusals by field and code, scores and places; with --json the same; status 4 either way."""
    rows = [dict(row) for row in customers[:100]]
    rows[5]["gender"] = "Mal"
    source, output = WRITERS["csv"](rows, tmp_path), tmp_path / "out.csv"
    shown = CliRunner().invoke(main, ["predict", find_bundled(), source, "-o", str(output)])
    assert (shown.exit_code, shown.stderr) == (4, "")
    lines = shown.stdout.splitlines()
    assert lines[0].startswith("100 rows read for churn@")
    assert lines[1:4] == ["  99 scored, 1 refused", "  FIELD   CODE   ROWS", "  gender  level     1"]
    assert lines[-2:] == [f"written to {output}", f"refused rows are told in {tmp_path / 'out.rejects.csv'}"]
    assert "  against training: too few rows to tell, 99 (PSI" in shown.stdout
    told = CliRunner().invoke(main, ["predict", find_bundled(), source, "-o", str(output), "--json"])
    assert told.exit_code == 4
    summary = json.loads(told.stdout)
    assert summary["faults"] == [{"field": "gender", "code": "level", "rows": 1}]
    assert len(summary["scores"]["quantiles"]) == len(QUANTILES)


@pytest.mark.parametrize("rows", [199, 200])
def test_of_few_rows_no_change_is_told(customers: list[Row], tmp_path: Path, rows: int) -> None:
    """Below two hundred rows neither the scores nor a field are said to have changed, or not."""
    source = WRITERS["csv"](customers[:rows], tmp_path)
    shown = CliRunner().invoke(main, ["predict", find_bundled(), source, "-o", str(tmp_path / "o.csv"), "--drift"])
    assert ("too few rows to tell, 199" in shown.stdout) == (rows < 200)
    assert ("199 rows are too few to tell whether a field has moved" in shown.stdout) == (rows < 200)
    assert ("in a sample" in shown.stdout) == (rows >= 200)


def test_a_folder_of_parts_has_its_summary(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """A folder as output holds parts that are read in order as one table, and the summary when all are there."""
    source = WRITERS["csv"](customers, tmp_path)
    folder = tmp_path / "answers"
    predict(source, output=folder, is_folder=True, part_rows=3000)
    assert sorted(path.name for path in folder.iterdir()) == [
        "_summary.json",
        *(f"part-{number:05}.parquet" for number in range(3)),
    ]
    assert read_table(str(folder)).row_count == 7043
    assert json.loads((folder / "_summary.json").read_bytes())["rows"] == 7043
    predict(source, output=folder, is_folder=True)
    assert sorted(path.name for path in folder.iterdir()) == ["_summary.json", "part-00000.parquet"]
