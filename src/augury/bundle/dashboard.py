"""Grafana's dashboard, as the file that it reads."""

from __future__ import annotations

import json
from collections.abc import Iterator

from augury.bundle.deployment import Deployment
from augury.bundle.panels import NEW_MODEL, ROWS, Panel, Query

_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_WIDTH = 24
# Grafana's own bound.
_UID_LENGTH = 40


def write_dashboard(deployment: Deployment) -> bytes:
    """Write the dashboard as Grafana reads it from a file."""
    dashboard = {
        "uid": f"augury-{deployment.slug}"[:_UID_LENGTH],
        "title": f"Augury: {deployment.name}",
        "description": "What the service counts, made by `augury bundle`. Each alert has its page in Augury's runbook.",
        "tags": ["augury"],
        "schemaVersion": 39,
        "editable": True,
        "graphTooltip": 1,  # the cross is at the same time in all panels
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": _list_variables()},
        "annotations": {"list": [_annotate()]},
        "panels": list(_lay_out()),
    }
    return (json.dumps(dashboard, indent=2) + "\n").encode()


def _list_variables() -> list[dict[str, object]]:
    chosen: dict[str, object] = {
        "type": "query",
        "datasource": _SOURCE,
        "refresh": 2,
        "multi": True,
        "includeAll": True,
    }
    chosen |= {"allValue": ".*", "current": {"text": "All", "value": "$__all"}}
    return [
        {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"},
        chosen | {"name": "instance", "label": "Instance", "query": 'label_values(up{job="augury"}, instance)'},
        chosen | {"name": "model", "label": "Model", "query": 'label_values(augury_model_info{job="augury"}, model)'},
    ]


def _annotate() -> dict[str, object]:
    look = {"name": "New models", "datasource": _SOURCE, "enable": True, "iconColor": "purple"}
    return look | {"expr": NEW_MODEL, "step": "1m", "titleFormat": "{{model}}", "textFormat": "{{digest}}"}


def _lay_out() -> Iterator[dict[str, object]]:
    """Lay the panels out from left to right, row by row."""
    number = top = 0
    for title, panels in ROWS.items():
        number += 1
        yield {"id": number, "type": "row", "title": title, "collapsed": False, "gridPos": _place(0, top, _WIDTH, 1)}
        left, top = 0, top + 1
        for panel in panels:
            number += 1
            yield {"id": number, "gridPos": _place(left, top, panel.width, panel.height), **_draw(panel)}
            left += panel.width
        top += panels[0].height


def _place(left: int, top: int, width: int, height: int) -> dict[str, int]:
    return {"x": left, "y": top, "w": width, "h": height}


def _draw(panel: Panel) -> dict[str, object]:
    colours = ("green", "yellow", "red")
    steps = [{"color": colour, "value": at} for colour, at in zip(colours, (None, *panel.warns), strict=False)]
    shown = {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": _SOURCE,
        "targets": [_ask(query, at, panel) for at, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": shown, "overrides": []},
        "options": panel.options,
    }


def _ask(query: Query, at: int, panel: Panel) -> dict[str, object]:
    is_now = panel.kind in {"stat", "table"}
    asked = {"refId": chr(ord("A") + at), "datasource": _SOURCE, "expr": query.expr, "legendFormat": query.legend}
    return asked | {"format": query.format, "instant": is_now, "range": not is_now}
