"""The page reads texts and files itself: what it makes of them is held to what Augury's own readers make of them."""

from __future__ import annotations

import csv
import io
import json
import random
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from augury.contract.check import RecordChecker
from augury.contract.fields import (
    BooleanField,
    CategoryField,
    Contract,
    Field,
    IdentifierField,
    IntegerField,
    NumberField,
)
from augury.contract.fold import fold
from augury.contract.text import is_blank, parse_number
from augury.errors import TableError
from augury.service.page import front as front_page
from augury.tables.cells import read_cell
from augury.tables.csv_file import read_csv
from tests.browser import Browser, start_browser

NUMBERS = (
    *(
        "1",
        "-1",
        "+1",
        "1.",
        ".5",
        "1.5e3",
        "1E-3",
        "1e400",
        "-1e400",
        "-0",
        "0012",
        " 2 ",
        "\t2\t",
        "1e5",
        "9007199254740993",
    ),
    *(
        "",
        " ",
        "\n",
        "\u00a01",
        "1d",
        "0x10",
        "1_0",
        "Infinity",
        "NaN",
        "NA",
        "null",
        "1,5",
        ".",
        "e5",
        "1e",
        "--1",
        "\u0661",
        "1\n",
    ),
)
TEXTS = (
    *NUMBERS,
    *(
        "yes",
        "Yes",
        "true",
        " TRUE ",
        "False",
        "truth",
        "\u017ftrue",
        "a\x0bb",
        "\x0c",
        "\u2028",
        "é",
        "\U0001f600",
        '"',
        "\\",
    ),
)
FIELDS: tuple[Field, ...] = (
    IdentifierField(name="id"),
    NumberField(name="number"),
    IntegerField(name="integer"),
    BooleanField(name="flag"),
    CategoryField(name="text", levels=("yes", "no")),
    CategoryField(name="code", levels=(0, 1)),
)


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser that knows the functions of the page's script, on no page."""
    folder = Path(front_page.__file__).with_name("static")
    sources = "\n".join((folder / name).read_text("utf-8") for name in front_page._SCRIPTS if name != "bench.js")
    with start_browser(tmp_path_factory.mktemp("profile")) as browser:
        browser.run(f"{sources}; 1")
        yield browser


def _map(script: Browser, function: str, values: Sequence[object]) -> list[Any]:
    """What a function of the script makes of each value."""
    answered: list[Any] = script.run(f"JSON.parse({json.dumps(json.dumps(values))}).map({function})")
    return answered


def test_a_number_is_what_the_contract_takes_for_one(script: Browser) -> None:
    """A text is a number here where it is one in a file that Augury reads, and the same one to the last bit."""
    read = _map(script, "(text) => { const n = readNumber(text); return n === null ? null : writeNumber(n); }", NUMBERS)
    expected = [parse_number(text) for text in NUMBERS]
    assert [None if text is None else repr(float(text)) for text in read] == [
        None if number is None else repr(number) for number in expected
    ]


def test_blank_is_blank(script: Browser) -> None:
    """The same texts are empty cells."""
    assert _map(script, "isBlank", TEXTS) == [is_blank(text) for text in TEXTS]


@pytest.mark.parametrize("field", [*FIELDS, None], ids=lambda field: field.name if field else "none")
def test_a_cell_says_what_it_says_in_a_table(script: Browser, field: Field | None) -> None:
    """Each cell becomes the JSON of what Augury's own reader of tables makes of it, by the kind of its field."""
    told = json.dumps(None if field is None else {"kind": field.__struct_config__.tag, "levels": _find_levels(field)})
    # The level 0 is an integer, which has no sign when it is nought.
    texts = [text for text in TEXTS if text != "-0" or not isinstance(field, CategoryField)]
    read = [json.loads(text) for text in _map(script, f"(text) => readCell({told}, text)", texts)]
    expected = [read_cell(field, text) for text in texts]
    assert [repr(_even(value)) for value in read] == [repr(_even(value)) for value in expected]


