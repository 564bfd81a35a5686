"""A bundle held to what it promises: installed, started, asked, stopped."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from augury.bundle.bundle import read_model
from augury.bundle.dockerfile import read_launch
from augury.bundle.environment import make_environment
from augury.bundle.lock import WHEELS
from augury.bundle.sums import SUMS, find_changed, read_sums
from augury.bundle.trial import Trial, try_service
from augury.errors import BundleError

_SUFFIX = ".augury.json"
# What decides which code runs and which model answers; the rest may be made to measure.
_DECIDING = frozenset({"requirements.txt", "Pipfile.lock"})


class Findings(Struct, frozen=True):
    """What a check found.

    Args:
        model: name and version.
        python: the version that the environment is of.
        packages: how many are in it.
        size: of their files, in bytes.
        trial: of the service.
        changed: the files that are not as they were written, each ``changed`` or ``missing``.
    """

    model: str
    python: str
    packages: int
    size: int
    trial: Trial
    changed: dict[str, str]


def check_bundle(folder: Path, tell: Callable[[str], None] = lambda _step: None) -> Findings:
    """Check a bundle: install its lock into a fresh environment, start the service as the image would, and ask it.

    Args:
        folder: the bundle.
        tell: is called with what is being done.

    Raises:
        ArtifactError: the model is refused.
        BundleError: there is no bundle, it was changed where it must not be, or it does not do what it promises.
    """
    digests = read_sums(folder)
    if not digests:
        raise BundleError("there is no bundle", where=str(folder), mend="give the folder that `augury bundle` wrote")
    names = [name for name in digests if name.endswith(_SUFFIX)]
    if len(names) != 1:
        raise BundleError(f"{SUMS} does not say which file is the model", where=str(folder), mend="bundle again")
    model, content = read_model(str(folder / names[0]))
    changed = find_changed(folder, digests)
    _check_deciding(folder, changed, names[0])
    launch = read_launch(_read_dockerfile(folder))
    with tempfile.TemporaryDirectory(prefix="augury-bundle-") as temporary:
        place = Path(temporary)
        place.chmod(0o755)  # the image's user reads it
        served = place / "model"
        served.mkdir()
        (served / names[0]).write_bytes(content)
        shutil.copytree(folder / WHEELS, place / WHEELS)
        shutil.copyfile(folder / "requirements.txt", place / "requirements.txt")
        tell("installing what is locked into a fresh environment")
        environment = make_environment(place / "environment", place / "requirements.txt")
        tell("starting the service and asking every golden row")
        trial = try_service(launch, environment.programs, served, model)
    label = f"{model.name}@{model.digest.removeprefix('sha256:')[:12]}"
    version = ".".join(map(str, sys.version_info[:3]))
    return Findings(label, version, environment.packages, environment.size, trial, changed)


def _read_dockerfile(folder: Path) -> str:
    try:
        return (folder / "Dockerfile").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = f"the Dockerfile cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}"
        raise BundleError(what, where=str(folder), mend="bundle again") from None


def _check_deciding(folder: Path, changed: dict[str, str], model: str) -> None:
    decided = sorted(name for name in changed if name in _DECIDING or name == model or name.startswith(f"{WHEELS}/"))
    if decided:
        listed = ", ".join(f"{name} is {changed[name]}" for name in decided)
        raise BundleError(f"{listed} since it was written", where=str(folder), mend="bundle again")
