"""Every metric there is: its name, its kind, its labels, what it means. The list is closed."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Kind = Literal["counter", "gauge", "histogram", "info"]

# From 50 µs, which a single record takes, to the 10 s after which nobody waits.
SECONDS = (50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# Twentieths: fine enough to see a distribution move, and few enough for a thousand models. Exact where i / 20 is.
PROBABILITIES = tuple(i / 20 for i in range(1, 21))
# What a histogram holds: a sum, a count for each bound, and one for what is above the last.
SECONDS_WIDTH = len(SECONDS) + 2
PROBABILITIES_WIDTH = len(PROBABILITIES) + 2


class Family(Struct, frozen=True):
    """A metric: its name as it is shown, and for a histogram the upper bounds of its buckets but the infinite one."""

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


REQUESTS = Family(
    "augury_requests_total",
    "counter",
    "Requests, by the template of their path, by method and by status; 499 is a caller that went away.",
    ("route", "method", "status"),
)
DURATION = Family(
    "augury_request_duration_seconds",
    "histogram",
    "How long requests took, from their head to the end of their answer.",
    ("route",),
    SECONDS,
)
RECORDS = Family(
    "augury_records_total",
    "counter",
    "Records, also those of arrays and streams; a body that is no record at all counts as one that is refused.",
    ("model", "outcome"),
)
SCORE = Family(
    "augury_score",
    "histogram",
    "The probabilities that were answered.",
    ("model",),
    PROBABILITIES,
)
FAULTS = Family(
    "augury_faults_total",
    "counter",
    "What records were refused for, at most twenty faults of each; the field is empty where no field is meant.",
    ("model", "field", "code"),
)
NOTES = Family(
    "augury_notes_total",
    "counter",
    "What was noted of records that were accepted; a key that is not in the contract has the field empty.",
    ("model", "field", "code"),
)
REFUSALS = Family(
    "augury_refusals_total",
    "counter",
    "Requests that were refused before a record was looked at, by the type of the problem.",
    ("kind",),
)
MODEL = Family(
    "augury_model_info",
    "info",
    "The models that are served now; 1.",
    ("model", "digest", "target", "default"),
)
RELOADS = Family(
    "augury_reloads_total",
    "counter",
    "Changes of the models' files: applied, or refused and the models before kept.",
    ("outcome",),
)
WORKERS = Family("augury_workers", "gauge", "Processes that answer.")
DEATHS = Family("augury_worker_deaths_total", "counter", "Workers that ended without being told to.")
DROPPED = Family(
    "augury_log_lines_dropped_total",
    "counter",
    "Lines of the log that were dropped because nobody read them.",
)
SPILLED = Family(
    "augury_metrics_spilled_total",
    "counter",
    "What was counted for series that had no room; above 0, the others are right and some are missing.",
)
STARTED = Family(
    "process_start_time_seconds",
    "gauge",
    "When the service started, in seconds since 1970; a reload does not change it.",
)

FAMILIES = (
    REQUESTS,
    DURATION,
    RECORDS,
    SCORE,
    FAULTS,
    NOTES,
    REFUSALS,
    MODEL,
    RELOADS,
    WORKERS,
    DEATHS,
    DROPPED,
    SPILLED,
    STARTED,
)
