from __future__ import annotations

import json
from math import fsum
from pathlib import Path

import msgspec
import pytest

import augury
from augury.artifact.document import Target
from augury.cli.predict import show_verdict
from tests.unit.artifact.documents import make_record
from tests.unit.cli.conftest import Run


def test_a_record_is_scored_in_two_lines(run: Run, artifact: Path, customer: Path) -> None:
    """The two lines of the lab, and nothing else on either stream."""
    probability = augury.load(artifact).predict_one(make_record()).probability
    assert probability < 0.5
    shown = run("predict", artifact, customer)
    assert (shown.exit_code, shown.stdout, shown.stderr) == (
        0,
        f"prediction: {probability:.3f}\nverdict: Not churn\n",
        "",
    )


def test_a_record_comes_from_standard_input(run: Run, artifact: Path, customer: Path) -> None:
    """`-` reads the record from standard input."""
    assert (
        run("predict", artifact, "-", stdin=customer.read_bytes()).stdout == run("predict", artifact, customer).stdout
    )


@pytest.mark.parametrize(
    ("target", "label", "verdict"),
    [
        (Target("churn", "Churn", False, True), True, "Churn"),
        (Target("churn", "Churn", "No", "Yes"), False, "Not churn"),
        (Target("is_good", "is good", 0, 1), True, "Is good"),
        (Target("outcome", "outcome", "stayed", "outcome"), False, "Not outcome"),
        (Target("survived", "Survived", "lived", "died, sadly"), True, "died, sadly"),
        (Target("survived", "Survived", True, False), True, "False"),
        (Target("survived", "Survived", "lived", "died, sadly"), False, "lived"),
    ],
)
def test_the_verdict_is_never_ambiguous(target: Target, label: bool, verdict: str) -> None:
    """The verdict says the target's name where its positive class is a yes, else the class itself."""
    assert show_verdict(target, label=label) == verdict


def test_json_is_the_services_answer(run: Run, artifact: Path, customer: Path) -> None:
    """With --json the answer has the two keys of the service, in their order."""
    answer = json.loads(run("predict", artifact, customer, "--json").stdout)
    assert list(answer) == ["churn", "churn_probability"]
    assert answer["churn_probability"] == augury.load(artifact).predict_one(make_record()).probability


def test_notes_go_to_standard_error(run: Run, artifact: Path) -> None:
    """What was noted is told beside the two lines, and in JSON where that was asked for."""
    body = msgspec.json.encode({**make_record(), "colour": "red"})
    shown = run("predict", artifact, "-", stdin=body)
    assert shown.stdout.count("\n") == 2
    assert shown.stderr == "note: /colour: 'colour' is not in the contract and was not used\n"
    machine = run("predict", artifact, "-", "--json", stdin=body)
    assert [note["code"] for note in json.loads(machine.stderr)["notes"]] == ["unknown_key"]


def test_reasons_are_listed_by_weight_with_the_callers_values(run: Run, artifact: Path, customer: Path) -> None:
    """--explain lists every field with its value, its sign and a bar, the weightiest first."""
    expected = augury.load(artifact).explain(make_record())
    assert expected.contributions is not None
    assert expected.base is not None
    heading, *rows = run("predict", artifact, customer, "--explain").stdout.splitlines()[3:]
    margin = fsum((expected.base, *(reason.value for reason in expected.contributions)))
    assert f"{margin:+.3f}" in heading
    assert f"{expected.base:+.3f}" in heading
    by_weight = sorted(expected.contributions, key=lambda reason: -abs(reason.value))
    assert [row.split()[0] for row in rows] == [reason.field for reason in by_weight]
    assert [row.split()[2] for row in rows] == [f"{reason.value:+.3f}" for reason in by_weight]
    bars = [row.count("█") for row in rows]
    assert bars == sorted(bars, reverse=True)
    assert bars[0] == 20
    assert "tenure            41.0 " in rows[[reason.field for reason in by_weight].index("tenure")]


def test_reasons_in_json_are_the_services(run: Run, artifact: Path, customer: Path) -> None:
    """--explain --json adds the contributions and their base."""
    answer = json.loads(run("predict", artifact, customer, "--explain", "--json").stdout)
    assert list(answer) == ["churn", "churn_probability", "contributions", "base"]
    assert len(answer["contributions"]) == 19


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("records.json", b'[{"a": 1}]'),
        ("lines.json", b'{"a": 1}\n{"a": 2}\n'),
        ("table.csv", b"a,b\n1,2\n"),
        ("table.parquet", b"PAR1"),
        ("lines.jsonl", b"{}"),
    ],
)
def test_a_table_is_refused_without_a_place_for_its_answers(
    run: Run, artifact: Path, tmp_path: Path, name: str, body: bytes
) -> None:
    """An array, JSON lines or CSV is answered with the option that says where its answers go."""
    tmp_path.joinpath(name).write_bytes(body)
    shown = run("predict", artifact, name)
    assert shown.exit_code == 2
    assert shown.stderr.startswith(
        f"augury: {name}: this is a table, and nothing says where its answers go; name a file"
    )


def test_a_pretty_printed_record_is_no_table(run: Run, artifact: Path) -> None:
    """A record on many lines is still one record."""
    body = json.dumps(make_record(), indent=2).encode()
    assert run("predict", artifact, "-", stdin=body).exit_code == 0


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ("absent.json", "absent.json: there is no such file; check the path"),
        (".", ".: this is a directory; give the path of a file in it"),
    ],
)
def test_a_record_that_cannot_be_read_is_one_sentence(run: Run, artifact: Path, record: str, sentence: str) -> None:
    """A missing file or a folder in the record's place exits with 2."""
    shown = run("predict", artifact, record)
    assert (shown.exit_code, shown.stderr) == (2, f"augury: {sentence}\n")


@pytest.mark.parametrize(("extra", "status"), [(0, 0), (1, 2)])
def test_a_record_is_at_most_a_mebibyte(run: Run, artifact: Path, extra: int, status: int) -> None:
    """A record of 2**20 bytes is read, and one byte more is refused."""
    body = msgspec.json.encode(make_record())
    shown = run("predict", artifact, "-", stdin=body + b" " * (2**20 - len(body) + extra))
    assert shown.exit_code == status


def test_what_is_no_json_is_one_fault(run: Run, artifact: Path) -> None:
    """An empty or broken record is refused by its one fault."""
    for body in (b"", b"{", b"\xff", b"null"):
        shown = run("predict", artifact, "-", stdin=body)
        assert shown.exit_code == 2
        assert shown.stderr.startswith("augury: the record is refused: /: ")
