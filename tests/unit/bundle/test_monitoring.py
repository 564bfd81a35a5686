"""Whether Prometheus and Grafana are told to ask for what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from augury.bundle.panels import NEW_MODEL, ROWS
from augury.service.metrics.families import FAMILIES
from tests.unit.bundle.deployments import NAMES, make_deployment, write_part
from tests.unit.bundle.judges import judge, lay_out

QUERIES = [query.expr for panels in ROWS.values() for panel in panels for query in panel.queries] + [NEW_MODEL]
LABELS = {family.name: set(family.labels) for family in FAMILIES}
LABELS |= {
    f"{family.name}{end}": {*family.labels, "le"} for family in FAMILIES for end in ("_bucket", "_sum", "_count")
}
LABELS["up"] = set()
# What Prometheus adds to every series.
TARGET = {"job", "instance"}


def read_dashboard(name: str = "churn") -> dict[str, Any]:
    """The dashboard of a model of this name."""
    dashboard: dict[str, Any] = json.loads(write_part("monitoring", make_deployment(name))["monitoring/dashboard.json"])
    return dashboard


def find_selectors(query: str) -> Iterator[tuple[str, set[str]]]:
    """Each metric of a query with the labels by which it is chosen."""
    for metric, labels in re.findall(r"\b([a-z_]+)\{([^}]*)\}", query):
        yield metric, set(re.findall(r"(\w+)=~?\"", labels))


def test_promtool_takes_the_configuration(tmp_path: Path) -> None:
    """Prometheus would start with the file as it is, and finds the alerts beside it."""
    lay_out(tmp_path, write_part("monitoring", make_deployment("1e3")))
    status, said = judge("promtool", "check", "config", tmp_path / "monitoring" / "prometheus.yaml")
    assert status == 0, said
    assert "1 rule files found" in said


def test_prometheus_asks_under_the_name_that_the_alerts_and_compose_know() -> None:
    """The job is that of the alerts, and the target the service of compose."""
    deployment = make_deployment()
    files = write_part("monitoring", deployment)
    (job,) = yaml.safe_load(files["monitoring/prometheus.yaml"])["scrape_configs"]
    assert f'job="{job["job_name"]}"' in files["monitoring/alerts.yaml"]
    (target,) = job["static_configs"][0]["targets"]
    compose = yaml.safe_load(write_part("compose", deployment)["compose.yaml"])
    assert target.partition(":")[0] in compose["services"]
    source = yaml.safe_load(files["monitoring/grafana/datasources.yaml"])["datasources"][0]
    assert source["url"].removeprefix("http://").partition(":")[0] in compose["services"]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_asks_for_what_is_counted(query: str) -> None:
    """Each metric is one that the service shows, chosen by labels that it has."""
    selectors = list(find_selectors(query))
    assert selectors
    for metric, labels in selectors:
        assert labels <= LABELS[metric] | TARGET
        assert labels >= {"job", "instance"}
    named = set(re.findall(r"\b(?:augury|process)_[a-z_]+", query))
    assert named <= {metric for metric, _ in selectors}


def test_a_query_groups_by_what_there_is() -> None:
    """What a query groups by, and a legend names, is a label of its metric."""
    panels = [panel for panels in ROWS.values() for panel in panels]
    for panel in panels:
        for query in panel.queries:
            metrics = [metric for metric, _ in find_selectors(query.expr)]
            known = set.union(*(LABELS[metric] for metric in metrics))
            grouped = {label for found in re.findall(r"by \(([^)]*)\)", query.expr) for label in found.split(", ")}
            assert grouped <= known
            assert set(re.findall(r"\{\{(\w+)\}\}", query.legend)) <= grouped


def test_promtool_takes_the_queries(tmp_path: Path) -> None:
    """Each query is one of PromQL, once Grafana has filled in its variables."""
    filled = [
        query.replace("$__rate_interval", "1m").replace("$instance", ".*").replace("$model", ".*") for query in QUERIES
    ]
    rules = [{"record": f"panel:{at}", "expr": query} for at, query in enumerate(filled)]
    lay_out(tmp_path, {"rules.yaml": json.dumps({"groups": [{"name": "panels", "rules": rules}]})})
    status, said = judge("promtool", "check", "rules", tmp_path / "rules.yaml")
    assert status == 0, said


def test_every_metric_has_a_place() -> None:
    """Nothing that the service counts is left out of the dashboard."""
    asked = {metric for query in QUERIES for metric, _ in find_selectors(query)}
    shown = {re.sub(r"_(bucket|sum|count)$", "", metric) for metric in asked}
    assert shown >= {family.name for family in FAMILIES}


@pytest.mark.parametrize("name", NAMES)
def test_the_dashboard_is_one_that_grafana_reads(name: str) -> None:
    """Panels are numbered, lie within the width and over no other, and ask a source that is a variable."""
    dashboard = read_dashboard(name)
    assert name in dashboard["title"]
    assert re.fullmatch(r"[a-z0-9-]{1,40}", dashboard["uid"])
    panels = dashboard["panels"]
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard))) - {"__rate_interval", "__all"}
    assert used == variables


def test_grafana_finds_the_dashboard() -> None:
    """The folder in which Grafana looks is that into which compose mounts the dashboard."""
    deployment = make_deployment()
    (provider,) = yaml.safe_load(write_part("monitoring", deployment)["monitoring/grafana/dashboards.yaml"])[
        "providers"
    ]
    compose = yaml.safe_load(write_part("compose", deployment)["compose.yaml"])
    mounted = [volume.split(":")[:2] for volume in compose["services"]["grafana"]["volumes"]]
    assert ["./monitoring/dashboard.json", f"{provider['options']['path']}/augury.json"] in mounted
