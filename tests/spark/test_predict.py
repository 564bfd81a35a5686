"""`augury predict … --engine spark`: tables at paths of Spark's, into folders of Spark's."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from click.testing import CliRunner, Result
from pyspark.sql import Row, SparkSession

from augury.api import find_bundled, load_bundled
from augury.cli.main import main
from augury.prediction import Prediction
from tests.batch.tables import make_arrow, read_types
from tests.engines.spark import find_java
from tests.spark.test_frames import BROKEN

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def customers(telco_csv: Path) -> list[dict[str, str]]:
    """The rows of the real table, as texts."""
    with telco_csv.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def expected(customers: list[dict[str, str]]) -> dict[str, Prediction]:
    """The prediction of each customer, one record after the other."""
    model = load_bundled()
    return {row["customerID"]: model.predict_one(read_types(row)) for row in customers}


@pytest.fixture
def predict(spark: SparkSession) -> Run:
    """Run the command on the session at work."""
    assert spark is SparkSession.getActiveSession()

    def run(*arguments: object) -> Result:
        said = ["predict", find_bundled(), *map(str, arguments), "--engine", "spark"]
        return CliRunner().invoke(main, said)

    return run


def _write_csv(path: Path, rows: Sequence[Mapping[str, str]], delimiter: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def _spoil(customers: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    for row in customers:
        column, cell, _ = BROKEN.get(row["customerID"], ("", "", ""))
        yield {**row, column: cell or ""} if column else row


def _read_rows(spark: SparkSession, folder: Path) -> dict[str, Row]:
    rows = spark.read.parquet(str(folder)).collect()
    found = {row["customerID"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def _write_folder(customers: list[dict[str, str]], folder: Path) -> str:
    for number, start in enumerate(range(0, len(customers), 2000)):
        (folder / "t" / f"part={number:03}").mkdir(parents=True)
        table = make_arrow(customers[start : start + 2000])
        pa.parquet.write_table(table, folder / "t" / f"part={number:03}" / "a.parquet")
    return str(folder / "t")


def _write_pattern(customers: list[dict[str, str]], folder: Path) -> str:
    _write_csv(folder / "one.csv", customers[:4000])
    _write_csv(folder / "two.csv", customers[4000:])
    return f"file://{folder}/*.csv"


@pytest.mark.parametrize("write", [_write_folder, _write_pattern], ids=["folder", "pattern"])
def test_a_table_has_the_decisions_of_its_records(
    predict: Run,
    spark: SparkSession,
    customers: list[dict[str, str]],
    expected: dict[str, Prediction],
    tmp_path: Path,
    write: Callable[[list[dict[str, str]], Path], str],
) -> None:
    """A folder of Parquet, and a URL with a pattern of CSV, as Spark takes them, are answered as record by record."""
    ran = predict(write(customers, tmp_path), "-o", tmp_path / "scores", "--id", "Contract", "--json")
    assert ran.exit_code == 0, ran.output
    answers = _read_rows(spark, tmp_path / "scores")
    assert answers.keys() == expected.keys()
    for key, prediction in expected.items():
        assert answers[key]["churn_probability"] == pytest.approx(prediction.probability, rel=2e-14)
        assert answers[key]["churn"] == prediction.label
    assert list(answers["7590-VHVEG"].asDict()) == ["customerID", "Contract", "churn_probability", "churn"]
    summary = json.loads(ran.stdout)
    assert (summary["rows"], summary["scored"], summary["refused"], summary["rejects"]) == (7043, 7043, 0, None)
    assert summary["scores"]["positives"] == sum(each.label for each in expected.values()) / 7043
    probabilities = sorted(each.probability for each in expected.values())
    assert summary["scores"]["quantiles"][7] == pytest.approx(probabilities[3521], abs=1e-3)
    assert summary["scores"]["drift"]["stability"] < 0.01


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_values_in_names_of_folders_are_texts(
    predict: Run, spark: SparkSession, customers: list[dict[str, str]], tmp_path: Path, form: str
) -> None:
    """A partition called 007 is no 7, in Parquet and in CSV, and the session keeps its own setting."""
    folder = tmp_path / f"t.{form}" / "region=007"
    folder.mkdir(parents=True)
    if form == "csv":
        _write_csv(folder / "a.csv", customers[:3])
    else:
        pa.parquet.write_table(make_arrow(customers[:3]), folder / "a.parquet")
    ran = predict(folder.parent, "-o", tmp_path / "scores", "--id", "region")
    assert ran.exit_code == 0, ran.output
    assert [row["region"] for row in _read_rows(spark, tmp_path / "scores").values()] == ["007"] * 3
    assert spark.conf.get("spark.sql.sources.partitionColumnTypeInference.enabled") == "true"
    assert spark.conf.get("spark.sql.codegen.hugeMethodLimit") == "65535"


def test_refused_rows_are_told_in_a_folder_of_their_own(
    predict: Run, spark: SparkSession, customers: list[dict[str, str]], tmp_path: Path
) -> None:
    """Each has its identifier and its codes there, no number anywhere, and the status is 4."""
    source = _write_csv(tmp_path / "t.csv", list(_spoil(customers)))
    ran = predict(source, "-o", tmp_path / "scores/")
    assert ran.exit_code == 4, ran.output
    assert "7,037 scored, 6 refused" in ran.stdout
    assert f"refused rows are told in {tmp_path}/scores.rejects\n" in ran.stdout
    told = {key: json.loads(row["faults"]) for key, row in _read_rows(spark, tmp_path / "scores.rejects").items()}
    assert told == {key: [{"code": code, "field": column.lower()}] for key, (column, _, code) in BROKEN.items()}
    assert _read_rows(spark, tmp_path / "scores").keys() == {row["customerID"] for row in customers} - BROKEN.keys()


def test_csv_goes_in_and_out_as_it_stands(
    predict: Run, spark: SparkSession, customers: list[dict[str, str]], tmp_path: Path
) -> None:
    """Quotes, blanks and backslashes of an identifier are kept, and --keep all has every row, in a folder of CSV."""
    names = [' "a", b\\" ', "007", "\\", "Ö;,'"]
    rows = [{**row, "customerID": name} for row, name in zip(customers, names, strict=False)]
    rows[1]["Contract"] = "Weekly"
    source = _write_csv(tmp_path / "t.tsv", rows, delimiter="\t")
    ran = predict(source, "-o", tmp_path / "scores.csv", "--keep", "all", "--json")
    assert ran.exit_code == 4, ran.output
    files = sorted((tmp_path / "scores.csv").glob("part-*.csv"))
    answers = [row for file in files for row in csv.DictReader(file.read_text("utf-8").splitlines())]
    assert {row["customerID"] for row in answers} == set(names)
    assert {row["customerID"]: row["faults"] for row in answers if row["faults"]} == {
        "007": '[{"code":"level","field":"contract"}]'
    }
    summary = json.loads(ran.stdout)
    assert summary["faults"] == [{"field": "contract", "code": "level", "rows": 1}]
    assert summary["rejects"] == str(tmp_path / "scores.rejects.csv")
    assert spark.read.csv(summary["rejects"], header=True).count() == 1


def test_what_is_there_is_replaced_when_that_is_said(
    predict: Run, spark: SparkSession, customers: list[dict[str, str]], tmp_path: Path
) -> None:
    """A folder that is there is refused; with --force both are replaced, and no old refused row is left."""
    bad = _write_csv(tmp_path / "bad.csv", [{**customers[0], "tenure": "1000"}, customers[1]])
    good = _write_csv(tmp_path / "good.csv", customers[:3])
    assert predict(bad, "-o", tmp_path / "scores").exit_code == 4
    again = predict(good, "-o", tmp_path / "scores")
    assert (again.exit_code, again.stderr) == (
        2,
        f"augury: {tmp_path}/scores: something is here already; name another folder, or replace it by --force\n",
    )
    assert predict(good, "-o", tmp_path / "scores", "--force").exit_code == 0
    assert len(_read_rows(spark, tmp_path / "scores")) == 3
    assert _read_rows(spark, tmp_path / "scores.rejects") == {}


def test_nothing_is_replaced_but_what_a_run_has_written(
    predict: Run, customers: list[dict[str, str]], tmp_path: Path
) -> None:
    """--force deletes neither the table that is read, wherever it lies, nor files of other makers."""
    (tmp_path / "home" / "table").mkdir(parents=True)
    source = _write_csv(tmp_path / "home" / "table" / "part-1.csv", customers[:3])
    for said, sentence in [
        (("-o", source.parent), "it would take the place of what is read"),
        (("-o", tmp_path / "home"), "it would take the place of what is read"),
        (("-o", tmp_path / "new", "--rejects", source), "it would take the place of what is read"),
        (("-o", tmp_path / "new/", "--rejects", tmp_path / "new"), "-o and --rejects name the same folder"),
    ]:
        ran = predict(source, *said, "--force")
        assert ran.exit_code == 2
        assert sentence in ran.stderr
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").touch()
    ran = predict(source, "-o", tmp_path / "letters", "--force")
    assert "it has files that no run has written, as dear.txt" in ran.stderr
    assert source.is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "letters"]


def _write_text(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


_HEADER = "customerID,tenure,MonthlyCharges"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("none.csv", None, "none.csv: nothing is there; check the path"),
        ("foo://x/y", None, "foo://x/y: Spark knows no file system of this scheme; check the path"),
        ("s3a://crm/customers", None, "s3a://crm/customers: Spark lacks what reads paths of this scheme; give"),
        ("t.parquet", "PAR1 and then nothing", "this is no Parquet file, or not a whole one"),
        ("t.jsonl", '{"tenure": 1}\n', "JSON has a type for each cell, and Spark one for a column; give Parquet"),
        ("sqlite:///crm.db", None, "Spark reads and writes Parquet and CSV here"),
        ("postgresql://me:secret@crm/crm", None, "postgresql://crm/crm: a database is not read by Spark here"),
        ("t.csv", f"{_HEADER}\na,1,2\n", "the table has no column for"),
        ("t.csv", "{all},customerid\n{row},b\n", "two columns have one name, or two files have other columns"),
        ("t.csv", "{all}\n", "the table has no rows"),
        ("t.csv", "{all}\n{row}\na,secret\n", "a line has fewer or more cells than the header"),
        ("t.csv", "{all}\n{row},secret\n", "a line has fewer or more cells than the header"),
        ("t.csv", '{all},x\n{row},"secret\nsecret"\n', "or a line break in a cell"),
        ("t.csv", "{all},x,X\n{row},1,2\n", "two columns have one name, or two files have other columns"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_sentence(
    predict: Run, customers: list[dict[str, str]], tmp_path: Path, name: str, text: str | None, sentence: str
) -> None:
    """Each says what is wrong and how to mend it, without Java's trace, Spark's brackets and any row's cells."""
    cells = {"all": ",".join(customers[0]), "row": ",".join(customers[0].values())}
    source = name if "://" in name else str(tmp_path / name)
    if text is not None:
        for word, put in cells.items():
            text = text.replace(f"{{{word}}}", put)
        _write_text(tmp_path, name, text)
    ran = predict(source, "-o", tmp_path / "scores")
    assert ran.exit_code == 2, ran.output
    assert sentence in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert not any(word in ran.stderr for word in ("secret", "org.apache", "SQLSTATE", "Caused by"))


