"""What the dashboard asks of what ``augury serve`` counts, in the order in which somebody who is woken does."""

from __future__ import annotations

from msgspec import Struct, field

# What the panels ask of: the instances and models that are chosen at the top.
_HERE = 'job="augury",instance=~"$instance"'
_MODEL = f'{_HERE},model=~"$model"'
_PREDICT = r'route=~"/predict|/models/.name./predict"'


class Query(Struct, frozen=True):
    """A question in PromQL, and how its series are named; ``format`` is Grafana's, for heatmaps and tables."""

    expr: str
    legend: str = ""
    format: str = "time_series"


class Panel(Struct, frozen=True):
    """A panel, ``width`` of 24 columns wide; ``about`` stands behind its sign for information."""

    title: str
    about: str
    queries: tuple[Query, ...]
    kind: str = "timeseries"
    unit: str = "short"
    width: int = 8
    height: int = 8
    # Where a single value turns yellow and red.
    warns: tuple[float, ...] = ()
    options: dict[str, object] = field(default_factory=dict)


def _rate(metric: str, labels: str, by: str) -> str:
    return f"sum by ({by}) (rate({metric}{{{labels}}}[$__rate_interval]))"


def _quantile(q: float, metric: str, labels: str) -> str:
    return f"histogram_quantile({q}, {_rate(metric, labels, 'le')})"


def _last(title: str, about: str, expr: str, unit: str = "short", warns: tuple[float, ...] = ()) -> Panel:
    """Make a panel of one number."""
    return Panel(title, about, (Query(expr),), "stat", unit, 4, 4, warns)


_NOW = (
    _last("Instances", "That answer Prometheus.", f"sum(up{{{_HERE}}})"),
    _last("Requests", "A second.", f"sum(rate(augury_requests_total{{{_HERE}}}[$__rate_interval]))", "reqps"),
    _last(
        "Failures",
        "The share of answers with status 500: faults of the service, never of a record.",
        f'(sum(rate(augury_requests_total{{{_HERE},status="500"}}[$__rate_interval])) or vector(0))'
        f" / sum(rate(augury_requests_total{{{_HERE}}}[$__rate_interval]))",
        "percentunit",
        (0.0001, 0.01),
    ),
    _last(
        "99 of 100 within",
        "From the head of a request to /predict to the end of its answer.",
        _quantile(0.99, "augury_request_duration_seconds_bucket", f"{_HERE},{_PREDICT}"),
        "s",
        (0.05, 0.1),
    ),
    _last(
        "Records refused",
        "The share of records that the contract does not take.",
        f'(sum(rate(augury_records_total{{{_MODEL},outcome="refused"}}[$__rate_interval])) or vector(0))'
        f" / sum(rate(augury_records_total{{{_MODEL}}}[$__rate_interval]))",
        "percentunit",
        (0.01, 0.05),
    ),
    _last("Workers", "Processes that answer.", f"sum(augury_workers{{{_HERE}}})"),
)

_REQUESTS = (
    Panel(
        "Requests by status",
        "499 is a caller that went away before its answer.",
        (Query(_rate("augury_requests_total", _HERE, "status"), "{{status}}"),),
        unit="reqps",
    ),
    Panel(
        "Duration of /predict",
        "Of single records, arrays and streams together.",
        tuple(
            Query(_quantile(q, "augury_request_duration_seconds_bucket", f"{_HERE},{_PREDICT}"), name)
            for q, name in ((0.5, "half"), (0.95, "95 of 100"), (0.99, "99 of 100"))
        ),
        unit="s",
    ),
    Panel(
        "Refused before a record was looked at",
        "By the kind of problem; overloaded is more than can be answered in time.",
        (Query(_rate("augury_refusals_total", _HERE, "kind"), "{{kind}}"),),
        unit="reqps",
    ),
)

_RECORDS = (
    Panel(
        "Records",
        "Also those of arrays and streams.",
        (Query(_rate("augury_records_total", _MODEL, "model, outcome"), "{{model}} {{outcome}}"),),
        unit="rowsps",
    ),
    Panel(
        "Faults by field",
        "What records are refused for; the runbook says what each code probably means.",
        (Query(_rate("augury_faults_total", _MODEL, "field, code"), "{{field}} {{code}}"),),
        unit="cps",
    ),
    Panel(
        "Notes by field",
        "What is noted of records that are answered: range, level and imputed put an answer in doubt.",
        (Query(_rate("augury_notes_total", _MODEL, "field, code"), "{{field}} {{code}}"),),
        unit="cps",
    ),
)

_SCORES = (
    Panel(
        "Probabilities",
        "How many answers lie in each twentieth.",
        (Query(f"sum by (le) (increase(augury_score_bucket{{{_MODEL}}}[$__rate_interval]))", "{{le}}", "heatmap"),),
        "heatmap",
        width=12,
        options={"calculate": False, "yAxis": {"unit": "percentunit"}, "cellGap": 0, "color": {"scheme": "Blues"}},
    ),
    Panel(
        "Mean probability",
        "Beside last week's: it moves where the model or those who are asked about have changed.",
        (
            Query(
                f"sum by (model) (rate(augury_score_sum{{{_MODEL}}}[1h]))"
                f" / sum by (model) (rate(augury_score_count{{{_MODEL}}}[1h]))",
                "{{model}}",
            ),
            Query(
                f"sum by (model) (rate(augury_score_sum{{{_MODEL}}}[1h] offset 1w))"
                f" / sum by (model) (rate(augury_score_count{{{_MODEL}}}[1h] offset 1w))",
                "{{model}}, last week",
            ),
        ),
        unit="percentunit",
        width=12,
    ),
)

_SERVICE = (
    Panel(
        "Models",
        "Two digests of one model are a rollout under way, or one that stopped.",
        (Query(f"count by (model, digest, target) (augury_model_info{{{_MODEL}}})", format="table"),),
        "table",
        width=12,
    ),
    Panel(
        "Reloads",
        "A refused one leaves the model before in its place; GET /models says why.",
        (Query(f"sum by (outcome) (increase(augury_reloads_total{{{_HERE}}}[$__rate_interval]))", "{{outcome}}"),),
        width=6,
    ),
    Panel(
        "What should not be",
        "Workers that died, starts, and what of the log and of these numbers was lost.",
        (
            Query(f"sum(increase(augury_worker_deaths_total{{{_HERE}}}[$__rate_interval]))", "workers died"),
            Query(f"sum(changes(process_start_time_seconds{{{_HERE}}}[$__rate_interval]))", "starts"),
            Query(f"sum(increase(augury_log_lines_dropped_total{{{_HERE}}}[$__rate_interval]))", "log lines dropped"),
            Query(f"sum(increase(augury_metrics_spilled_total{{{_HERE}}}[$__rate_interval]))", "counts without room"),
        ),
        width=6,
    ),
)

ROWS = {"Now": _NOW, "Requests": _REQUESTS, "Records": _RECORDS, "Scores": _SCORES, "The service": _SERVICE}

# A line in every panel where a model begins to be served.
NEW_MODEL = f"count by (model, digest) (augury_model_info{{{_HERE}}})"
NEW_MODEL += f" unless count by (model, digest) (augury_model_info{{{_HERE}}} offset 2m)"