def _find_levels(field: Field) -> list[object]:
    return list(field.levels) if isinstance(field, CategoryField) else []


def _even(value: object) -> object:
    """An integral float is its integer to every door; minus nought stays what it is."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def test_spellings_fold_alike(script: Browser) -> None:
    """A spelling folds as the contract has it."""
    texts = ("Month-to-month", "1-2", "É A", "a b", "ſ", "K", "İ-", *TEXTS)
    assert _map(script, "fold", texts) == [fold(text) for text in texts]


def test_a_column_spells_the_field_that_it_spells(script: Browser) -> None:
    """A column's name finds its field exactly or by its fold, and none where two fields have that fold."""
    fields: tuple[Field, ...] = (
        NumberField(name="a b"),
        NumberField(name="A_B", spellings=("Other",)),
        NumberField(name="monthly", spellings=("MonthlyCharges",)),
        NumberField(name="__proto__"),
    )
    names = ("a b", "A_B", "a_b", "OTHER", "monthlycharges", "MONTHLY", "__proto__", "constructor", "")
    told = json.dumps([{"name": field.name, "spellings": field.spellings} for field in fields])
    found = _map(script, f"(name) => makeFieldFinder({told})(name)?.name ?? null", names)
    checker = RecordChecker(Contract(fields=fields))
    expected = [checker.find_field(name) for name in names]
    assert found == [None if field is None else field.name for field in expected]


READ = """(pieces, delimiter) => {
  const reader = makeCsvReader(delimiter);
  try {
    const rows = pieces.flatMap((piece) => reader.push(piece));
    return [...rows, ...reader.end()].map((row) => [row.line, row.cells]);
  } catch (error) {
    if (error instanceof TableError) return "refused";
    throw error;
  }
}"""


def test_csv_is_read_as_python_reads_it(script: Browser) -> None:
    """Of any text, however it is cut into pieces, the same rows come as from Python's strict reader, or none."""
    rng = random.Random(20261122)
    cases = [_make_case(rng) for _ in range(3000)]
    read = _map(script, f"([pieces, delimiter]) => ({READ})(pieces, delimiter)", cases)
    expected = [_read_by_python("".join(pieces), delimiter) for pieces, delimiter in cases]
    assert sum(rows == "refused" for rows in expected) > 300, "too few of the texts are broken"
    assert [case for case, got, wanted in zip(cases, read, expected, strict=True) if got != wanted] == []


def _make_case(rng: random.Random) -> tuple[list[str], str]:
    text = "".join(rng.choice('aé,;"" \r\n\r') for _ in range(rng.randrange(24)))
    cuts = sorted(rng.randrange(len(text) + 1) for _ in range(rng.randrange(4)))
    return [text[low:high] for low, high in zip([0, *cuts], [*cuts, len(text)], strict=True)], rng.choice(",;")


def _read_by_python(text: str, delimiter: str) -> object:
    """Read as :mod:`augury.tables.csv_file` does: each row with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, begins = [], 1
    try:
        for cells in reader:
            if cells:
                rows.append([begins, cells])
            begins = reader.line_num + 1
    except csv.Error:
        return "refused"
    return rows


def test_what_is_written_is_read_again(script: Browser) -> None:
    """A row that the page writes is the same row to Python, whatever its cells hold."""
    rng = random.Random(7)
    rows = [
        ["".join(rng.choice('a,;"\r\n é') for _ in range(rng.randrange(6))) for _ in range(rng.randrange(1, 5))]
        for _ in range(500)
    ]
    written = _map(script, "(cells) => writeCsvRow(cells, ';')", rows)
    read = csv.reader(io.StringIO("".join(written), newline=""), delimiter=";", strict=True)
    assert list(read) == rows


GUESS = """(text) => {
  try {
    return makeCsvReader(guessDelimiter(text, false)).push(text)[0].cells;
  } catch {
    return null;
  }
}"""


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n",
        "a;b\n1,5;2\n",
        "a\tb\n1\t2\n",
        "one\n1\n",
        '"a,b";c\r\n"1,2";3\r\n',
        "a,b;c\n1,2;3\n",
        "a,b,c;d\n1,2,3\n4,5,6\n",
        "a,b\n\n1,2\n",
    ],
)
def test_the_delimiter_is_the_one_that_agrees(script: Browser, text: str, tmp_path: Path) -> None:
    """The page finds the delimiter that Augury's own reader finds, and refuses a file where that one does."""
    path = tmp_path / "table.csv"
    path.write_text(text, newline="")
    try:
        expected: tuple[str, ...] | None = read_csv(path).columns
    except TableError:
        expected = None
    assert _map(script, GUESS, [text]) == [None if expected is None else list(expected)]


