"""KServe: the service as an ``InferenceService`` with a container of its own."""

from __future__ import annotations

from collections.abc import Sequence

from augury.bundle.deployment import Deployment
from augury.bundle.files import Files
from augury.bundle.lock import Package
from augury.bundle.model_map import write_model_map, write_mount
from augury.bundle.yaml_text import fill_yaml


def write_kserve(deployment: Deployment, _packages: Sequence[Package]) -> Files:
    """Write the manifests."""
    mount = write_mount(deployment, depth=4)
    return {
        "kserve/inference-service.yaml": fill_yaml("kserve_service.yaml", deployment, mount=mount),
        **write_model_map(deployment, "kserve"),
    }
