from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

import augury.cli.predict
from augury import errors
from augury.cli.failure import describe_failure
from augury.cli.main import VERBS, main
from augury.contract.faults import Fault
from tests.unit.cli.conftest import Run

AUGURY = [sys.executable, "-m", "augury"]


def test_help_names_every_verb(run: Run) -> None:
    """`augury --help` lists the verbs in their order."""
    shown = run("--help")
    assert shown.exit_code == 0
    assert [line.split()[0] for line in shown.stdout.partition("Commands:\n")[2].splitlines()[: len(VERBS)]] == list(
        VERBS
    )


def test_without_a_verb_the_help_is_shown(run: Run) -> None:
    """`augury` alone is bad usage, answered with the help as it is laid out."""
    shown = run()
    assert (shown.exit_code, shown.stdout, shown.stderr) == (2, "", run("--help").stdout)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_json(run: Run, verb: str) -> None:
    """Each verb explains itself and takes --json."""
    shown = run(verb, "--help")
    assert shown.exit_code == 0
    assert shown.stdout.startswith(f"Usage: augury {verb}")
    assert "--json" in shown.stdout


def test_a_verb_is_loaded_only_when_it_is_asked_for() -> None:
    """Neither --help nor predict loads what reads estimators or serves, and --help not even msgspec."""
    script = (
        "import sys\nfrom augury.cli.main import main\ntry: main({!r})\nexcept SystemExit: pass\nprint(*sys.modules)"
    )

    def modules(*arguments: str) -> set[str]:
        ran = subprocess.run(
            [sys.executable, "-c", script.format(arguments)], capture_output=True, check=True, text=True, timeout=60
        )
        return set(ran.stdout.split())

    assert not modules("--help") & {"msgspec", "augury.cli.predict", "augury.api"}
    loaded = modules("predict", "absent.augury.json", "absent.json")
    assert "augury.model" in loaded
    assert not loaded & {"augury.frontends.unpickle", "augury.tables.read", "augury.service.app", "starlette"}


def test_the_version_is_said(run: Run, artifact: Path) -> None:
    """`augury --version` names the version, and a variable AUGURY_VERSION is somebody else's."""
    shown = run("--version")
    assert (shown.exit_code, shown.stdout) == (0, f"augury {augury.__version__}\n")
    assert run("verify", artifact, AUGURY_VERSION="0.1.0").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["predct"], "augury: there is no command 'predct': did you mean 'predict'? See `augury --help`\n"),
        (["xyzzy"], f"augury: there is no command 'xyzzy': there are {', '.join(VERBS)}. See `augury --help`\n"),
        (["predict"], "augury predict: Missing argument 'MODEL'. See `augury predict --help`\n"),
        (["sample", "m", "-n", "0"], "augury sample: Invalid value for '-n'"),
        (["amend", "m", "-o", "n", "--null", "tenure"], "'tenure' is not of the form FIELD=impute"),
        (["amend", "m", "-o", "n", "--null", "tenure=x"], "the value is impute or refuse, as in FIELD=impute"),
        (["amend", "m", "-o", "n", "--bounds", "tenure=0"], "the bounds are LOW:HIGH, as in tenure=0:120"),
        (["amend", "m", "-o", "n", "--bounds", "tenure=a:b"], "the bounds are two numbers, as in tenure=0:120"),
        (["compile", "m", "--fill", "x=1", "--fill", "x=2"], "--fill names 'x' twice: give it once"),
    ],
)
def test_bad_usage_is_one_sentence(run: Run, arguments: list[str], sentence: str) -> None:
    """Bad usage exits with 2 and one line on standard error that names the option and the way to more."""
    shown = run(*arguments)
    assert shown.exit_code == 2
    assert shown.stdout == ""
    assert sentence in shown.stderr
    assert shown.stderr.count("\n") == 1


def test_an_unknown_option_is_named_with_its_like(run: Run) -> None:
    """A misspelt option is answered with the one that was meant."""
    shown = run("predict", "--explian")
    assert shown.exit_code == 2
    assert "'--explain'" in shown.stderr


def test_options_come_from_the_environment_and_lose_to_the_command_line(run: Run, artifact: Path) -> None:
    """AUGURY_SAMPLE_ROWS is --rows, and --rows wins."""
    assert run("sample", artifact, AUGURY_SAMPLE_ROWS="3").stdout.count("\n") == 3
    assert run("sample", artifact, "-n", 2, AUGURY_SAMPLE_ROWS="3").stdout.count("\n") == 2


