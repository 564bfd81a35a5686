"""The artifact as Kubernetes keeps it: a ConfigMap that never changes, mounted where the image has its own."""

from __future__ import annotations

import re
from textwrap import indent

from augury.bundle.deployment import Deployment
from augury.bundle.files import Files
from augury.bundle.quoting import quote
from augury.bundle.yaml_text import fill_yaml

# A ConfigMap may hold 1 MiB, its names and labels included.
MAX_BYTES = 1_000_000
# Lines that every YAML reads as they are: printable, with no sign that some take for the end of a line, the first of
# them not indented, and one line end at the end.
_EXACT = re.compile(
    "[!-~](?:[\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*"
    "[!-~\xa1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff])?\n"
)


def fits_config_map(deployment: Deployment) -> bool:
    """Say whether the artifact is small enough for a ConfigMap."""
    return len(deployment.content) <= MAX_BYTES


def write_model_map(deployment: Deployment, folder: str) -> Files:
    """Write the ConfigMap into a folder of manifests, or nothing where the artifact is too large for one."""
    if not fits_config_map(deployment):
        return {}
    content = quote_content(deployment.content.decode())
    return {f"{folder}/model.yaml": fill_yaml("k8s_model.yaml", deployment, content=content)}


def write_mount(deployment: Deployment, *, depth: int) -> str:
    """Write the end of a container and of its pod, with the ConfigMap in the place of the image's own model.

    Args:
        deployment: whose artifact is mounted.
        depth: how many spaces a member of the pod has before it.
    """
    if fits_config_map(deployment):
        block = (
            "    volumeMounts:\n"
            "      - {name: model, mountPath: /model, readOnly: true}\n"
            "volumes:\n"
            "  - name: model\n"
            "    configMap:\n"
            f"      name: {deployment.config_map}"
        )
    else:
        block = (
            f"    # The model has {len(deployment.content):,} bytes, and no ConfigMap holds as many: the image has it."
        )
    return indent(block, " " * depth)


def quote_content(text: str) -> str:
    """Write a file's text as a scalar of YAML, as lines that a person can read where that is exact."""
    if _EXACT.fullmatch(text):
        # Not `indent`, which leaves lines of blanks as they are.
        return "|\n" + "\n".join(f"    {line}" for line in text[:-1].split("\n"))
    return quote(text)
