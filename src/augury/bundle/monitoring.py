"""Monitoring: Prometheus asks the service, its alerts ring, and Grafana shows what there is."""

from __future__ import annotations

from collections.abc import Sequence

from augury.bundle.dashboard import write_dashboard
from augury.bundle.deployment import Deployment
from augury.bundle.files import Files
from augury.bundle.lock import Package
from augury.bundle.template import fill
from augury.bundle.yaml_text import fill_yaml


def write_monitoring(deployment: Deployment, _packages: Sequence[Package]) -> Files:
    """Write what Prometheus and Grafana read; the alerts are the same for every model."""
    return {
        "monitoring/prometheus.yaml": fill_yaml("prometheus.yaml", deployment),
        "monitoring/alerts.yaml": fill("alerts.yaml", {}, str),
        "monitoring/dashboard.json": write_dashboard(deployment),
        "monitoring/grafana/datasources.yaml": fill("grafana_datasources.yaml", {}, str),
        "monitoring/grafana/dashboards.yaml": fill("grafana_dashboards.yaml", {}, str),
    }
