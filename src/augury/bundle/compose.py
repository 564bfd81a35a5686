"""Compose: the service on one machine, with a database, Prometheus and Grafana beside it."""

from __future__ import annotations

from collections.abc import Sequence

from augury.bundle.deployment import Deployment
from augury.bundle.files import Files
from augury.bundle.lock import Package
from augury.bundle.yaml_text import fill_yaml


def write_compose(deployment: Deployment, _packages: Sequence[Package]) -> Files:
    """Write ``compose.yaml``; its blanks are names without a dollar, which compose would take for a variable's."""
    return {"compose.yaml": fill_yaml("compose.yaml", deployment)}
