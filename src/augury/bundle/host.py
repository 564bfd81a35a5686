"""A machine without containers: the service as a unit of systemd, and nginx with TLS before it.

The values stand bare: a model's name is letters, digits, dots, hyphens and underscores (``artifact.check.MODEL_NAME``),
and no such sign means anything to systemd or nginx.
"""

from __future__ import annotations

from collections.abc import Sequence

from augury.bundle.deployment import Deployment
from augury.bundle.files import Files
from augury.bundle.lock import Package
from augury.bundle.template import fill


def write_systemd(deployment: Deployment, _packages: Sequence[Package]) -> Files:
    """Write the unit."""
    return {f"systemd/{deployment.service}.service": fill("systemd.service", deployment.list_values(), str)}


def write_nginx(deployment: Deployment, _packages: Sequence[Package]) -> Files:
    """Write the site."""
    return {f"nginx/{deployment.service}.conf": fill("nginx.conf", deployment.list_values(), str)}
