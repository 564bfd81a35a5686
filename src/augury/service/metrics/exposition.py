"""The totals in the formats that Prometheus reads: written by its own library, which escapes the names of artifacts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.registry import Collector

from augury.service.meter import Totals
from augury.service.metrics import families
from augury.service.metrics.families import PROBABILITIES_WIDTH, Family
from augury.service.models import Models
from augury.service.problems import KINDS

# The values of a family's labels, with a number, or with a histogram's sum and counts.
_Numbers = Iterable[tuple[Sequence[str], float]]
_Histograms = Iterable[tuple[Sequence[str], Sequence[float]]]

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

# Refused records are counted as records, and what failed by the status 500.
_COUNTED_ELSEWHERE = ("record-refused", "internal")


class _Collected(Collector):
    """What the library's writers ask for metrics."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Sequence[Metric]:
        return self._metrics


def write_text(totals: Totals, models: Models) -> bytes:
    """Write Prometheus' text format."""
    return generate_latest(_Collected(list(_collect(totals, models))))


def write_openmetrics(totals: Totals, models: Models) -> bytes:
    """Write OpenMetrics 1.0."""
    written: bytes = generate_openmetrics(_Collected(list(_collect(totals, models))))  # type: ignore[no-untyped-call]
    return written


def _collect(totals: Totals, models: Models) -> Iterator[Metric]:
    """Collect every family, in the order of the list."""
    totals = {**_make_zeros(models), **totals}
    derived = {
        families.REQUESTS: _count_requests(totals),
        families.RECORDS: _count_records(totals),
        families.MODEL: _list_models(models),
    }
    histograms = {families.DURATION: _sum_by_route(totals), families.SCORE: _find(totals, families.SCORE)}
    for family in families.FAMILIES:
        if family in histograms:
            yield _make_histogram(family, histograms[family])
        else:
            counted = ((labels, values[0]) for labels, values in _find(totals, family))
            yield _make_numbers(family, derived.get(family, counted))


def _make_zeros(models: Models) -> Totals:
    """Make what is shown as 0 before it is counted: Prometheus cannot see a series rise that begins at 1."""
    keys = [
        *((family.name,) for family in (families.DEATHS, families.DROPPED)),
        *((families.REFUSALS.name, kind) for kind in KINDS if kind not in _COUNTED_ELSEWHERE),
        *((families.RECORDS.name, name, "refused") for name in models.by_name),
    ]
    scores: Totals = {(families.SCORE.name, name): [0.0] * PROBABILITIES_WIDTH for name in models.by_name}
    return {**dict.fromkeys(keys, (0.0,)), **scores}


def _find(totals: Totals, family: Family) -> Iterator[tuple[Sequence[str], Sequence[float]]]:
    return ((key[1:], totals[key]) for key in sorted(totals) if key[0] == family.name)


def _count_requests(totals: Totals) -> _Numbers:
    return ((labels, sum(values[1:])) for labels, values in _find(totals, families.REQUESTS))


def _sum_by_route(totals: Totals) -> _Histograms:
    by_route: dict[str, list[float]] = {}
    for (route, *_), values in _find(totals, families.REQUESTS):
        known = by_route.get(route)
        by_route[route] = [*values] if known is None else [a + b for a, b in zip(known, values, strict=True)]
    return (((route,), values) for route, values in by_route.items())


def _count_records(totals: Totals) -> _Numbers:
    for (model,), values in _find(totals, families.SCORE):
        yield (model, "answered"), sum(values[1:])
    for labels, values in _find(totals, families.RECORDS):
        yield labels, values[0]


def _list_models(models: Models) -> _Numbers:
    for model in models.by_name.values():
        yield (model.name, model.digest, model.target, "true" if model is models.default else "false"), 1.0


def _make_numbers(family: Family, numbers: _Numbers) -> Metric:
    if family.kind == "info":
        info = InfoMetricFamily(family.name.removesuffix("_info"), family.meaning, labels=family.labels)
        for labels, _ in numbers:
            info.add_metric(labels, {})
        return info
    make = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    metric = make(family.name, family.meaning, labels=family.labels)
    for labels, number in numbers:
        metric.add_metric(labels, number)
    return metric


def _make_histogram(family: Family, histograms: _Histograms) -> Metric:
    metric = HistogramMetricFamily(family.name, family.meaning, labels=family.labels)
    bounds = (*map(str, family.bounds), "+Inf")
    for labels, (total, *counts) in histograms:
        metric.add_metric(labels, list(zip(bounds, accumulate(counts), strict=True)), total)
    return metric
