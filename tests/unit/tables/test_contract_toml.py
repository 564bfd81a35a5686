"""A contract as a file that a person reads and corrects."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from augury.contract.fields import (
    BooleanField,
    Bounds,
    CategoryField,
    Contract,
    IdentifierField,
    IntegerField,
    NumberField,
    check_contract,
    is_name,
)
from augury.errors import ContractError
from augury.ir.walk import Rules
from augury.tables.contract_text import render_contract, write_contract
from augury.tables.contract_toml import correct_contract, read_contract, read_corrections
from augury.tables.notice import Notice
from augury.tables.propose import propose_contract
from augury.tables.read import read_table

CONTRACT = Contract(
    fields=(
        IdentifierField(name="customerid", spellings=("customerID",)),
        IntegerField(name="tenure", seen=Bounds(0.0, 72.0), accepted=Bounds(0.0, 144.0), far="note"),
        NumberField(
            name="total charges",
            spellings=("TotalCharges",),
            null="impute",
            seen=Bounds(-0.5, 1e300),
            accepted=Bounds(-0.75, 1e301),
        ),
        BooleanField(name="senior", absent="optional"),
        CategoryField(name="visits", levels=(0, 1)),
        CategoryField(
            name="contract",
            levels=("month_to_month", 'of "one" year\\'),
            level_spellings={"Month-to-month": "month_to_month"},
            unseen="note",
        ),
        NumberField(name="größe.cm\x7f"),
    ),
    unknown_key="refuse",
)

TEXTS = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), min_size=1, max_size=8)
NAMES = TEXTS.filter(is_name)
BOUNDS = st.tuples(st.floats(-1e308, 1e308), st.floats(-1e308, 1e308)).map(lambda pair: Bounds(*sorted(pair)))


def _read(folder: Path, text: str) -> Contract:
    path = folder / "contract.toml"
    path.write_text(text, encoding="utf-8")
    return read_contract(path)


def _correct(folder: Path, text: str, learned: Contract = CONTRACT) -> Contract:
    path = folder / "contract.toml"
    path.write_text(text, encoding="utf-8")
    return correct_contract(learned, read_corrections(path))


# --- writing and reading


def test_a_contract_survives_its_file(tmp_path: Path) -> None:
    """What is written is read back exactly, and every policy stands in the file."""
    path = tmp_path / "contract.toml"
    write_contract(CONTRACT, path)
    assert read_contract(path) == CONTRACT
    assert tomllib.loads(path.read_text(encoding="utf-8"))["fields"]["tenure"] == {
        "kind": "integer",
        "null": "refuse",
        "absent": "refuse",
        "seen": {"low": 0.0, "high": 72.0},
        "accepted": {"low": 0.0, "high": 144.0},
        "near": "note",
        "far": "note",
    }


@given(st.lists(NAMES, min_size=1, max_size=4, unique=True), st.lists(TEXTS, min_size=1, unique=True), BOUNDS)
def test_any_names_levels_and_ranges_survive(names: list[str], levels: list[str], bounds: Bounds) -> None:
    """Dots, brackets, quotes in levels, any script and any double come back as they were."""
    fields = [CategoryField(name=name, levels=tuple(levels)) for name in names]
    contract = Contract(fields=(*fields, NumberField(name="".join(names) + "!", seen=bounds)))
    check_contract(contract)
    parsed = tomllib.loads(render_contract(contract, [Notice(name, "x", f"{name} is odd") for name in names]))
    assert list(parsed["fields"]) == [field.name for field in contract.fields]
    assert all(parsed["fields"][name]["levels"] == levels for name in names)
    assert parsed["fields"]["".join(names) + "!"]["seen"] == {"low": bounds.low, "high": bounds.high}


def test_notices_stand_beside_their_fields() -> None:
    """A notice is a comment above its field, found by any spelling; one about no field stands at the end."""
    notices = [
        Notice("TotalCharges", "number", "TotalCharges has blanks", '--contract FILE with kind = "category"'),
        Notice("gone", "constant", "gone\nholds one value"),
    ]
    lines = render_contract(CONTRACT, notices).splitlines()
    at = lines.index('[fields."total charges"]')
    assert lines[at - 1] == '# TotalCharges has blanks (otherwise: --contract FILE with kind = "category").'
    assert lines[-2:] == ["# Not in the contract:", "# gone holds one value."]


def test_many_levels_stand_one_a_line() -> None:
    """A long list is written one value a line, so that a change of one level is a change of one line."""
    levels = tuple(f"level number {number}" for number in range(20))
    lines = render_contract(Contract(fields=(CategoryField(name="c", levels=levels),))).splitlines()
    assert '    "level number 7",' in lines


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """A contract that cannot be written leaves what was there, and no litter."""
    path = tmp_path / "contract.toml"
    path.write_text("old")
    odd = Contract(fields=(CategoryField(name="c", levels=("\ud800",)),))
    with pytest.raises(ContractError, match="half of a surrogate pair"):
        write_contract(odd, path)
    with pytest.raises(ContractError, match="cannot be written"):
        write_contract(CONTRACT, tmp_path / "no folder" / "contract.toml")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ContractError, match="cannot be written"):
        write_contract(CONTRACT, tmp_path / "folder")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["contract.toml", "folder"]
    assert path.read_text() == "old"


# --- mistakes in a file


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = ", "the file is not TOML: Invalid value"),
        ("[fields.a]\nkind = 'number'\n[fields.a]\nkind = 'number'", "the file is not TOML"),
        ("", "no field is a feature"),
        ("fields = 7", r"every field is a table of its own, \[fields.NAME\]"),
        ("[fields]\na = 7", "every field is a table of its own"),
        ("unknwon_key = 'note'", "'unknwon_key' is no member of the file; nearest is unknown_key"),
        ("zzz = 1", "'zzz' is no member of the file; there are equality, text_number, unknown_key"),
        ("unknown_key = 'ignore'", 'unknown_key is \'ignore\'; it takes "note" or "refuse"'),
        ("equality = 'fold-2'", "equality is 'fold-2'; it takes \"fold-1\""),
        ("[fields.a]\nnull = 'impute'", "field 'a' has no kind; it takes one of number, integer"),
        ("[fields.a]\nkind = 'text'", "field 'a' has the kind 'text'; it takes one of number"),
        ("[fields.a]\nkind = 7", "field 'a' has the kind 7"),
        ("[fields.a]\nkind = 'number'\nname = 'b'", "field 'a': 'name' is no member of a field of kind number"),
        ("[fields.a]\nkind = 'number'\nlevels = ['x']", "'levels' is no member of a field of kind number"),
        ("[fields.a]\nkind = 'category'\nlevls = ['x']", "'levls' is no member .*; nearest is levels"),
        ("[fields.a]\nkind = 'category'", "field 'a': it lacks levels"),
        ("[fields.a]\nkind = 'category'\nlevels = 'x'", "field 'a': levels is text; it takes a list"),
        ("[fields.a]\nkind = 'category'\nlevels = [1.5]", r"levels\[0\] is a number; it takes .*an integer"),
        ("[fields.a]\nkind = 'category'\nlevels = [true]", r"levels\[0\] is true or false; it takes"),
        ("[fields.a]\nkind = 'category'\nlevels = []", "'a' has no levels"),
        ("[fields.a]\nkind = 'category'\nlevels = ['x', 1]", "the levels of 'a' are text and integers mixed"),
        ("[fields.a]\nkind = 'category'\nlevels = ['x', 'x']", "a level of 'a' is listed twice"),
        (
            "[fields.a]\nkind = 'category'\nlevels = ['x']\n[fields.a.level_spellings]\nX = 'y'",
            "'X' of 'a' is listed as a spelling of 'y', which is no level",
        ),
        ("[fields.a]\nkind = 'number'\nnull = 'fill'", "field 'a': null is 'fill'; it takes \"refuse\" or \"impute\""),
        ("[fields.a]\nkind = 'number'\nseen = [0, 1]", "field 'a': seen is a list; it takes a table"),
        ("[fields.a]\nkind = 'number'\nseen = { low = 0 }", "field 'a': seen: it lacks high"),
        ("[fields.a]\nkind = 'number'\nseen = { low = '0', high = 1 }", "seen.low is text; it takes a number"),
        ("[fields.a]\nkind = 'number'\nseen = { low = 0, hi = 1 }", "seen: it takes no hi"),
        ("[fields.a]\nkind = 'number'\nseen = { low = 2, high = 1 }", "the seen range of 'a' is not an interval"),
        (
            "[fields.a]\nkind = 'number'\nseen = { low = 0, high = 1 }\naccepted = { low = nan, high = 1 }",
            "the accepted range of 'a' is not an",
        ),
        (
            "[fields.a]\nkind = 'number'\nseen = { low = 0, high = 1 }\naccepted = { low = 0, high = inf }",
            "the accepted range of 'a' is not an",
        ),
        ("[fields.a]\nkind = 'number'\nspellings = ['b']\n[fields.b]\nkind = 'number'", "'b' names both 'a' and 'b'"),
        ("[fields.'']\nkind = 'number'", "'' is no name for a field"),
        ("[fields.a]\nkind = 2020-01-01", "field 'a' has the kind 2020-01-01"),
    ],
)
def test_every_mistake_is_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    """A mistake is told in one sentence with the file, the field and what would be right."""
    with pytest.raises(ContractError, match=sentence) as caught:
        _read(tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path / "contract.toml"))
    assert "\n" not in str(caught.value)
    assert "`" not in str(caught.value)


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    """Every field with a mistake is named in one error."""
    with pytest.raises(ContractError, match=r"field 'a' .*field 'b'"):
        _read(tmp_path, "[fields.a]\nkind = 'x'\n[fields.b]\nkind = 'category'")


def test_no_file(tmp_path: Path) -> None:
    """A missing file, a directory and a file in another encoding are refused with one sentence each."""
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9")
    for path, sentence in (("none.toml", "no such file"), (".", "cannot be read"), ("latin.toml", "not UTF-8")):
        with pytest.raises(ContractError, match=sentence):
            read_contract(tmp_path / path)


# --- corrections


def test_what_is_not_said_stays(tmp_path: Path) -> None:
    """An empty file, and the whole contract as its own correction, change nothing."""
    assert _correct(tmp_path, "") == CONTRACT
    assert _correct(tmp_path, render_contract(CONTRACT)) == CONTRACT
    assert correct_contract(CONTRACT, CONTRACT) == CONTRACT


@pytest.mark.parametrize(
    ("text", "index", "changed"),
    [
        ("[fields.tenure]\nnear = 'refuse'", 1, {"near": "refuse"}),
        ("[fields.Tenure]\nnull = 'impute'", 1, {"null": "impute", "spellings": ("Tenure",)}),
        ("[fields.TotalCharges]\nnull = 'refuse'", 2, {"null": "refuse"}),
        ("[fields.tenure]\nseen = { low = 1, high = 2 }", 1, {"seen": Bounds(1.0, 2.0), "accepted": Bounds(0.0, 3.0)}),
        ("[fields.tenure]\naccepted = { low = 0, high = 80 }", 1, {"accepted": Bounds(0.0, 80.0)}),
        ("[fields.contract]\nunseen = 'refuse'\nlevel_spellings = {}", 5, {"unseen": "refuse", "level_spellings": {}}),
    ],
)
def test_one_member_is_corrected(tmp_path: Path, text: str, index: int, changed: dict[str, Any]) -> None:
    """A member that is said replaces what was learnt, in the field that the name spells, and nothing else changes."""
    corrected = _correct(tmp_path, text)
    assert corrected.fields[index] == replace(CONTRACT.fields[index], **changed)
    assert corrected.fields[:index] + corrected.fields[index + 1 :] == (
        CONTRACT.fields[:index] + CONTRACT.fields[index + 1 :]
    )


def test_a_number_may_become_another_kind_of_number(tmp_path: Path) -> None:
    """Integer, number, boolean and integer levels are all numbers to the model; what they share stays."""
    tenure = "[fields.tenure]\nkind = 'number'\nseen = { low = 0, high = 1 }\n"
    charges = "[fields.'total charges']\nkind = 'category'\nlevels = [0, 1]"
    corrected = _correct(tmp_path, tenure + charges)
    assert corrected.fields[1] == NumberField(name="tenure", seen=Bounds(0.0, 1.0), accepted=Bounds(0.0, 2.0))
    assert corrected.fields[2] == CategoryField(
        name="total charges", spellings=("TotalCharges",), null="impute", levels=(0, 1)
    )


def test_a_new_identifier_may_be_declared(tmp_path: Path) -> None:
    """A name that the model does not read may be declared an identifier, and rules of the record be set."""
    corrected = _correct(tmp_path, "unknown_key = 'note'\n[fields.phone]\nkind = 'identifier'")
    assert corrected.fields == (*CONTRACT.fields, IdentifierField(name="phone"))
    assert corrected.unknown_key == "note"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[fields.tenur]\nnull = 'impute'", "field 'tenur' is no field of the model; nearest is tenure"),
        ("[fields.zzz]\nkind = 'number'", "field 'zzz' is no field of the model; only an identifier may be new: rem"),
        ("[fields.tenure]\nkind = 'identifier'", "field 'tenure' is read by the model"),
        ("[fields.customerid]\nkind = 'number'", "field 'customerid' is an identifier"),
        ("[fields.contract]\nkind = 'number'", "a text is no number"),
        ("[fields.tenure]\nkind = 'category'\nlevels = ['a']", "a text is no number"),
        ("[fields.tenure]\nkind = 'category'", "field 'tenure': it lacks levels"),
        ("[fields.contract]\nlevels = ['month_to_month']", "its levels are the model's own"),
        ("[fields.contract]\nlevels = ['month_to_month', 'two']", "its levels are the model's own"),
        ("[fields.visits]\nlevels = [0, 1, 2]", "its levels are the model's own and cannot be corrected: 0, 1"),
        ("[fields.tenure]\nnul = 'impute'", "'nul' is no member of a field of kind integer; nearest is null"),
        ("[fields.tenure]\nnull = 7", "null is 7; it takes"),
        ("[fields.tenure]\nseen = { low = 2, high = 1 }", "the seen range of 'tenure' is not an interval"),
    ],
)
def test_what_is_not_a_persons_to_say(tmp_path: Path, text: str, sentence: str) -> None:
    """What contradicts the model, or cannot be honoured, is refused with the field."""
    with pytest.raises(ContractError, match=sentence) as caught:
        _correct(tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path / "contract.toml"))


def test_a_policy_needs_a_rule(tmp_path: Path) -> None:
    """A policy that the model has no rule for is refused where it is written, and how to give it one is said."""
    path = tmp_path / "contract.toml"
    path.write_text("[fields.fee]\nnull = 'impute'\n")
    learned = Contract(fields=(NumberField(name="fee"),))
    with pytest.raises(ContractError, match=r"contract\.toml: 'fee' may not be missing: .* --fill FIELD=VALUE"):
        correct_contract(learned, read_corrections(path), {"fee": Rules(missing=False, unseen=False)})
    corrected = correct_contract(learned, read_corrections(path), {"fee": Rules(missing=True, unseen=False)})
    assert corrected.fields == (NumberField(name="fee", null="impute"),)


def test_two_fields_of_one_fold(tmp_path: Path) -> None:
    """A name that could be two fields is refused with both."""
    twins = Contract(fields=(NumberField(name="a b"), NumberField(name="a_b")))
    with pytest.raises(ContractError, match="could be any of a b, a_b"):
        _correct(tmp_path, "[fields.A-B]\nnull = 'impute'", twins)


def test_a_proposal_from_the_raw_table_corrects_a_model(tmp_path: Path) -> None:
    """A contract proposed in the table's spelling fits a model in its own: the table's spellings become listed."""
    rows = [{"ID": 1, "Plan": "One year", "Fee": 1.5}, {"ID": 2, "Plan": "Two-Year", "Fee": 2.5}]
    proposed = propose_contract(read_table(rows), identifiers=["ID"]).contract
    model = Contract(fields=(CategoryField(name="plan", levels=("two_year", "one_year")), NumberField(name="fee")))
    assert _correct(tmp_path, render_contract(proposed), model).fields == (
        CategoryField(
            name="plan",
            spellings=("Plan",),
            levels=("two_year", "one_year"),
            level_spellings={"One year": "one_year", "Two-Year": "two_year"},
        ),
        NumberField(name="fee", spellings=("Fee",), seen=Bounds(1.5, 2.5), accepted=Bounds(0.5, 3.5)),
        IdentifierField(name="ID"),
    )


def test_the_raw_churn_table(tmp_path: Path, telco_csv: Path) -> None:
    """The contract of the churn table is written with what was noticed, and read back exactly."""
    proposed = propose_contract(read_table(telco_csv), target="Churn", identifiers=["customerID"])
    path = tmp_path / "contract.toml"
    write_contract(proposed.contract, path, proposed.notices)
    assert read_contract(path) == proposed.contract
    assert "# TotalCharges is text that holds numbers, and blanks in 11 rows" in path.read_text()
