"""Whether the alerts that we hand out ask for what there is, ring when they should, and are in the runbook."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import pytest

from augury.contract.faults import CODES
from augury.service.metrics.families import FAMILIES
from augury.service.problems import Kind

ROOT = Path(__file__).parents[2]
RULES = ROOT / "src" / "augury" / "bundle" / "templates" / "alerts.yaml"
RUNBOOK = ROOT / "docs" / "how-to" / "run-in-production.md"
TEXT = RULES.read_text("utf-8")
ALERTS = re.findall(r"- alert: (\w+)", TEXT)

HOUR = "0+60x240"  # one a second for four hours, told each minute
QUIET = "0x240"

# Series under which each alert rings after four hours, and a change to them under which it does not.
RINGS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "AuguryDown": ({'up{job="augury"}': QUIET}, {'up{job="augury"}': "1x240"}),
    "AuguryFails": (
        {'augury_requests_total{status="500",route="/predict"}': HOUR},
        {'augury_requests_total{status="500",route="/predict"}': QUIET},
    ),
    "AuguryOverloaded": (
        {'augury_refusals_total{kind="overloaded"}': "0+2x240", 'augury_requests_total{status="200"}': HOUR},
        {'augury_refusals_total{kind="overloaded"}': "0+0.5x240"},
    ),
    "AugurySlow": (
        {
            'augury_request_duration_seconds_bucket{route="/models/{name}/predict",le="0.1"}': "0+50x240",
            'augury_request_duration_seconds_bucket{route="/models/{name}/predict",le="0.25"}': HOUR,
            'augury_request_duration_seconds_bucket{route="/models/{name}/predict",le="+Inf"}': HOUR,
        },
        {'augury_request_duration_seconds_bucket{route="/models/{name}/predict",le="0.1"}': HOUR},
    ),
    "AuguryWorkersMissing": ({"augury_workers": "4x230 3x10"}, {"augury_workers": "4x240"}),
    "AuguryWorkersDie": ({"augury_worker_deaths_total": "0x230 1 2 3 4x10"}, {"augury_worker_deaths_total": "1x240"}),
    "AuguryRestarts": (
        {'process_start_time_seconds{job="augury"}': "0x220 1x5 2x5 3x20"},
        {'process_start_time_seconds{job="augury"}': "0x220 1x30"},
    ),
    "AuguryReloadRefused": (
        {'augury_reloads_total{outcome="refused"}': "0x235 1x10"},
        {'augury_reloads_total{outcome="refused"}': "1x240"},
    ),
    "AuguryModelsDiffer": (
        {
            'augury_model_info{job="augury",instance="a",model="churn",digest="1"}': "1x240",
            'augury_model_info{job="augury",instance="b",model="churn",digest="2"}': "1x240",
        },
        {'augury_model_info{job="augury",instance="b",model="churn",digest="2"}': "_x240"},
    ),
    "AuguryRecordsRefused": (
        {
            'augury_records_total{model="churn",outcome="refused"}': "0+4x240",
            'augury_records_total{model="churn",outcome="answered"}': HOUR,
        },
        {'augury_records_total{model="churn",outcome="refused"}': "0+2x240"},
    ),
    "AuguryAnswersInDoubt": (
        {
            'augury_notes_total{model="churn",field="tenure",code="range"}': "0+4x240",
            'augury_records_total{model="churn",outcome="answered"}': HOUR,
        },
        {'augury_notes_total{model="churn",field="tenure",code="range"}': "0+2x240"},
    ),
    "AuguryScoresMoved": (
        {
            'augury_score_sum{model="churn"}': "0+30x336 10080+36x16",
            'augury_score_count{model="churn"}': "0+60x352",
        },
        {'augury_score_sum{model="churn"}': "0+30x352"},
    ),
    "AuguryKeysRefused": (
        {'augury_refusals_total{kind="unauthorized"}': HOUR},
        {'augury_refusals_total{kind="unauthorized"}': "0+1x240"},
    ),
    "AuguryCallersLeave": (
        {'augury_requests_total{status="499"}': "0+2x240", 'augury_requests_total{status="200"}': HOUR},
        {'augury_requests_total{status="499"}': "0+0.5x240"},
    ),
    "AuguryRequestsMalformed": (
        {'augury_refusals_total{kind="timeout"}': HOUR},
        {'augury_refusals_total{kind="timeout"}': "0+1x240"},
    ),
    "AuguryLogDropped": (
        {"augury_log_lines_dropped_total": "0x235 9x10"},
        {"augury_log_lines_dropped_total": "9x240"},
    ),
    "AuguryMetricsSpilled": (
        {"augury_metrics_spilled_total": "0x235 9x10"},
        {"augury_metrics_spilled_total": "9x240"},
    ),
}


@pytest.fixture(scope="module")
def promtool() -> str:
    """Prometheus' own judge of rules."""
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed (Debian has it in the package prometheus)")
    return found


def test_promtool_accepts_the_rules(promtool: str) -> None:
    """Prometheus would load the file as it is."""
    judged = subprocess.run([promtool, "check", "rules", str(RULES)], capture_output=True, check=False, timeout=60)
    assert judged.returncode == 0, judged.stderr.decode()


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_rings_when_it_should_and_only_then(promtool: str, name: str, tmp_path: Path) -> None:
    """Of two courses of what is counted, the bad one makes the alert ring and the good one does not."""
    bad, mend = RINGS[name]
    for series, rings in ((bad, True), (bad | mend, False)):
        # A week is looked at each half an hour: each minute would take a minute.
        step, hours = ("30m", "176h") if name == "AuguryScoresMoved" else ("1m", "4h")
        asked = {
            "rule_files": [str(RULES)],
            "evaluation_interval": step,
            "tests": [
                {
                    "interval": step,
                    "input_series": [{"series": key, "values": values} for key, values in series.items()],
                    "promql_expr_test": [
                        {
                            "expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)',
                            "eval_time": hours,
                            "exp_samples": [{"labels": "{}", "value": int(rings)}],
                        }
                    ],
                }
            ],
        }
        file = tmp_path / "test.yaml"
        file.write_text(json.dumps(asked))  # which is YAML too
        judged = subprocess.run([promtool, "test", "rules", str(file)], capture_output=True, check=False, timeout=60)
        assert judged.returncode == 0, (rings, judged.stdout.decode(), judged.stderr.decode())


def test_the_alerts_ask_for_what_is_counted() -> None:
    """Every metric of ours in the rules is one that the service shows."""
    shown = {family.name for family in FAMILIES}
    shown |= {f"{family.name}{end}" for family in FAMILIES if family.bounds for end in ("_bucket", "_sum", "_count")}
    asked = set(re.findall(r"\b(?:augury|process)_[a-z_]+", TEXT))
    assert asked
    assert asked <= shown


@pytest.mark.parametrize(("label", "known"), [("kind", get_args(Kind)), ("code", CODES)])
def test_the_alerts_ask_for_labels_that_there_are(label: str, known: tuple[str, ...]) -> None:
    """Every kind of problem and every code in the rules is one that the service knows."""
    asked = {value for found in re.findall(rf'{label}=~?"([^"]+)"', TEXT) for value in found.split("|")}
    assert asked
    assert asked <= set(known)


def test_each_alert_stands_in_the_runbook() -> None:
    """Whoever is woken finds the alert's name as a heading, in the order of the rules, and nothing that never rings."""
    assert ALERTS
    assert re.findall(r"^### (\w+)$", RUNBOOK.read_text("utf-8"), re.MULTILINE) == ALERTS
