"""The steps of a Dockerfile, run without a container engine: each in a root of its own, by a user without privileges.

Bubblewrap gives a step the root folder, the user and the variables that it would have. In the place of the base image
stand this machine's /usr and a copy of a Python at /usr/local, which is where the base image has its own; the last
stage begins with nothing, as the Dockerfile says, and so holds only what was copied into it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from msgspec import Struct, field

from augury.bundle.dockerfile import Instruction, read_dockerfile, read_variables, split_stages

# What a base image has beside its Python, read only.
_OF_THE_BASE = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/opt")
# What says where packages come from, and what trusts it.
_INDEX_VARIABLES = ("PIP_", "SSL_", "REQUESTS_CA_BUNDLE", "http_proxy", "https_proxy", "no_proxy")
_SECONDS = 300
NOBODY = 65534


class Stage(Struct):
    """A stage: its root folder, the base's Python if it has a base, and what the instructions so far have set."""

    root: Path
    python: Path | None
    workdir: PurePosixPath = PurePosixPath("/")
    environment: dict[str, str] = field(default_factory=dict)
    user: str = "0:0"
    entrypoint: list[str] = field(default_factory=list)

    def make_command(self, command: Sequence[str], *extra: str) -> list[str]:
        """Make the command that runs another in this stage."""
        uid, _, gid = self.user.partition(":")
        mounts = ["--bind", str(self.root), "/"]
        if self.python is not None:
            mounts += [each for name in _OF_THE_BASE for each in ("--ro-bind-try", name, name)]
            mounts += ["--bind", str(self.python), "/usr/local", "--tmpfs", "/tmp"]
        variables = [each for name, value in self.environment.items() for each in ("--setenv", name, value)]
        return [
            *(_find("bwrap"), "--unshare-all", "--share-net", "--die-with-parent", "--new-session", "--clearenv"),
            *(*mounts, "--proc", "/proc", "--dev", "/dev", "--uid", uid, "--gid", gid, "--chdir", str(self.workdir)),
            *(*variables, *extra, *command),
        ]


@contextmanager
def open_place() -> Iterator[Path]:
    """Make a folder for the stages, until the block ends; pytest keeps its own ones to one user."""
    with tempfile.TemporaryDirectory(prefix="augury-image-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        give_away(place)
        yield place


def build(context: Path, place: Path) -> Stage:
    """Run every step of the Dockerfile in a context; answer with the last stage.

    Files are made by a user without privileges, who must be able to write to ``place``.
    """
    stages: dict[str, Stage] = {}
    stage = Stage(place, None)
    for number, instructions in enumerate(split_stages(read_dockerfile((context / "Dockerfile").read_text("utf-8")))):
        stage = _begin(instructions[0], place, number)
        for instruction in instructions[1:]:
            _run_step(instruction, stage, stages, context)
        stages[instructions[0].rest.partition(" AS ")[2]] = stage
    return stage


def _begin(instruction: Instruction, place: Path, number: int) -> Stage:
    root = place / f"stage-{number}"
    root.mkdir()
    give_away(root)
    if instruction.rest == "scratch":
        return Stage(root, None)
    variables = {name: value for name, value in os.environ.items() if name.startswith(_INDEX_VARIABLES)}
    variables |= {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin", "HOME": "/nonexistent"}
    # Where this Python was built with a library of its own; the base image's finds it by the loader's list.
    return Stage(root, copy_python(place / "python"), environment=variables | {"LD_LIBRARY_PATH": "/usr/local/lib"})


def copy_python(target: Path) -> Path:
    """Copy a Python of the image's version, where this machine has one, else the one that runs."""
    found = sorted(Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv").glob("versions/3.13.*"))
    prefix = found[-1] if found else Path(sys.base_prefix)
    assert (prefix / "bin" / "python3").exists()
    ignored = shutil.ignore_patterns("test", "__pycache__", "share", "include", "*.a")
    shutil.copytree(prefix, target, ignore=ignored, symlinks=True)
    for script in target.glob("bin/pip*"):  # they name the interpreter that they were installed for
        script.write_bytes(script.read_bytes().replace(str(prefix).encode(), b"/usr/local"))
    give_away(target)
    return target


def _run_step(instruction: Instruction, stage: Stage, stages: dict[str, Stage], context: Path) -> None:
    match instruction.name:
        case "ENV":
            stage.environment |= read_variables(instruction)
        case "WORKDIR":
            stage.workdir = PurePosixPath(instruction.rest)
            _place(stage, instruction.rest).mkdir(parents=True, exist_ok=True)
        case "USER":
            stage.user = instruction.rest
        case "ENTRYPOINT":
            stage.entrypoint = instruction.read_list()
        case "COPY":
            _copy(instruction, stage, stages, context)
        case "RUN":
            done = subprocess.run(
                stage.make_command(instruction.read_list()),
                capture_output=True, text=True, timeout=_SECONDS, check=False, **as_nobody(),
            )  # fmt: skip
            assert done.returncode == 0, f"{instruction.rest}\n{done.stdout}\n{done.stderr}"
        case name:
            assert name in {"ARG", "LABEL", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK"}, name


def _copy(instruction: Instruction, stage: Stage, stages: dict[str, Stage], context: Path) -> None:
    *sources, target = instruction.read_list()
    options = dict(option.removeprefix("--").split("=", 1) for option in instruction.options)
    origin = stages[options["from"]].root if "from" in options else context
    place = _place(stage, target)
    place.mkdir(parents=True, exist_ok=True)
    for source in sources:
        path = origin / source.lstrip("/")
        copied = shutil.copytree(path, place, symlinks=True, dirs_exist_ok=True) if path.is_dir() else None
        copied = copied or Path(shutil.copy2(path, place))
        if "chmod" in options:
            copied.chmod(int(options["chmod"], 8))
    give_away(stage.root)


def _place(stage: Stage, path: str) -> Path:
    return stage.root / str(stage.workdir / path).lstrip("/")


def give_away(folder: Path) -> None:
    """Give a folder with all that is in it to the user without privileges, where this process may."""
    if os.geteuid() == 0:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def as_nobody() -> dict[str, object]:
    """Say to subprocess as whom a step runs: a user without privileges, also where the tests are root's."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": ()} if os.geteuid() == 0 else {}


def _find(program: str) -> str:
    found = shutil.which(program)
    assert found is not None
    return found
