from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from augury.api import find_bundled
from augury.batch.ledger import Receipt
from augury.batch.parts import PartScorer
from augury.batch.source import Part
from augury.errors import AuguryError
from tests.batch.conftest import Predict
from tests.batch.tables import WRITERS, Row

PART_ROWS = 2000
FOLDER = "out.csv.augury-parts"


def _find_sentence(predict: Predict, source: object, **said: object) -> str:
    """Find what is said of a run that fails: one sentence without SQL, and no answers."""
    with pytest.raises(AuguryError) as raised:
        predict(source, part_rows=PART_ROWS, **said)
    sentence = str(raised.value)
    assert "\n" not in sentence
    assert "SELECT" not in sentence
    return sentence


def _count_parts(folder: Path) -> int:
    return len(list((folder / FOLDER).glob("part-*.json")))


def _run(*said: object, limit: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "augury", "predict", find_bundled(), *map(str, said)]
    return subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limit)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("a,b", "line 5001 has 2 cells where the header has 21"),
        ('x,"y"z,' + "," * 18, "the record that begins on line 5001 cannot be read: ',' expected after '\"'"),
        ("a\x00b", "line 5001 holds a NUL byte, so this is not a text file"),
    ],
)
def test_a_malformed_line_in_the_middle_is_named(
    predict: Predict, customers: list[Row], tmp_path: Path, line: str, sentence: str
) -> None:
    """A line of CSV that is none is told by its number, from within a large file too."""
    path = Path(WRITERS["csv"](customers, tmp_path))
    lines = path.read_bytes().split(b"\n")
    lines.insert(5000, line.encode())
    path.write_bytes(b"\n".join(lines))
    assert sentence in _find_sentence(predict, path)
    assert not (tmp_path / "out.csv").exists()


