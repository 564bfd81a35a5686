from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from augury.service.process.cpus import count_cpus
from tests.unit.cli.conftest import Run


@pytest.mark.parametrize("named", [True, False], ids=["artifact", "bundled"])
def test_a_model_is_served_until_it_is_stopped(artifact: Path, customer: Path, run: Run, named: bool) -> None:
    """A line says where it answers, /predict answers as `augury predict` does, and SIGINT ends it with 130."""
    command = [sys.executable, "-m", "augury", "serve", *([str(artifact)] if named else []), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            greeting = json.loads(process.stdout.readline())
            assert greeting["event"] == "serving"
            if named:
                expected = json.loads(run("predict", artifact, customer, "--json").stdout)
                request = Request(
                    f"{greeting['url']}/predict", customer.read_bytes(), {"Content-Type": "application/json"}
                )
                with urlopen(request, timeout=30) as answer:
                    assert json.load(answer) == expected
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (["--port", "70000"], "there is no port 70000"),
        (["--workers", "0"], "0 workers cannot answer"),
        (["--workers", "many"], "'many' is neither a number nor auto"),
        (["absent.augury.json", "--port", "0"], "absent.augury.json"),
        (["--default", "nobody", "--port", "0"], "there is no model named 'nobody'"),
        (["--host", "256.256.256.256", "--port", "0"], "256.256.256.256"),
    ],
)
def test_a_setting_that_cannot_be_honoured_is_one_sentence(run: Run, said: list[str], sentence: str) -> None:
    """A bad setting exits with 2 before anything is served."""
    shown = run("serve", *said)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert sentence in shown.stderr
    assert shown.stderr.count("\n") == 1


def test_a_port_that_is_taken_is_one_sentence(run: Run) -> None:
    """A port in use exits with 2 and names it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        shown = run("serve", "--port", port)
    assert shown.exit_code == 2
    assert str(port) in shown.stderr


def test_the_port_comes_from_the_environment(run: Run) -> None:
    """AUGURY_SERVE_PORT is --port."""
    assert "there is no port 70000" in run("serve", AUGURY_SERVE_PORT="70000").stderr


def test_workers_by_the_processors(artifact: Path) -> None:
    """`--workers auto` starts one for each processor."""
    command = [sys.executable, "-m", "augury", "serve", str(artifact), "--port", "0", "--workers", "auto"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["workers"] == count_cpus()
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
