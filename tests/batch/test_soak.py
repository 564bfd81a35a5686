from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from augury.api import find_bundled
from tests.batch.tables import Row, make_arrow

ROWS = 5_000_000
KILLS = 20


@pytest.fixture(scope="module")
def source(customers: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five million rows, every thousandth of which is refused."""
    spoilt = [{**row, "gender": "Mal"} if number % 1000 == 7 else row for number, row in enumerate(customers)]
    table = make_arrow(spoilt)
    path = tmp_path_factory.mktemp("soak") / "t.parquet"
    with pyarrow.parquet.ParquetWriter(path, table.schema) as writer:
        for start in range(0, ROWS, len(table)):
            ids = [f"{number:09}" for number in range(start, start + len(table))]
            piece = table.set_column(0, "customerID", pa.array(ids))
            writer.write_table(piece.slice(0, ROWS - start))
    return path


def _start(source: Path, output: Path, *said: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "augury", "predict", find_bundled(), str(source), "-o", str(output), *said]
    return subprocess.Popen([*command, "--part-rows", "200000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.soak
def test_twenty_kills_of_a_large_run_lose_nothing(source: Path, tmp_path: Path) -> None:
    """Killed at twenty random moments, a run of five million rows that is gone on with gives what it should."""
    began = time.monotonic()
    assert _start(source, tmp_path / "whole.parquet").wait() == 4
    took = time.monotonic() - began
    draw = random.Random(5)
    kills = 0
    while kills < KILLS:
        process = _start(source, tmp_path / "out.parquet", "--resume")
        try:
            # Most runs are killed before they end; one that is quicker is done, and is begun again.
            process.wait(draw.uniform(0.2, took / 4))
        except subprocess.TimeoutExpired:
            process.kill()
            assert process.wait() == -signal.SIGKILL
            kills += 1
        else:
            assert process.returncode == 4
            (tmp_path / "out.parquet").unlink()
            (tmp_path / "out.rejects.parquet").unlink()
    assert _start(source, tmp_path / "out.parquet", "--resume").wait() == 4
    for kind in ("", ".rejects"):
        whole, out = (pyarrow.parquet.read_table(tmp_path / f"{name}{kind}.parquet") for name in ("whole", "out"))
        assert out.equals(whole)
    refused = len(out)
    assert len(pyarrow.parquet.read_table(tmp_path / "out.parquet")) + refused == ROWS