ERRORS = [
    (errors.UsageError("what", where="where", mend="mend"), 2),
    (errors.TableError("what"), 2),
    (errors.ContractError("what"), 2),
    (errors.RecordError([Fault("null", "/x", "x is null")]), 2),
    (errors.ArtifactError("what"), 3),
    (errors.EstimatorError("what"), 2),
    (errors.PickleError("what"), 2),
    (errors.UnsafePickleError([("posix.system", "runs programs")]), 2),
    (errors.UnsupportedError([("step 1", "why")]), 2),
    (errors.BundleError("what"), 2),
    (errors.ParityError("what"), 1),
    (errors.ServiceError("what"), 2),
    (errors.ServiceUnreachableError("what"), 2),
    (errors.ServiceTimeoutError("what"), 2),
    (errors.ServiceRefusalError("what"), 2),
    (errors.ServiceFailureError("what"), 2),
    (errors.NoServiceError("what"), 2),
    (click.Abort(), 130),
    (click.UsageError("what"), 2),
    (FileNotFoundError(2, "No such file", "x"), 2),
    (MemoryError(), 1),
    (ZeroDivisionError("division by zero"), 1),
]


@pytest.mark.parametrize(("error", "status"), ERRORS, ids=lambda value: type(value).__name__)
def test_every_error_has_a_status_and_a_sentence(error: Exception, status: int) -> None:
    """Each class of error has its exit status, one line for a person and one JSON object for a machine."""
    failure = describe_failure(error)
    assert failure.status == status
    assert "\n" not in click.unstyle(failure.write_text())
    machine = json.loads(failure.write_json())
    assert machine["exit_status"] == status
    assert machine["error"] == failure.sentence


def test_every_error_of_ours_is_tried() -> None:
    """No class of our tree of errors is left out of the table above."""
    tree = {
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.AuguryError)
    }
    assert tree - {errors.AuguryError} <= {type(error) for error, _ in ERRORS}


def test_many_faults_are_listed_below_the_sentence() -> None:
    """A record with several faults gets one line each, and the count of those beyond."""
    faults = [Fault("null", "/x", "x is null"), Fault("absent", "/y", "y is missing")]
    lines = click.unstyle(describe_failure(errors.RecordError(faults, more=3)).write_text()).splitlines()
    assert lines == [
        "augury: the record is refused for 5 faults",
        "  /x: x is null",
        "  /y: y is missing",
        "  and 3 more",
    ]


def test_an_artifact_that_cannot_be_opened_is_bad_input(run: Run, tmp_path: Path) -> None:
    """A missing artifact exits with 2; one that is refused, with 3."""
    assert run("inspect", tmp_path / "absent.augury.json").exit_code == 2
    refused = tmp_path / "refused.augury.json"
    refused.write_text("{}")
    assert run("inspect", refused).exit_code == 3


def _fail(error: BaseException) -> object:
    def load(_path: object) -> None:
        raise error

    return load


