from __future__ import annotations

import json
from pathlib import Path

import pytest

from augury.cli.guard import gather_keys
from augury.service.gate.gate import Gate
from tests.unit.cli.conftest import Run


def test_a_key_and_its_line(run: Run) -> None:
    """The key that is shown is let in by the line that is shown, under its name."""
    shown = run("key", "billing").stdout.splitlines()
    (_, key), (_, line) = (each.split() for each in shown)
    gate = Gate(gather_keys(None, [line]))
    assert gate.check("/predict", [(b"x-api-key", key.encode())]) == "billing"


def test_a_key_for_a_machine(run: Run, tmp_path: Path) -> None:
    """With --json both are in one object, and never twice the same."""
    first, second = (json.loads(run("key", "web", "--json").stdout) for _ in range(2))
    assert first["name"] == "web"
    assert first["key"] != second["key"]
    (tmp_path / "keys").write_text(first["line"] + "\n")
    [key] = gather_keys(tmp_path / "keys", ())
    assert key.name == "web"


def test_a_name_that_no_key_can_have(run: Run) -> None:
    """A name that a log would have to escape is refused in one sentence."""
    shown = run("key", "a b")
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "a key cannot be named so" in shown.stderr


@pytest.mark.parametrize(
    "variable", ["AUGURY_API_KEYS", "AUGURY_SERVE_API_KEYS", "AUGURY_SERVE_API_KEY", "AUGURY_SERVE_ALLOW_HOST"]
)
@pytest.mark.parametrize("value", ["", "  "])
def test_a_variable_that_says_nothing(run: Run, variable: str, value: str) -> None:
    """A variable that is set to nothing is a mistake: without it the service would be open."""
    shown = run("serve", "--port", "0", **{variable: value})
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert variable in shown.stderr or "--api-keys" in shown.stderr


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (["--api-keys", "absent"], "--api-keys absent: the file cannot be read"),
        (["--api-keys", ""], "the file cannot be read"),
        (["--api-key", "secret-that-is-no-hash"], "--api-key, number 1: this is no key's name and hash"),
        (["--api-key", f"a:sha256:{'0' * 64}", "--api-key", f"a:sha256:{'1' * 64}"], "this name stands above already"),
        (["--allow-host", "*"], "'*' is no name of a host"),
        (["--allow-host", ""], "'' is no name of a host"),
    ],
)
def test_a_guard_that_cannot_be_honoured(run: Run, said: list[str], sentence: str) -> None:
    """What cannot guard is one sentence before anything is served, and a secret is not repeated."""
    shown = run("serve", "--port", "0", *said)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert sentence in shown.stderr
    assert "secret" not in shown.stderr


def test_keys_come_from_the_environment(run: Run) -> None:
    """AUGURY_API_KEYS holds lines as the file does, with spaces or line ends between."""
    lines = f"a:sha256:{'0' * 64}\nb:sha256:{'1' * 64} c"
    assert "--api-key, number 3: this is no key's name" in run("serve", "--port", "0", AUGURY_API_KEYS=lines).stderr


def test_keys_of_both_ways_add_up(tmp_path: Path) -> None:
    """Keys of the file and keys said one by one are all keys."""
    (tmp_path / "keys").write_text(f"a:sha256:{'0' * 64}\n")
    assert [key.name for key in gather_keys(tmp_path / "keys", [f"b:sha256:{'1' * 64}"])] == ["a", "b"]
    assert gather_keys(None, ()) == ()
