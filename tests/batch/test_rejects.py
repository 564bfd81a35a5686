from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from augury.errors import RecordError
from augury.model import Model
from tests.batch.conftest import Predict, read_csv, write_csv
from tests.batch.tables import SAID, WRITERS, Row, read_types

# What is wrong at which row (from 1): the column and the cell there.
WRONG = {
    2: {"gender": "Mal"},
    900: {"Contract": "Threeyear", "Partner": "Perhaps"},
    901: {"Partner": "Yes\u0001"},
    2000: {"MonthlyCharges": "1e300"},
    2001: {"MonthlyCharges": "1e400"},
    4999: {"tenure": "1.5"},
    7043: {"gender": ""},
}


def _spoil(customers: list[Row]) -> list[Row]:
    return [{**row, **WRONG.get(number, {})} for number, row in enumerate(customers, 1)]


@pytest.mark.parametrize("part_rows", [None, 1000])
def test_the_reject_file_says_what_the_record_checker_says(
    predict: Predict, customers: list[Row], model: Model, tmp_path: Path, part_rows: int | None
) -> None:
    """Each fault of a refused row is a line: row, identifier, field, code and the record's own sentence."""
    spoilt = _spoil(customers)
    summary = predict(WRITERS["csv"](spoilt, tmp_path), part_rows=part_rows)
    assert (summary.rows, summary.refused) == (7043, len(WRONG))
    expected = []
    for number in WRONG:
        row = spoilt[number - 1]
        record = {
            key: (float(cell) if key in {"SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges"} else cell) or None
            for key, cell in row.items()
        } | {"SeniorCitizen": int(row["SeniorCitizen"])}
        with pytest.raises(RecordError) as refused:
            model.predict_one(record)
        expected += [
            {
                "row": str(number),
                "customerID": row["customerID"],
                "field": fault.field,
                "code": fault.code,
                "detail": fault.detail,
            }
            for fault in refused.value.faults
        ]
    assert read_csv(tmp_path / "out.rejects.csv") == expected
    refused_ids = {customers[number - 1]["customerID"] for number in WRONG}
    answered = [row["customerID"] for row in read_csv(tmp_path / "out.csv")]
    assert answered == [row["customerID"] for row in customers if row["customerID"] not in refused_ids]


@pytest.mark.parametrize("kind", ["parquet", "jsonl", "arrow", "sqlite"])
def test_typed_cells_are_refused_as_in_a_record(
    predict: Predict, customers: list[Row], model: Model, tmp_path: Path, kind: str
) -> None:
    """A level that is unknown, a null and a number out of range are told alike from every kind of typed source."""
    rows = [dict(row) for row in customers[:50]]
    rows[3]["gender"] = "Mal"
    rows[30]["tenure"] = "99999"
    rows[31]["Partner"] = "no\u001fne"
    predict(WRITERS[kind](rows, tmp_path), output=tmp_path / "out.jsonl", **SAID.get(kind, {}))
    told = [json.loads(line) for line in (tmp_path / "out.rejects.jsonl").read_text().splitlines()]
    assert [(line["row"], line["field"], line["code"]) for line in told] == [
        (4, "gender", "level"),
        (31, "tenure", "range"),
        (32, "partner", "control_character"),
    ]
    for line in told:
        with pytest.raises(RecordError) as refused:
            model.predict_one(read_types(rows[line["row"] - 1]))
        assert line["detail"] == refused.value.faults[0].detail


def test_a_key_that_a_record_lacks_is_absent_and_not_null(
    predict: Predict, customers: list[Row], tmp_path: Path
) -> None:
    """In JSON lines a key that is not there is told as absent, and a null as null."""
    rows = [dict(read_types(row)) for row in customers[:3]]
    del rows[1]["gender"]
    rows[2]["Partner"] = None
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    predict(tmp_path / "t.jsonl")
    told = read_csv(tmp_path / "out.rejects.csv")
    assert [(line["row"], line["field"], line["code"]) for line in told] == [
        ("2", "gender", "absent"),
        ("3", "partner", "null"),
    ]


def test_refused_rows_can_be_kept_in_their_place(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """With all kept, a refused row has neither probability nor label, and its faults beside them."""
    predict(WRITERS["csv"](_spoil(customers), tmp_path), keep="all")
    answers = read_csv(tmp_path / "out.csv")
    assert [row["customerID"] for row in answers] == [row["customerID"] for row in customers]
    assert answers[1] == {
        "customerID": customers[1]["customerID"],
        "churn_probability": "",
        "churn": "",
        "faults": '[{"code":"level","field":"gender"}]',
    }
    assert sum(row["faults"] != "" for row in answers) == len(WRONG)


def test_no_reject_file_stays_from_an_earlier_run(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """A run without refused rows leaves no reject file beside its answers, also where an earlier run wrote one."""
    source = Path(WRITERS["csv"](_spoil(customers[:10]), tmp_path))
    predict(source)
    assert (tmp_path / "out.rejects.csv").exists()
    WRITERS["csv"](customers[:10], tmp_path)
    predict(source)
    assert not (tmp_path / "out.rejects.csv").exists()


def test_all_rows_may_be_refused(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """A table of which nothing is accepted is answered with no answer and a line for each row."""
    rows = [{**row, "gender": "Mal"} for row in customers]
    summary = predict(WRITERS["csv"](rows, tmp_path), part_rows=3000)
    assert (summary.scored, summary.refused) == (0, 7043)
    assert read_csv(tmp_path / "out.csv") == []
    assert [line["row"] for line in read_csv(tmp_path / "out.rejects.csv")] == [str(n) for n in range(1, 7044)]


def test_an_old_reject_file_is_not_taken_for_this_runs(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """A run that refuses nothing leaves no reject file, whoever named it."""
    for named in (None, tmp_path / "named.csv"):
        old = named or tmp_path / "out.rejects.csv"
        old.write_text("row,field,code,detail\n")
        assert predict(write_csv(tmp_path / "some.csv", customers[:5]), rejects=named).rejects is None
        assert not old.exists()


def test_the_reject_file_may_be_on_another_disk(
    predict: Predict, customers: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that cannot be renamed into its place is copied beside it first, so that what is there is whole."""
    rename, moves = Path.replace, []

    def replace(self: Path, place: Path) -> Path:
        if self.parent != place.parent and place.parent.name == "disk":
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        moves.append(place)
        return rename(self, place)

    monkeypatch.setattr(Path, "replace", replace)
    (tmp_path / "disk").mkdir()
    rejects, output = tmp_path / "disk" / "r.csv", tmp_path / "disk" / "out.csv"
    (tmp_path / "link.csv").symlink_to(output)
    summary = predict(WRITERS["csv"](_spoil(customers), tmp_path), output=tmp_path / "link.csv", rejects=rejects)
    assert len({line["row"] for line in read_csv(rejects)}) == summary.refused == len(WRONG)
    assert len(read_csv(output)) == summary.scored
    assert {rejects, output} <= set(moves)
    assert sorted(path.name for path in (tmp_path / "disk").iterdir()) == ["out.csv", "r.csv"]
