"""The whole road with real estimators: a pickle by scikit-learn, compiled, verified, scored."""

from __future__ import annotations

import csv
import json
import os
import pickle
from pathlib import Path

import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

import augury
from tests.unit.cli.conftest import Run

TEXTS = ("no", "one_year", "two_year")
RECORDS = [
    {"contract": TEXTS[i * 7 % 3], "senior": i % 2, "tenure": i * 5 % 72, "charge": 20.25 + i * 3 % 100}
    for i in range(300)
]
LEAVES = [(record["contract"] == "no") ^ (i % 5 == 0) for i, record in enumerate(RECORDS)]


@pytest.fixture(scope="module")
def pair() -> tuple[DictVectorizer, LogisticRegression]:
    """A pair such as the lab pickles, on a table of our own."""
    vectorizer = DictVectorizer(sparse=False)
    return vectorizer, LogisticRegression(solver="liblinear").fit(vectorizer.fit_transform(RECORDS), LEAVES)


@pytest.fixture
def model_bin(tmp_path: Path, pair: tuple[DictVectorizer, LogisticRegression]) -> Path:
    """That pair in a pickle."""
    path = tmp_path / "churn-model.bin"
    path.write_bytes(pickle.dumps(pair))
    return path


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """The training table in its own spelling, with an identifier and the target."""
    path = tmp_path / "customers.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["customerID", "Contract", "Senior", "Tenure", "Charge", "Churn"])
        for i, (record, leaves) in enumerate(zip(RECORDS, LEAVES, strict=True)):
            contract, *rest = record.values()
            writer.writerow([f"c-{i}", str(contract).replace("_", " ").capitalize(), *rest, "Yes" if leaves else "No"])
    return path


def test_the_whole_road(
    run: Run, model_bin: Path, sample: Path, pair: tuple[DictVectorizer, LogisticRegression], tmp_path: Path
) -> None:
    """A pickle and its table become an artifact that verifies and scores as scikit-learn does, in either spelling."""
    arguments = ["--name", "churn", "--target", "churn", "--sample", sample, "--id", "customerID"]
    shown = run("compile", model_bin, *arguments, "-o", "churn.augury.json")
    assert (shown.exit_code, shown.stderr) == (0, "")
    model = augury.load("churn.augury.json")
    assert f"churn@{model.digest[7:19]} from DictVectorizer + LogisticRegression" in shown.stdout
    assert "bit for bit: " in shown.stdout
    assert "largest difference of margins 0, 0 labels differ" in shown.stdout
    assert shown.stdout.endswith("written to churn.augury.json\n")
    assert run("verify", "churn.augury.json").exit_code == 0

    vectorizer, estimator = pair
    for i in (0, 1, 2, 299):
        [[_, probability]] = estimator.predict_proba(vectorizer.transform([RECORDS[i]]))
        Path("customer.json").write_text(json.dumps(RECORDS[i]))
        verdict = "Churn" if probability >= 0.5 else "Not churn"
        expected = f"prediction: {probability:.3f}\nverdict: {verdict}\n"
        assert run("predict", "churn.augury.json", "customer.json").stdout == expected
    raw = b'{"customerID": "c", "Contract": "Two year", "Senior": 1, "Tenure": 3, "Charge": 20.25}'
    assert run("predict", "churn.augury.json", "-", stdin=raw).stderr == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "churn-model.bin",
        "churn.augury.json",
        "customer.json",
        "customers.csv",
    ]


def test_compiled_twice_it_is_the_same_file(run: Run, model_bin: Path, sample: Path) -> None:
    """The same inputs give the same bytes, and the second time it is said; another threshold replaces the file."""
    arguments = ["compile", model_bin, "--target", "churn", "--sample", sample]
    run(*arguments)
    first = Path("churn.augury.json").read_bytes()
    digest = augury.load("churn.augury.json").digest
    assert run(*arguments).stdout.endswith("written to churn.augury.json, as it was\n")
    assert Path("churn.augury.json").read_bytes() == first
    assert run(*arguments, "--threshold", "0.4").stdout.endswith(f"in place of {digest[7:19]}\n")


def test_without_a_sample_the_unknown_rules_are_named(run: Run, model_bin: Path) -> None:
    """Every rule that only the table could tell is a line, and inspect says so too."""
    shown = run("compile", model_bin, "--target", "churn")
    assert shown.exit_code == 0
    unknown = shown.stdout.partition("unknown without a sample\n")[2]
    assert "The training range of charge, senior and tenure is unknown" in unknown
    assert "unknown rules\n" in run("inspect", "churn.augury.json").stdout


def test_notices_name_the_option_that_changes_them(run: Run, model_bin: Path, sample: Path) -> None:
    """An identifier that is not read is noticed with the option that declares it."""
    shown = run("compile", model_bin, "--target", "churn", "--sample", sample)
    assert "noticed\n" in shown.stdout
    assert "otherwise: --id customerID" in shown.stdout


