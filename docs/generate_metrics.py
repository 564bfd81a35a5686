"""Write the reference of metrics from the code: ``python docs/generate_metrics.py``.

With ``--check`` nothing is written, and the exit status is 1 when the page is not what would be written.
"""

from __future__ import annotations

import sys
from pathlib import Path

from augury.service.metrics.board import AREA_SIZE
from augury.service.metrics.families import FAMILIES, PROBABILITIES, SECONDS, Family
from augury.service.metrics.tally import METHODS, NO_ROUTE, OTHER

PAGE = Path(__file__).parent / "reference" / "metrics.md"

HEAD = """\
<!-- Written by docs/generate_metrics.py from augury/service/metrics/families.py: change that, then run it again. -->

# Metrics

`GET /metrics` answers in Prometheus' text format, and in OpenMetrics 1.0 to whoever accepts it. With several workers
any of them answers for all. A worker that dies leaves its counts to whoever replaces it, so no counter falls before the
whole service is started again; `process_start_time_seconds` says when that was. Where the service asks for keys, it
asks for one here too: Prometheus sends what `authorization` in its configuration says.

```yaml
scrape_configs:
  - job_name: augury
    static_configs:
      - targets: ["127.0.0.1:9696"]
```

| metric | kind | labels | |
|---|---|---|---|
"""

TAIL = f"""
## What a label may be

No label holds what a caller made up, so that nobody can make series.

| label | holds |
|---|---|
| `route` | the template of the path, such as `/models/{{name}}/predict`; `{NO_ROUTE}` where there is no such path |
| `method` | {", ".join(f"`{method}`" for method in METHODS)}; any other is `{OTHER}` |
| `status` | a status of HTTP, or 499 for a caller that went away before the answer; any other is `{OTHER}` |
| `model` `digest` `target` | an artifact's own |
| `default` | `true` for the model of the bare routes, else `false` |
| `field` | a field of the contract; empty where none is meant, so for every key that the contract does not know |
| `code` | a code of a [fault or note](faults.md) |
| `kind` | the type of a [problem](http.md), after `urn:augury:problem:` |
| `outcome` | of records `answered` or `refused`; of reloads `applied` or `refused` |

## Buckets

| histogram | upper bounds |
|---|---|
| `augury_request_duration_seconds` | {", ".join(f"{bound:g}" for bound in SECONDS)} |
| `augury_score` | {", ".join(f"{bound:g}" for bound in PROBABILITIES)} |

## Bounds

A worker counts in {AREA_SIZE >> 20} MiB of memory, of which only what is used is taken: about ten thousand series. A
part is kept for what does not depend on models. What has no room is counted by `augury_metrics_spilled_total` instead.

A server other than `augury serve` that starts several processes has as many counts, each its own: give each process a
port, or count at the proxy.
"""


def generate() -> str:
    """Write the whole page."""
    return HEAD + "".join(map(_document, FAMILIES)) + TAIL


def _document(family: Family) -> str:
    labels = " ".join(f"`{label}`" for label in family.labels)
    return f"| `{family.name}` | {family.kind} | {labels} | {family.meaning} |\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(not (PAGE.is_file() and PAGE.read_text("utf-8") == generate()))
    PAGE.write_text(generate(), "utf-8")
