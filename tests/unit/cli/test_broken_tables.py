from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("ragged.csv", b"a,b\n1,2\n3\n", "line 3 has 1 cell where the header has 2"),
        ("latin.csv", b"a,b\n1,caf\xe9\n", "line 2 is not UTF-8"),
        ("damaged.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0)[:-6], "the gzip file is damaged or cut short"),
        ("cut.parquet", b"PAR1", "the Parquet file cannot be read"),
        ("cut.arrow", b"ARROW1", "the Arrow file cannot be read"),
        ("broken.jsonl", b'{"a": 1}\n{"a"', "line 2 is not JSON"),
        ("nulls.csv", b"a,b\n,\n,\n", "no column is left for a model to read"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_a_broken_table_is_one_sentence(
    run: Run, tmp_path: Path, name: str, content: bytes, sentence: str, as_json: bool
) -> None:
    """A broken table ends a command with status 2 and one sentence that names the file; nothing is left behind."""
    path = tmp_path / name
    path.write_bytes(content)
    before = set(tmp_path.iterdir())
    shown = run("contract", path, "-o", tmp_path / "contract.toml", *(["--json"] if as_json else []))
    assert shown.exit_code == 2
    assert (name in shown.stderr, sentence in shown.stderr) == (True, True)
    assert "Traceback" not in shown.stderr
    assert shown.stdout == ""
    assert set(tmp_path.iterdir()) == before


def test_a_pipe_is_not_waited_for(run: Run, tmp_path: Path) -> None:
    """A named pipe that nobody writes to ends the command at once."""
    os.mkfifo(tmp_path / "pipe.csv")
    shown = run("contract", tmp_path / "pipe.csv")
    assert (shown.exit_code, "this is a pipe or a device" in shown.stderr) == (2, True)
