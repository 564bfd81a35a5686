"""Kubernetes: a Deployment, and what it needs to be replaced, moved and scaled without a loss."""

from __future__ import annotations

from collections.abc import Sequence

from augury.bundle.deployment import Deployment
from augury.bundle.files import Files
from augury.bundle.lock import Package
from augury.bundle.model_map import write_model_map, write_mount
from augury.bundle.yaml_text import fill_yaml


def write_kubernetes(deployment: Deployment, _packages: Sequence[Package]) -> Files:
    """Write the manifests, one object a file."""
    return {
        "k8s/deployment.yaml": fill_yaml("k8s_deployment.yaml", deployment, mount=write_mount(deployment, depth=6)),
        "k8s/service.yaml": fill_yaml("k8s_service.yaml", deployment),
        "k8s/autoscaler.yaml": fill_yaml("k8s_autoscaler.yaml", deployment),
        "k8s/disruption-budget.yaml": fill_yaml("k8s_disruption_budget.yaml", deployment),
        "k8s/network-policy.yaml": fill_yaml("k8s_network_policy.yaml", deployment),
        **write_model_map(deployment, "k8s"),
    }
