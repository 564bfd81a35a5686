from __future__ import annotations

import json
from pathlib import Path

import pytest

from augury.contract.fields import CategoryField, IdentifierField, IntegerField, NumberField
from augury.tables.contract_toml import read_contract
from tests.unit.cli.conftest import Run

HEADER = "id,plan,senior,tenure,charge,churn\n"
ROWS = "".join(
    f"c-{i},{'abc'[i % 3]},{i % 2},{i % 72},{' ' if i == 7 else 20.25 + i},{'yes' if i % 4 else 'no'}\n"
    for i in range(90)
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table with an identifier, a category, a flag, an integer, a number with a blank, and a target."""
    path = tmp_path / "customers.csv"
    path.write_text(HEADER + ROWS)
    return path


def test_the_fields_and_notices_are_printed(run: Run, table: Path) -> None:
    """Each column is a line, what was noticed is told, and so is how to have it as a file."""
    shown = run("contract", table, "--target", "churn", "--id", "id")
    assert shown.exit_code == 0
    rows = {line.split()[0]: line.split()[1] for line in shown.stdout.splitlines()[2:7]}
    assert rows == {
        "id": "identifier",
        "plan": "category",
        "senior": "category",
        "tenure": "integer",
        "charge": "number",
    }
    assert "noticed\n  charge " in shown.stdout
    assert shown.stdout.endswith("say -o contract.toml to have it as a file\n")


def test_the_file_is_the_contract(run: Run, table: Path, tmp_path: Path) -> None:
    """-o writes a file that reads back as the contract that was printed."""
    shown = run("contract", table, "--target", "churn", "--id", "id", "--drop", "senior", "-o", "contract.toml")
    assert shown.stdout.endswith("written to contract.toml\n")
    contract = read_contract(tmp_path / "contract.toml")
    assert [type(field) for field in contract.fields] == [IdentifierField, CategoryField, IntegerField, NumberField]


def test_corrections_are_not_destroyed(run: Run, table: Path, tmp_path: Path) -> None:
    """A file that is there is only replaced when that is asked for."""
    path = tmp_path / "contract.toml"
    path.write_text("corrected")
    refused = run("contract", table, "-o", path)
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert path.read_text() == "corrected"
    assert run("contract", table, "-o", path, "--force").exit_code == 0
    assert read_contract(path).fields


def test_json_holds_contract_and_notices(run: Run, table: Path) -> None:
    """With --json the contract and the notices are one object."""
    answer = json.loads(run("contract", table, "--target", "churn", "--id", "id", "--json").stdout)
    assert [field["name"] for field in answer["contract"]["fields"]] == ["id", "plan", "senior", "tenure", "charge"]
    assert answer["notices"][0]["column"] == "charge"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["absent.csv"], "absent.csv: there is no such file"),
        (["."], "this is a directory"),
        (["customers.csv", "--target", "chrn"], "nearest is 'churn'"),
        (["customers.csv", "-o", "no/contract.toml"], "does not exist"),
    ],
)
def test_a_mistake_is_one_sentence(run: Run, table: Path, arguments: list[str], sentence: str) -> None:
    """What cannot be read or written exits with 2 and says why."""
    assert table.exists()
    shown = run("contract", *arguments)
    assert shown.exit_code == 2
    assert sentence in shown.stderr
    assert shown.stderr.count("\n") == 1