def test_earlier_parts_outlive_a_malformed_line(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """Parts before a malformed line are finished, and the line can be mended only by starting anew."""
    path = Path(WRITERS["csv"](customers * 10, tmp_path))  # more than is read at once
    with path.open("ab") as file:
        file.write(b"a,b\n")
    sentence = _find_sentence(predict, path)
    assert f"line {len(customers) * 10 + 2} has 2 cells" in sentence
    assert _count_parts(tmp_path) > 0


def test_a_parquet_file_cut_short_is_told(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """A Parquet file without its end is no table."""
    path = Path(WRITERS["parquet"](customers, tmp_path))
    path.write_bytes(path.read_bytes()[:-200])
    assert "the table cannot be read: No magic bytes found at end of file" in _find_sentence(predict, path)


def test_a_damaged_row_group_leaves_earlier_parts(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """Bytes that are damaged in the middle of a Parquet file are told, and the parts before them are kept."""
    path = Path(WRITERS["parquet"](customers, tmp_path))
    content = bytearray(path.read_bytes())
    middle = len(content) * 3 // 4
    content[middle : middle + 2000] = b"\xff" * 2000
    path.write_bytes(content)
    assert "the table cannot be read" in _find_sentence(predict, path)
    assert 0 < _count_parts(tmp_path) < 4


def test_a_table_that_disappears_is_told(
    predict: Predict, customers: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is removed while it is read is told, and the parts before are kept."""
    path = Path(WRITERS["parquet"](customers, tmp_path))
    score = PartScorer.score

    def score_and_remove(self: PartScorer, part: Part) -> Receipt:
        receipt = score(self, part)
        path.unlink(missing_ok=True)
        return receipt

    monkeypatch.setattr(PartScorer, "score", score_and_remove)
    sentence = _find_sentence(predict, path)
    assert sentence.startswith(str(path))
    assert _count_parts(tmp_path) > 0


def test_a_disk_that_fills_up_leaves_finished_parts(customers: list[Row], tmp_path: Path) -> None:
    """Where a part cannot be written any more, one sentence says so, and the run goes on once there is room."""
    source = WRITERS["csv"](customers, tmp_path)
    output = tmp_path / "out.csv"

    def limit() -> None:
        # A part takes 110 kB; the engine's message is that of a full disk, but for the words of the system.
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    full = _run(source, "-o", output, "--part-rows", 6000, limit=limit)
    assert full.returncode == 2
    assert (
        "a file became too large; parts that are finished are kept: make room, and go on with --resume" in full.stderr
    )
    assert full.stderr.count("\n") == 1
    assert not output.exists()
    assert _run(source, "-o", output, "--part-rows", 6000, "--resume").returncode == 0
    assert len(output.read_bytes().splitlines()) == 7044


def test_too_little_memory_is_told(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """A limit of memory in which nothing can be done is told with the option that raises it."""
    source = WRITERS["parquet"](customers, tmp_path)
    assert "2MB is not enough for this; raise --memory" in _find_sentence(predict, source, memory="2MB")
    assert "'lots' is no amount of memory" in _find_sentence(predict, source, memory="lots", force=True)


def test_a_missing_column_is_named_with_the_nearest(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """A field without a column is told with the column that was probably meant; --map says so."""
    rows = [{("Tenur" if key == "tenure" else key): cell for key, cell in row.items()} for row in customers]
    source = WRITERS["csv"](rows, tmp_path)
    assert "the table has no column for 'tenure' (nearest is 'Tenur'); rename the columns, or use --map" in (
        _find_sentence(predict, source)
    )
    assert predict(source, renames={"Tenur": "tenure"}).scored == 7043


def test_two_columns_of_one_field_are_told(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """Two columns that are one field are a contradiction, whichever were taken; so are two that differ in case only."""
    source = WRITERS["csv"](customers[:5], tmp_path)
    sentence = _find_sentence(predict, source, renames={"Churn": "gender"})
    assert "columns 'gender' and 'Churn' are spellings of 'gender'" in sentence
    rows = [{**row, "GENDER": "Male"} for row in customers[:5]]
    assert "columns 'gender' and 'GENDER' differ in case only" in (
        _find_sentence(predict, WRITERS["csv"](rows, tmp_path))
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "the file is empty"), (b"a,a\n1,2\n", "column 'a' stands twice"), (b"1,2\n3,4\n", "it is no header")],
)
def test_a_file_that_is_no_table_is_told(predict: Predict, tmp_path: Path, content: bytes, sentence: str) -> None:
    """An empty file, a name that stands twice and a header of numbers are told as everywhere."""
    (tmp_path / "t.csv").write_bytes(content)
    assert sentence in _find_sentence(predict, tmp_path / "t.csv")


def test_a_table_without_rows_is_told(predict: Predict, customers: list[Row], tmp_path: Path) -> None:
    """A header alone is no table, and nothing stays of the run."""
    path = tmp_path / "t.csv"
    path.write_text(",".join(customers[0]) + "\n")
    assert "the table has no rows" in _find_sentence(predict, path)


def test_a_database_of_several_tables_asks_for_one(predict: Predict, tmp_path: Path) -> None:
    """Of two tables none is taken silently; a table that is not there is told by SQLite's word."""
    with sqlite3.connect(tmp_path / "t.db") as connection:
        connection.executescript("CREATE TABLE a (x); CREATE TABLE b (x);")
    connection.close()
    assert "the database has 2 tables; name one by --table" in _find_sentence(predict, tmp_path / "t.db")
    assert "no such table: c" in _find_sentence(predict, f"sqlite:///{tmp_path / 't.db'}", table="c")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (("-o", "t.csv"), "t.csv: it would take the place of what is read; name another by -o"),
        (("-o", "no/out.csv"), "no/out.csv: its folder does not exist; make no first, or name another file"),
        (("-o", "out.xlsx"), "out.xlsx: no format is known by the suffix '.xlsx'"),
        (("-o", "out.csv", "--rejects", "out.csv"), "out.csv: -o and --rejects name the same file"),
        (("-o", "out.csv", "--id", "tenur"), "t.csv: the table has no column 'tenur' (nearest is 'tenure')"),
        (("-o", "out.csv", "--id", "Churn"), "t.csv: two columns of the answers would be called 'Churn'"),
        (("-o", "out.csv", "--table", "x"), "t.csv: --table is of a database, and this is a file; leave it out"),
        (("-o", "out.csv", "--resume", "--force"), "--resume and --force contradict each other"),
        (("-o", "out.csv", "--explain"), "t.csv: --explain is told of one record"),
        ((), "t.csv: this is a table, and nothing says where its answers go"),
    ],
)
def test_options_that_cannot_be_honoured_are_told(
    customers: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: tuple[str, ...], sentence: str
) -> None:
    """What the options ask and cannot be done is one sentence with status 2, and nothing is written."""
    from click.testing import CliRunner

    from augury.cli.main import main

    monkeypatch.chdir(tmp_path)
    WRITERS["csv"](customers[:5], tmp_path)
    shown = CliRunner().invoke(main, ["predict", find_bundled(), "t.csv", *said])
    assert shown.exit_code == 2
    assert shown.stderr.startswith(f"augury: {sentence}")
    assert shown.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_a_run_without_a_finished_part_leaves_nothing_behind(
    predict: Predict, customers: list[Row], tmp_path: Path
) -> None:
    """Where there is nothing to go on with no folder is left, and the next run is not told of one."""
    empty = tmp_path / "empty.csv"
    empty.write_text(",".join(customers[0]) + "\n")
    assert "the table has no rows" in _find_sentence(predict, empty)
    assert not (tmp_path / FOLDER).exists()
    assert "the table has no rows" in _find_sentence(predict, empty)