def test_json_holds_the_proofs(run: Run, model_bin: Path, sample: Path) -> None:
    """With --json the path, the digest, the proofs and the notices are one object."""
    answer = json.loads(run("compile", model_bin, "--target", "churn", "--sample", sample, "--json").stdout)
    assert answer["digest"] == augury.load(answer["path"]).digest
    assert answer["proofs"][0]["flips"] == 0
    assert [notice["column"] for notice in answer["notices"]] == ["customerID"]


class _Runs:
    """An object whose pickle calls a function."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch ran",)


def test_a_hostile_pickle_is_refused_and_not_run(run: Run, pair: tuple[DictVectorizer, LogisticRegression]) -> None:
    """A pickle that calls a function exits with 2, names it, runs nothing and leaves the old artifact."""
    Path("churn.augury.json").write_text("the old one")
    Path("hostile.bin").write_bytes(pickle.dumps((*pair, _Runs())))
    shown = run("compile", "hostile.bin", "--target", "churn", "--json")
    assert shown.exit_code == 2
    assert [name for name, _ in json.loads(shown.stderr)["names"]] == ["posix.system"]
    assert not Path("ran").exists()
    assert Path("churn.augury.json").read_text() == "the old one"


def test_the_model_alone_is_answered_with_the_way_out(
    run: Run, pair: tuple[DictVectorizer, LogisticRegression]
) -> None:
    """The lab's first pickle, the model without its vectorizer, exits with 2 and says what is missing."""
    Path("alone.bin").write_bytes(pickle.dumps(pair[1]))
    shown = run("compile", "alone.bin", "--target", "churn")
    assert shown.exit_code == 2
    assert "LogisticRegression alone is not enough" in shown.stderr
    assert "save both" in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["absent.bin", "--target", "churn"], "absent.bin"),
        (["churn-model.bin"], "--target"),
        (["churn-model.bin", "--target", "churn", "-o", "no/x.json"], "its folder does not exist"),
        (["churn-model.bin", "--target", "churn", "-o", "."], "this is a directory"),
        (["churn-model.bin", "--target", "churn", "--sample", "absent.csv"], "absent.csv: there is no such file"),
        (["churn-model.bin", "--target", "churn", "--contract", "absent.toml"], "absent.toml"),
        (["churn-model.bin", "--target", "churn", "--threshold", "2"], "--threshold"),
        (["churn-model.bin", "--target", "churn", "--threshold", "nan"], "--threshold"),
        (["churn-model.bin", "--target", "churn", "--name", "a/b"], "'a/b' is not 1 to 64 letters"),
    ],
)
def test_a_mistake_is_one_sentence(run: Run, model_bin: Path, arguments: list[str], sentence: str) -> None:
    """What cannot be read, written or honoured exits with 2 and one sentence, and nothing is written."""
    assert model_bin.exists()
    shown = run("compile", *arguments)
    assert shown.exit_code == 2
    assert sentence in shown.stderr
    assert shown.stderr.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["churn-model.bin"]


def test_the_authors_own_scores_are_proved(
    run: Run, model_bin: Path, sample: Path, pair: tuple[DictVectorizer, LogisticRegression]
) -> None:
    """--expect proves parity with a file of scores; scores of another model exit with 1."""
    vectorizer, estimator = pair
    scores = estimator.predict_proba(vectorizer.transform(RECORDS))[:, 1]
    arguments = ["compile", model_bin, "--target", "churn", "--sample", sample, "--expect", "scores.csv"]
    Path("scores.csv").write_text("churn_probability\n" + "".join(f"{score!r}\n" for score in scores.tolist()))
    shown = run(*arguments)
    assert shown.exit_code == 0
    assert "scores" in shown.stdout
    Path("scores.csv").write_text("churn_probability\n" + "".join(f"{score / 2!r}\n" for score in scores.tolist()))
    assert run(*arguments).exit_code == 1


def test_the_public_table_goes_the_whole_road(run: Run, telco_csv: Path) -> None:
    """The bundled model's own table: a customer of it, as the raw table spells it, is scored without a note."""
    with telco_csv.open(newline="") as file:
        [row] = [row for row in csv.DictReader(file) if row["customerID"] == "8879-ZKJOF"]
    del row["Churn"]
    numbers = {name: float(row[name]) for name in ("SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges")}
    bundled = Path(augury.__file__).parent / "models" / "churn.augury.json"
    shown = run("predict", bundled, "-", stdin=json.dumps({**row, **numbers}).encode())
    assert (shown.stdout, shown.stderr) == ("prediction: 0.060\nverdict: Not churn\n", "")