def test_files_of_other_columns_are_one_sentence(predict: Run, customers: list[dict[str, str]], tmp_path: Path) -> None:
    """A column that one file alone has is read, and one of two types is refused, whichever file Spark saw first."""
    typed = [read_types(row) for row in customers[:4]]
    (tmp_path / "t").mkdir()
    for name, rows in [("a", [{k: v for k, v in row.items() if k != "tenure"} for row in typed[:2]]), ("b", typed[2:])]:
        pa.parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "t" / f"{name}.parquet")
    ran = predict(tmp_path / "t", "-o", tmp_path / "scores", "--json")
    assert json.loads(ran.stdout)["faults"] == [{"field": "tenure", "code": "null", "rows": 2}]
    pa.parquet.write_table(pa.Table.from_pylist([{**typed[0], "tenure": "1"}]), tmp_path / "t" / "c.parquet")
    ran = predict(tmp_path / "t", "-o", tmp_path / "scores", "--force")
    assert ran.stderr == f"augury: {tmp_path}/t: two files have other types of columns; give files of one table\n"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (("--resume",), "--resume does not go with --engine spark: Spark tries a task again by itself"),
        (("--memory", "1GB"), "by spark.executor.memory; leave it out"),
        (("--threads", "2"), "by spark.executor.cores; leave it out"),
        (("--drift",), "--drift does not go with --engine spark: no sample of the fields is kept there"),
        (("--part-rows", "5"), "--part-rows does not go with --engine spark"),
        (("--table", "t"), "--table does not go with --engine spark"),
        (("--explain",), "--explain is told of one record"),
        (("--id", "Contrct"), "the table has no column 'Contrct' (nearest is 'Contract')"),
        (("--map", "Nobody=tenure"), "the table has no column 'Nobody'"),
        (("-o", "foo://x/y"), "foo://x/y: Spark knows no file system of this scheme"),
        (("-o", "scores.jsonl"), "JSON has a type for each cell"),
        (("-o", "/proc/scores"), "/proc/scores: the folder cannot be made"),
    ],
)
def test_what_cannot_be_honoured_is_told(
    predict: Run, customers: list[dict[str, str]], tmp_path: Path, said: tuple[str, ...], sentence: str
) -> None:
    """Each is one sentence with status 2, and no answers are written."""
    source = _write_csv(tmp_path / "t.csv", customers[:2])
    ran = predict(source, "-o", tmp_path / "scores", *said)
    assert ran.exit_code == 2, ran.output
    assert sentence in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_a_table_whose_rows_have_no_name_is_refused(
    predict: Run, customers: list[dict[str, str]], tmp_path: Path
) -> None:
    """No row has a number there, so that a column must say whose row it is; and nothing goes without a place."""
    rows = [{key: value for key, value in row.items() if key != "customerID"} for row in customers[:2]]
    source = _write_csv(tmp_path / "t.csv", rows)
    ran = predict(source, "-o", tmp_path / "scores")
    assert "rows have no number, and the table has no identifier; name a column by --id" in ran.stderr
    assert "nothing says where the answers go" in predict(source).stderr


