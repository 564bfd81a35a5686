"""Whether a real Prometheus, configured by the bundle, hears of a real service, and answers what the dashboard asks."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from augury.api import find_bundled, load_bundled
from augury.bundle.panels import NEW_MODEL, ROWS
from tests.service.running import PATIENCE, run_server
from tests.unit.bundle.deployments import make_deployment, write_part
from tests.unit.bundle.judges import find_judge, find_ports, lay_out

QUERIES = [query.expr for panels in ROWS.values() for panel in panels for query in panel.queries]
# What a service on a good day has none of, and what it did last week.
SELDOM = re.compile(r"augury_reloads_total|offset 1w")


class Prometheus:
    """A running Prometheus, asked over its API."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/api/v1"

    def ask(self, what: str, **query: str) -> Any:
        """What it answers, or nothing where it does not yet listen."""
        try:
            with urllib.request.urlopen(f"{self.url}/{what}?{urllib.parse.urlencode(query)}", timeout=PATIENCE) as said:
                return json.load(said)["data"]
        except urllib.error.HTTPError as refused:
            raise AssertionError(refused.read().decode()) from None
        except urllib.error.URLError:
            return None

    def find(self, expr: str) -> list[Any]:
        """The series of a query, with the dashboard's variables filled in."""
        filled = re.sub(r"\$\w+", ".*", expr.replace("$__rate_interval", "10s").replace("[1h]", "[10s]"))
        answered = self.ask("query", query=filled)
        return answered["result"] if answered else []


def await_it(is_so: Callable[[], object]) -> None:
    """Ask until it is so."""
    until = monotonic() + PATIENCE
    while not is_so():
        assert monotonic() < until
        sleep(0.2)


def ask_service(url: str) -> None:
    """A record that is answered, one that is with a note, one that is refused, and a request that is before that."""
    good = load_bundled().examples[0]
    for record in (good, {**good, "tenure": 75}, {**good, "tenure": "41"}):
        _post(f"{url}/predict", json.dumps(record).encode())
    _post(f"{url}/predict", b"{}", kind="text/csv")


def _post(url: str, body: bytes, kind: str = "application/json") -> None:
    try:
        urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": kind}), timeout=PATIENCE).close()
    except urllib.error.HTTPError as refused:
        refused.close()


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that has heard several times of a service that was asked."""
    folder = tmp_path_factory.mktemp("prometheus")
    program = find_judge("prometheus")
    with run_server(tmp_path_factory.mktemp("served"), [Path(find_bundled())]) as service:
        files = write_part("monitoring", make_deployment())
        text = files["monitoring/prometheus.yaml"].replace("prediction:9696", f"127.0.0.1:{service.port}")
        lay_out(folder, files | {"monitoring/prometheus.yaml": text.replace("15s", "500ms")})
        (port,) = find_ports(1)
        command = [program, "--config.file", str(folder / "monitoring" / "prometheus.yaml")]
        command += ["--storage.tsdb.path", str(folder / "kept"), "--web.listen-address", f"127.0.0.1:{port}"]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(command, stderr=log, cwd=folder)
        try:
            asked = Prometheus(port)
            await_it(lambda: asked.find('up{job="augury"} == 1'))
            # A rate is of two moments, before and after.
            ask_service(service.url)
            await_it(lambda: asked.find("augury_faults_total"))
            ask_service(service.url)
            await_it(lambda: asked.find("increase(augury_faults_total[10s]) > 0"))
            yield asked
        finally:
            process.terminate()
            process.wait(PATIENCE)


@pytest.mark.parametrize("query", QUERIES)
def test_a_panel_shows_what_happened(prometheus: Prometheus, query: str) -> None:
    """Each query of the dashboard is answered, with numbers where something has happened."""
    found = prometheus.find(query)
    if not SELDOM.search(query):
        assert found
        assert all(series["value"][1] != "NaN" for series in found)


def test_what_was_refused_is_seen(prometheus: Prometheus) -> None:
    """The share of refused records, which is 0 where there are none, is that of what was asked: a third."""
    (panel,) = [panel for panels in ROWS.values() for panel in panels if panel.title == "Records refused"]
    (series,) = prometheus.find(panel.queries[0].expr)
    assert float(series["value"][1]) == pytest.approx(1 / 3)


def test_a_new_model_is_marked(prometheus: Prometheus) -> None:
    """The model that was not served two minutes ago is one."""
    assert [series["metric"]["model"] for series in prometheus.find(NEW_MODEL)] == ["churn"]


def test_prometheus_has_the_alerts(prometheus: Prometheus) -> None:
    """It evaluates every alert, and none of them fails."""
    rules = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
    written = re.findall(r"- alert: (\w+)", write_part("monitoring", make_deployment())["monitoring/alerts.yaml"])
    assert sorted(rule["name"] for rule in rules) == sorted(written)
    assert {rule["health"] for rule in rules} <= {"ok", "unknown"}
