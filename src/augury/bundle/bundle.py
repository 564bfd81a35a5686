"""Everything a bundle holds, made from a model and its artifact: the same model gives the same bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from importlib.metadata import requires

from augury import __version__
from augury.artifact.read import parse_artifact, read_content
from augury.bundle.deployment import Deployment, describe_deployment
from augury.bundle.files import Files
from augury.bundle.image import write_image
from augury.bundle.lock import WHEELS, Package, Wheel, read_lock
from augury.bundle.locks import write_pipfile, write_pipfile_lock, write_pylock, write_requirements
from augury.bundle.parts import PARTS
from augury.bundle.readme import write_readme
from augury.bundle.sources import Source
from augury.bundle.sums import write_sums
from augury.bundle.wheel import build_wheel
from augury.model import Model

_PYLOCK = f"{WHEELS}/pylock.toml"
_ABOUT_PYLOCK = f"""\
Every wheel lies in this folder; all but ours are put there by
  pip download --require-hashes -r requirements.txt -d {WHEELS}
and then this installs without any index: uv pip install -r {_PYLOCK}"""


def read_model(path: str) -> tuple[Model, bytes]:
    """Read the artifact that is to be deployed; answer with the model, its golden rows scored, and the file's bytes.

    Raises:
        ArtifactError: it is refused.
    """
    content = read_content(path)
    return Model(parse_artifact(content, path)), content


def make_bundle(
    model: Model, content: bytes, sources: Sequence[Source], parts: Sequence[str] = ()
) -> tuple[Deployment, Files]:
    """Make the files of a bundle, each by its path.

    Args:
        model: that is deployed.
        content: of its artifact.
        sources: the indexes that pipenv asks.
        parts: what it holds besides, by names of ``PARTS``; what they need is added.

    Raises:
        UsageError: Augury's files are not as they were installed.
    """
    deployment = describe_deployment(model, content)
    wheel_file, wheel = build_wheel()
    packages = _add_own(read_lock(), Wheel(wheel_file, len(wheel), hashlib.sha256(wheel).hexdigest()))
    chosen = choose_parts(parts)
    files: dict[str, bytes] = {
        deployment.file: content,
        f"{WHEELS}/{wheel_file}": wheel,
        "requirements.txt": write_requirements(packages),
        _PYLOCK: write_pylock(packages, about=_ABOUT_PYLOCK),
        "Pipfile": write_pipfile(__version__, sources, script=f"augury serve {deployment.file}"),
        "Pipfile.lock": write_pipfile_lock(packages, __version__, sources),
        **write_image(deployment),
    }
    for name in chosen:
        files |= PARTS[name].write(deployment, packages)
    files["README.md"] = write_readme(model, deployment, chosen)
    return deployment, write_sums(files)


def choose_parts(names: Sequence[str]) -> tuple[str, ...]:
    """Choose the parts that were named and those that they need, in the order of the table."""
    wanted = set(names).union(*(PARTS[name].needs for name in names))
    return tuple(name for name in PARTS if name in wanted)


def _add_own(packages: Sequence[Package], wheel: Wheel) -> tuple[Package, ...]:
    """Add Augury itself, which no index has under this hash, in its place among the others."""
    declared = {_read_name(line) for line in requires("augury") or () if "extra ==" not in line}
    direct = tuple(each.name for each in packages if each.name in declared)
    own = Package("augury", __version__, None, direct, (wheel,))
    return tuple(sorted([*packages, own], key=lambda package: package.name))


def _read_name(requirement: str) -> str:
    """Read the name at the beginning of a requirement, as a lock has it (PEP 503)."""
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")