def test_a_fault_of_ours_is_no_traceback(
    run: Run, artifact: Path, customer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unforeseen error exits with 1 and a sentence on how to report it; AUGURY_TRACEBACK=1 lets it through."""
    monkeypatch.setattr(augury.cli.predict, "load", _fail(ZeroDivisionError("oh")))
    shown = run("predict", artifact, customer)
    assert shown.exit_code == 1
    assert "a fault of Augury's own (ZeroDivisionError: oh)" in shown.stderr
    assert "Traceback" not in shown.stderr
    assert isinstance(run("predict", artifact, customer, AUGURY_TRACEBACK="1").exception, ZeroDivisionError)


def test_ctrl_c_is_130(run: Run, artifact: Path, customer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Being stopped exits with 130 and says so."""
    monkeypatch.setattr(augury.cli.predict, "load", _fail(KeyboardInterrupt()))
    shown = run("predict", artifact, customer)
    assert shown.exit_code == 130
    assert "stopped" in shown.stderr


@pytest.mark.parametrize("where", ["option", "variable"])
def test_with_json_a_failure_is_one_object(run: Run, artifact: Path, where: str) -> None:
    """With --json, also from the environment, standard error holds one JSON object with every fault."""
    if where == "option":
        shown = run("predict", artifact, "-", "--json", stdin=b"{}")
    else:
        shown = run("predict", artifact, "-", stdin=b"{}", AUGURY_PREDICT_JSON="1")
    failure = json.loads(shown.stderr)
    assert failure["kind"] == "RecordError"
    assert failure["exit_status"] == shown.exit_code == 2
    assert {fault["code"] for fault in failure["faults"]} == {"absent"}


def test_bad_usage_with_json_is_one_object(run: Run) -> None:
    """An option that does not exist is answered in JSON too where JSON was asked for."""
    assert json.loads(run("predict", "--json", "--explian").stderr)["kind"] == "NoSuchOption"


def test_no_name_in_a_sentence_steers_the_terminal(run: Run) -> None:
    """Control characters of a file's name are escaped."""
    shown = run("inspect", "\x1b[31m\x9b.json")
    assert shown.exit_code == 2
    assert r"\x1b[31m\x9b.json" in shown.stderr
    assert not set("\x1b\x9b") & set(shown.stderr)


def test_colour_is_for_terminals_that_want_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR takes the colour away that a terminal would get."""
    seen: list[bool | None] = []
    monkeypatch.setattr(augury.cli.predict, "load", lambda _path: seen.append(click.get_current_context().color))
    for environment in ({}, {"NO_COLOR": "1"}):
        run("predict", "m", "-", stdin=b"{}", **environment)
    assert seen == [None, False]


def test_the_program_runs_as_a_module(artifact: Path, customer: Path) -> None:
    """`python -m augury` is the same program, in a real process."""
    ran = subprocess.run(
        [*AUGURY, "predict", artifact, customer], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.startswith("prediction: 0.")
    assert ran.stderr == ""


def test_a_reader_that_has_enough_is_no_failure(artifact: Path) -> None:
    """`augury sample … | head -1` is quiet and exits with 0."""
    with subprocess.Popen(
        [*AUGURY, "sample", artifact, "-n", "20000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b'{"gender"')
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


def find_environment(buffered: bool) -> dict[str, str]:
    """Find the environment in which Python buffers what it prints, as it does by itself, or does not."""
    others = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return others if buffered else others | {"PYTHONUNBUFFERED": "1"}


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize("verb", ["inspect", "verify"])
def test_a_reader_that_never_was_is_no_failure(artifact: Path, verb: str, buffered: bool) -> None:
    """Output into a pipe that nobody reads is dropped, quietly, to the interpreter's very end."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        command = [*AUGURY, verb, artifact]
        ran = subprocess.run(
            command, stdout=pipe, stderr=subprocess.PIPE, check=False, timeout=60, env=find_environment(buffered)
        )
    assert (ran.returncode, ran.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("buffered", [True, False])
def test_a_full_disk_is_one_sentence(artifact: Path, buffered: bool) -> None:
    """Output that cannot be written exits with 2 and says why, and the interpreter adds nothing."""
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [*AUGURY, "verify", artifact],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
            env=find_environment(buffered),
        )
    assert ran.returncode == 2
    assert ran.stderr.decode().splitlines() == ["augury: No space left on device"]


def test_an_interrupt_leaves_nothing_half_written(artifact: Path, tmp_path: Path) -> None:
    """SIGINT in the middle of a long write exits with 130 and leaves the folder as it was."""
    before = sorted(tmp_path.iterdir())
    # A shell's background jobs, these tests perhaps among them, are started deaf to SIGINT.
    hear = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = [sys.executable, "-c", f"{hear}; from augury.cli.main import main; main()"]
    command = [*program, "sample", artifact, "-n", "100000000", "-o", tmp_path / "out.jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        try:
            while process.poll() is None and sorted(tmp_path.iterdir()) == before:
                pass
            os.kill(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert b"stopped" in err
    assert b"Traceback" not in err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("descriptor", "arguments", "status"),
    [(0, ["predict", "{artifact}", "-"], 2), (1, ["verify", "{artifact}"], 0), (2, ["verify", "absent"], 2)],
    ids=["stdin", "stdout", "stderr"],
)
def test_a_closed_stream_is_no_fault(artifact: Path, descriptor: int, arguments: list[str], status: int) -> None:
    """A caller that closed a standard stream gets the status that it would have got, and never a traceback."""
    script = 'exec "$@" ' + f"{descriptor}{'<' if descriptor == 0 else '>'}&-"
    command = ["sh", "-c", script, "sh", *AUGURY, *(each.format(artifact=artifact) for each in arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == status
    assert "Traceback" not in ran.stderr
    assert "Augury's own" not in ran.stderr


def test_an_old_terminal_gets_no_exception(artifact: Path) -> None:
    """Where the output's encoding lacks a mark, another stands for it; a character that it lacks is escaped."""
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}

    def ask(*arguments: object) -> bytes:
        command = [*AUGURY, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, check=True, env=environment, timeout=60).stdout

    assert ask("verify", artifact).startswith(b"ok format")
    assert rb"\u2192 churn@" in ask("amend", artifact, "--threshold", "0.4", "-o", "new.augury.json")


def test_main_is_the_entry_point() -> None:
    """`augury` and `python -m augury` call one object, which click can document."""
    assert isinstance(main, click.Group)
