"""Deployments to write parts of: of the churn model made in code, and of one whose every name is hostile."""

from __future__ import annotations

import functools

import msgspec

from augury.artifact.read import parse_artifact
from augury.bundle.deployment import Deployment, describe_deployment
from augury.bundle.lock import Package, Wheel, read_lock
from augury.bundle.parts import PARTS
from augury.model import Model
from tests.unit.artifact.documents import make_artifact, reseal

# Names that a model may have, and that YAML, DNS or a shell may take for something else.
NAMES = ("churn", "no", "1e3", "null", "0x1F", "A..B--", "x" * 64, "y", "2nd_Model.v1", "12", "0755", "on", "TRUE")
# What a field and a level may hold that means something in some format of a bundle, U+2028 with the rest.
FIELD = "no: {{ $(id) ${HOME} %n ]]> @{name} \u2028--- # é 𝄞"
LEVEL = FIELD + "'\"\\"

PACKAGES = (
    *read_lock(),
    Package("augury", "0.1.0", None, ("click", "msgspec"), (Wheel("augury-0.1.0-py3-none-any.whl", 1000, "0" * 64),)),
)


@functools.cache
def make_deployment(name: str = "churn", *, is_hostile: bool = False) -> Deployment:
    """A deployment of a model of this name; its fields and levels are hostile where it is told so."""
    content = make_artifact().replace(b'"name": "churn",\n    "target"', b'"name": "%s",\n    "target"' % name.encode())
    if is_hostile:
        content = content.replace(b'"onlinebackup"', msgspec.json.encode(FIELD))
        content = content.replace(b'"mailed_check"', msgspec.json.encode(LEVEL))
    content = reseal(content)
    return describe_deployment(Model(parse_artifact(content, name)), content)


def write_part(part: str, deployment: Deployment) -> dict[str, str]:
    """The files of a part, as texts."""
    return {path: content.decode() for path, content in PARTS[part].write(deployment, PACKAGES).items()}