def test_a_run_that_is_stopped_says_what_is_left(predict: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with status 130, and the sentence says how a whole folder is told from another."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("augury.batch.on_spark.predict_on_spark", stop)
    ran = predict("t.parquet", "-o", tmp_path / "scores")
    assert ran.exit_code == 130
    assert (
        ran.stderr == f"augury: stopped; what is left in {tmp_path}/scores has no _SUCCESS, and --force replaces it\n"
    )


def test_a_job_is_submitted(customers: list[dict[str, str]], tmp_path: Path) -> None:
    """spark-submit runs the command with a master of its own, and the session is ended by it."""
    source = _write_csv(tmp_path / "t.csv", customers[:50])
    job = tmp_path / "job.py"
    job.write_text("from augury.cli.main import main\n\nmain()\n")
    submit = Path(sys.prefix) / "bin" / "spark-submit"
    java = find_java()
    assert java is not None
    environment = {**os.environ, "JAVA_HOME": java, "PYTHONPATH": os.pathsep.join(sys.path)}
    options = ["--master", "local[2]", "--conf", "spark.ui.enabled=false", "--conf", "spark.driver.host=127.0.0.1"]
    command = [submit, *options, job, "predict", find_bundled(), source, "-o", tmp_path / "scores", "--engine", "spark"]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "50 scored, 0 refused" in ran.stdout
    assert (tmp_path / "scores" / "_SUCCESS").is_file()


def test_no_java_is_one_sentence(customers: list[dict[str, str]], tmp_path: Path) -> None:
    """Where Spark finds no Java, the last line says so, and how to mend it."""
    source = _write_csv(tmp_path / "t.csv", customers[:2])
    said = ["predict", find_bundled(), source, "-o", tmp_path / "scores", "--engine", "spark"]
    environment = {**os.environ, "JAVA_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-m", "augury", *said], capture_output=True, text=True, env=environment, check=False
    )
    assert ran.returncode == 2
    assert ran.stderr.splitlines()[-1] == (
        f"augury: {source}: Spark cannot be started; install Java 17, or say where it is by JAVA_HOME"
    )
