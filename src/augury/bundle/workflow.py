"""GitHub Actions: the image is built, scanned and pushed from a repository that holds the bundle."""

from __future__ import annotations

from collections.abc import Sequence

from augury.bundle.deployment import Deployment
from augury.bundle.files import Files
from augury.bundle.lock import Package
from augury.bundle.yaml_text import fill_yaml


def write_workflow(deployment: Deployment, _packages: Sequence[Package]) -> Files:
    """Write the workflow; what it is told by GitHub reaches a shell through the environment alone."""
    return {".github/workflows/image.yaml": fill_yaml("workflow.yaml", deployment)}