@pytest.mark.parametrize(
    ("probability", "threshold", "shown"),
    [
        (0.05960568770951473, 0.5, "0.060"),
        (0.49996, 0.5, "0.49996"),
        (0.5, 0.5, "0.500"),
        (0.9999, 0.5, "0.9999"),
        (1.0, 0.5, "1.000"),
        (1e-9, 0.5, "0.000000001"),
        (0.0, 0.0, "0.000"),
        (1e-30, 0.5, "1e-30"),
        (0.2345, 0.23446, "0.2345"),
    ],
)
def test_a_probability_is_never_rounded_over_the_threshold(
    script: Browser, probability: float, threshold: float, shown: str
) -> None:
    """What is shown stands on the same side of nought, one and the threshold as what is meant."""
    assert script.run(f"showProbability({probability!r}, {threshold!r})") == shown


def test_added_columns_have_names_of_their_own(script: Browser) -> None:
    """A column that is added never has the name of one that is there, in any case."""
    names = [["churn", ["Churn"]], ["churn", ["a"]], ["faults", ["FAULTS", "predicted_faults"]]]
    found = _map(script, "([name, header]) => findFreeName(name, header)", names)
    assert found == ["predicted_churn", "churn", "predicted_faults_2"]


SNIPPETS = """([name, value]) =>
  [writeCurl, writePython, writeJavaScript].map((write) => write("http://h/predict", [[name, value]], true))
"""


@pytest.mark.parametrize(
    "member",
    [
        ["__proto__", "1"],
        ["it's", '"$(rm -rf) `x` \'; DROP TABLE"'],
        ["emoji \U0001f600", "null"],
        ["a", "true"],
        ["b", "1e999"],
    ],
)
def test_a_snippet_says_the_record(script: Browser, member: list[str]) -> None:
    """In each language the record is the record, whatever its names and values hold."""
    [[curl, python, javascript]] = _map(script, SNIPPETS, [member])
    expected = {member[0]: json.loads(member[1])}
    words = shlex.split(curl.replace("\\\n", ""))
    assert json.loads(words[-1]) == expected
    literal = python.partition("record = ")[2].rpartition("\nprint")[0]
    assert eval(literal) == expected
    assert all("X-API-Key" in snippet for snippet in (curl, python, javascript))
    object_literal = javascript.partition("const record = ")[2].partition(";\nconst response")[0]
    made = script.run(f"Object.entries({object_literal}).map(([name, value]) => [name, writeValue(value)])")
    assert made == [[member[0], member[1]]]


def test_two_columns_of_one_field_are_refused(script: Browser) -> None:
    """A table in which two columns spell one field says two things of it, and is refused with both names."""
    contract = json.dumps({"fields": [{"name": "a b", "spellings": ["ab"], "kind": "number", "absent": "refuse"}]})
    plan = (
        f"(header) => {{ try {{ return planColumns({contract}, header).unused; }} catch (e) {{ return e.message; }} }}"
    )
    found = _map(script, plan, [["a-b", "other"], ["a-b", "ab"]])
    assert found == [["other"], "Columns a-b and ab are spellings of one field, a b."]
