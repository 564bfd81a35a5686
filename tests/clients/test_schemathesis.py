from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SOAK
from tests.service.models import make_model
from tests.service.running import run_server

REPOSITORY = Path(__file__).parents[2]
# How many examples of each operation are drawn in each phase. The judge itself takes most of the time.
EXAMPLES = 1_000 if SOAK else 10


@pytest.mark.timeout(3_600 if SOAK else 300)
def test_what_is_described_is_what_happens(tmp_path: Path) -> None:
    """Schemathesis finds nothing by any check: no undescribed answer, no bad body taken, no good one refused."""
    make_model().save(tmp_path / "churn.augury.json")
    with run_server(tmp_path, [tmp_path / "churn.augury.json"]) as server:
        command = [
            *(Path(sys.executable).with_name("schemathesis"), "run", f"{server.url}/openapi.json"),
            *("--checks", "all", "--max-examples", str(EXAMPLES), "--generation-deterministic", "--no-color"),
        ]
        environment = os.environ | {
            "SCHEMATHESIS_HOOKS": "tests.clients.schemathesis_hooks",
            "PYTHONPATH": str(REPOSITORY),
        }
        ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        log = server.read_log()
    assert ran.returncode == 0, ran.stdout[-6_000:] + ran.stderr[-2_000:]
    found = re.search(r"(\d[\d,]*) generated, (\d[\d,]*) passed", ran.stdout)
    assert found is not None, ran.stdout[-2_000:]
    assert int(found[1].replace(",", "")) >= 100 * (100 if SOAK else 1)
    assert [line for line in log if line.get("status", 0) >= 500] == []
