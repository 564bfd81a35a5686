"""A trial sees what is wrong with a service: each launch here is wrong in one thing."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

from augury.amendment import Amendment, amend
from augury.api import find_bundled, load, load_bundled
from augury.bundle.dockerfile import Launch
from augury.bundle.trial import try_service
from augury.errors import BundleError
from augury.model import Model

PROGRAMS = Path(sys.executable).parent
SERVE = Launch(("augury", "serve", "churn.augury.json"), {}, "", ())
# Answers as the service would, with a number that is not the model's.
LIES = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = b'{"churn": false, "churn_probability": 0.5}'
        self.send_response(200)
        self.send_header("Augury-Model", "%s")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("127.0.0.1", int(os.environ["AUGURY_SERVE_PORT"])), Handler).serve_forever()
"""
# Serves, and ends with another status than 0.
STUMBLES = """
import os, signal, subprocess, time
service = subprocess.Popen(["augury", "serve", "churn.augury.json"])
def stop(*_):
    service.terminate()
    service.wait()
    os._exit(3)
signal.signal(signal.SIGTERM, stop)
while True:
    time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the churn model, as the image has it."""
    served = tmp_path / "model"
    served.mkdir()
    (served / "churn.augury.json").write_bytes(Path(find_bundled()).read_bytes())
    return served


def attempt(folder: Path, model: Model | None = None, **changes: object) -> str:
    """Try a service whose launch is changed, and tell what is said."""
    with pytest.raises(BundleError) as refused:
        try_service(msgspec.structs.replace(SERVE, **changes), PROGRAMS, folder, model or load_bundled())
    return str(refused.value)


def test_a_service_that_does_as_it_should(folder: Path) -> None:
    """Every golden row is answered, and the trial has times and memory."""
    trial = try_service(SERVE, PROGRAMS, folder, load_bundled())
    assert trial.rows == len(load_bundled().examples)
    assert 0.0 < trial.start_seconds < 60.0
    assert 0.0 < trial.stop_seconds < 30.0
    assert not trial.has_health_check


def test_a_service_that_ends(folder: Path) -> None:
    """What it said is repeated."""
    assert "the service ended: " in attempt(folder, command=("augury", "serve", "nothing.augury.json"))
    assert "nothing.augury.json" in attempt(folder, command=("augury", "serve", "nothing.augury.json"))


def test_a_service_of_another_model(folder: Path, tmp_path: Path) -> None:
    """The answer's own label gives it away."""
    amended = tmp_path / "amended.augury.json"
    amend(load_bundled(), Amendment(threshold=0.4)).save(amended)
    said = attempt(folder, load(amended))
    assert f"{load_bundled().name}@" in said
    assert "was bundled" in said


def test_a_service_with_another_number(folder: Path) -> None:
    """A golden row that is answered otherwise is found out, whatever the label says."""
    label = f"churn@{load_bundled().digest.removeprefix('sha256:')[:12]}"
    said = attempt(folder, command=("python", "-c", LIES % label))
    assert "golden row 0 is answered with 200, and not with what the artifact says" in said


def test_a_health_check_that_fails(folder: Path) -> None:
    """An image that would be called unhealthy while it answers is refused."""
    said = attempt(folder, health=("python", "-c", "raise SystemExit(1)"))
    assert "the image's health check fails while the service answers" in said
    assert attempt(folder, health=("nothing-there",)) == said


def test_a_stop_with_another_status(folder: Path) -> None:
    """A service that does not end as it should when it is told to is refused."""
    assert "ended with status 3 at SIGTERM" in attempt(folder, command=("python", "-c", STUMBLES))


def test_the_environment_is_the_images(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the user has set for a service of his own reaches none of a bundle, and what the image says does."""
    monkeypatch.setenv("AUGURY_SERVE_MAX_BODY", "nonsense")
    assert try_service(SERVE, PROGRAMS, folder, load_bundled()).rows
    assert "nonsense" in attempt(folder, environment={"AUGURY_SERVE_MAX_BODY": "nonsense"})
