from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from starlette.applications import Starlette

from augury.contract.faults import CODES, Fault
from augury.model import Model
from augury.service.app import create_app
from augury.service.metrics.exposition import write_openmetrics, write_text
from augury.service.metrics.families import FAMILIES, PROBABILITIES, SECONDS
from augury.service.metrics.tally import Tally, tally_alone
from augury.service.models import gather_models
from augury.service.settings import Settings
from tests.service.asking import JSON, ask
from tests.service.models import make_model
from tests.service.scrapes import Sample, find_nonzero, read_samples


@pytest.fixture
def app(model: Model) -> Starlette:
    """An application that has counted nothing yet."""
    return create_app([model, make_model("strict", unknown_key="refuse")], settings=Settings())


@pytest.fixture
def tally() -> Tally:
    """The counts of one process."""
    return tally_alone()


def _scrape(app: Starlette) -> dict[Sample, float]:
    answer = ask(app, "GET", "/metrics")
    assert (answer.status, answer.header("content-type")) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return read_samples(answer.body)


def _show(tally: Tally, *models: Model) -> dict[Sample, float]:
    return read_samples(write_text(tally.read(), gather_models(models)))


def _count_requests(samples: dict[Sample, float]) -> dict[tuple[str, ...], float]:
    return find_nonzero(samples, "augury_requests_total")


def test_requests_are_counted(app: Starlette, body: bytes) -> None:
    """Each request is counted once, by method, template and status, and its seconds by template."""
    for method, path, sent in (
        ("POST", "/predict", body),
        ("POST", "/predict", body),
        ("POST", "/predict", b"{}"),
        ("POST", "/models/strict/predict", body),
        ("POST", "/models/nobody/predict", body),
        ("GET", "/predict", b""),
        ("GET", "/ping", b""),
        ("HEAD", "/ping", b""),
        ("GET", "/secret", b""),
    ):
        ask(app, method, path, sent)
    samples = _scrape(app)
    assert _count_requests(samples) == {
        ("POST", "/predict", "200"): 2,
        ("POST", "/predict", "422"): 1,
        ("POST", "/models/{name}/predict", "200"): 1,
        ("POST", "/models/{name}/predict", "404"): 1,
        ("GET", "/predict", "405"): 1,
        ("GET", "/ping", "200"): 1,
        ("HEAD", "/ping", "200"): 1,
        ("GET", "none", "404"): 1,
    }
    durations = find_nonzero(samples, "augury_request_duration_seconds_count")
    assert durations == {("/predict",): 4, ("/models/{name}/predict",): 2, ("/ping",): 2, ("none",): 1}
    for seconds in find_nonzero(samples, "augury_request_duration_seconds_sum").values():
        assert 0 < seconds < 10
    assert find_nonzero(samples, "augury_refusals_total") == {("not-found",): 2, ("method-not-allowed",): 1}


def test_a_scrape_is_a_request_too(app: Starlette) -> None:
    """What a scrape answers holds the scrapes before it."""
    assert [_count_requests(_scrape(app)) for _ in range(3)] == [{}, *({("GET", "/metrics", "200"): n} for n in (1, 2))]


def test_records_are_counted(app: Starlette, record: dict[str, Any]) -> None:
    """Each record of an array is counted as one that was answered or refused, and its probability where it fell."""
    rows = [record, record | {"tenure": 80}, record | {"tenure": "12"}, {}, 7]
    array = ask(app, "POST", "/predict", json.dumps(rows).encode())
    ask(app, "POST", "/models/strict/predict", json.dumps(record).encode())
    ask(app, "POST", "/predict", b"[{")
    samples = _scrape(app)
    assert find_nonzero(samples, "augury_records_total") == {
        ("churn", "answered"): 2,
        ("churn", "refused"): 4,
        ("strict", "answered"): 1,
    }
    answered = [each["churn_probability"] for each in array.json() if "churn" in each]
    assert len(answered) == 2
    assert samples["augury_score_sum", (("model", "churn"),)] == pytest.approx(sum(answered))
    for bound in PROBABILITIES:
        below = sum(each <= bound for each in answered)
        assert samples["augury_score_bucket", (("le", str(bound)), ("model", "churn"))] == below


def _make_bodies(record: dict[str, Any]) -> list[bytes]:
    """Bodies that together are refused for every code which a caller can bring about, of a field where it has one."""
    changes: list[dict[str, object]] = [
        {"tenure": None},
        {"tenure": "12"},
        {"tenure": 1.5},
        {"monthlycharges": -999.0},
        {"gender": "\u0000"},
        {"TENURE": 1, "Tenure": 2, "tenurE": 3},
        {"secret": 1},
        {"gender": "x", "partner": 3, "contract": 1},
    ]
    text = json.dumps(record)
    without = {key: value for key, value in record.items() if key != "tenure"}
    return [
        b"",
        b"{",
        b'{"a":' * 9 + b"1" + b"}" * 9,
        b'{"a":"\xff"}',
        b'"record"',
        b"{}",
        (text[:-1] + ',"tenure":1}').encode(),
        json.dumps(without | {"Tenure": 1, "TENURE": 2}).encode(),
        text.replace(f'"monthlycharges": {record["monthlycharges"]}', '"monthlycharges": 1e999').encode(),
        *(json.dumps(record | change).encode() for change in changes),
    ]


def test_every_fault_is_counted_by_field_and_code(app: Starlette, record: dict[str, Any]) -> None:
    """Every fault that an answer lists is counted under its field and code, whatever the code."""
    told: Counter[tuple[str, str, str]] = Counter()
    for body in _make_bodies(record):
        answer = ask(app, "POST", "/models/strict/predict", body)
        for fault in answer.faults():
            told[fault.code, fault.field, "strict"] += 1
    assert {code for code, _, _ in told} == set(CODES) - {"overflow", "imputed"}
    assert find_nonzero(_scrape(app), "augury_faults_total") == told


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_a_label(tally: Tally, model: Model, code: Any) -> None:
    """Each code, as a fault or a note, is counted under the field that it is of, or under none."""
    found = [Fault(code, "/Tenure", "", "tenure"), Fault(code, "/x", "")]
    tally.count_faults(model, found)
    tally.count_notes(model, found[:1])
    samples = _show(tally, model)
    assert find_nonzero(samples, "augury_faults_total") == {(code, "tenure", "churn"): 1, (code, "", "churn"): 1}
    assert find_nonzero(samples, "augury_notes_total") == {(code, "tenure", "churn"): 1}
    assert find_nonzero(samples, "augury_records_total") == {("churn", "refused"): 1}


def test_unknown_keys_are_no_labels(app: Starlette, record: dict[str, Any]) -> None:
    """Keys that the contract does not know are counted together, and nothing of a request is in the page."""
    for path, status in (("/predict", 200), ("/models/strict/predict", 422)):
        for index in range(50):
            sent = record | {f"s3cret{index}": f"s3cret{index}"}
            asked = ask(app, "POST", path, json.dumps(sent).encode(), JSON | {"x-request-id": f"s3cret{index}"})
            assert asked.status == status
    samples = _scrape(app)
    assert find_nonzero(samples, "augury_notes_total") == {("unknown_key", "", "churn"): 50}
    assert find_nonzero(samples, "augury_faults_total") == {("unknown_key", "", "strict"): 50}
    assert b"s3cret" not in ask(app, "GET", "/metrics").body


def test_nobody_can_make_series(app: Starlette) -> None:
    """Ten thousand paths, methods, models and ids that nobody knows make a handful of series."""
    chance = random.Random(1)
    for index in range(10_000):
        word = f"{chance.getrandbits(64):x}"
        method, path = chance.choice(
            [("GET", f"/{word}"), (word.upper(), "/predict"), (word.upper(), f"/{word}"), ("GET", f"/models/{word}")]
        )
        ask(app, method, path, b"", {"x-request-id": word, "host": word, "user-agent": word}, query=word)
        if index in (1000, 1001):  # the first scrape is a series of the second
            early = len(_scrape(app))
    samples = _scrape(app)
    assert len(samples) == early
    assert set(_count_requests(samples)) == {
        ("GET", "none", "404"),
        ("other", "/predict", "405"),
        ("other", "none", "404"),
        ("GET", "/models/{name}", "404"),
        ("GET", "/metrics", "200"),
    }
    assert sum(_count_requests(samples).values()) == 10_002
    assert len(app.state.service.meter._requests) < 10  # nor does what is remembered grow


@pytest.mark.parametrize(
    ("route", "method", "status", "shown"),
    [
        (None, "GET", 404, ("GET", "none", "404")),
        ("/predict", "BREW", 405, ("other", "/predict", "405")),
        ("/predict", "get", 405, ("other", "/predict", "405")),
        ("/predict", "-", 400, ("other", "/predict", "400")),
        ("/predict", "POST", 499, ("POST", "/predict", "499")),
        ("/predict", "POST", 999, ("POST", "/predict", "other")),
        ("/predict", "BREW", -1, ("other", "/predict", "other")),
    ],
)
def test_a_request_is_counted_by_names_of_a_closed_set(
    tally: Tally, model: Model, route: str | None, method: str, status: int, shown: tuple[str, ...]
) -> None:
    """A method or a status that nobody knows is ``other``, and no route is ``none``."""
    for _ in range(2):
        tally.count_request(route, method, status, 0.1)
    assert _count_requests(_show(tally, model)) == {shown: 2}


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 100) | st.floats(0, 2e-4) | st.sampled_from(SECONDS))))
def test_what_is_prepared_counts_the_same(counted: list[tuple[float, float]]) -> None:
    """The fast lane's counting leaves the same numbers as counting the request and the score."""
    model, whole, quick = _MODEL, tally_alone(), tally_alone()
    count = quick.prepare(model, "/predict", "POST", 200)
    whole.prepare(model, "/predict", "POST", 200)
    for probability, seconds in counted:
        whole.count_score(model, probability)
        whole.count_request("/predict", "POST", 200, seconds)
        count(probability, seconds)
    start = ("process_start_time_seconds",)
    assert {**whole.read(), start: 0} == {**quick.read(), start: 0}


@given(st.lists(st.floats(0, 1) | st.sampled_from(PROBABILITIES), min_size=1), st.floats(0, 100))
def test_a_bucket_holds_what_is_at_most_its_bound(probabilities: list[float], seconds: float) -> None:
    """A bucket counts what is less than or equal to its bound, the last one everything."""
    tally = tally_alone()
    for probability in probabilities:
        tally.count_score(_MODEL, probability)
        tally.count_request("/predict", "POST", 200, seconds)
    samples = _show(tally, _MODEL)
    for bound in (*PROBABILITIES, float("inf")):
        label = (("le", str(bound) if bound < 2 else "+Inf"), ("model", "churn"))
        assert samples["augury_score_bucket", label] == sum(each <= bound for each in probabilities)
    for bound in (*SECONDS, float("inf")):
        label = (("le", str(bound) if bound < 11 else "+Inf"), ("route", "/predict"))
        name = "augury_request_duration_seconds_bucket"
        assert samples[name, label] == (len(probabilities) if seconds <= bound else 0)


_MODEL = make_model()


def test_the_models_are_those_that_are_served_now(app: Starlette) -> None:
    """After a reload the new models are shown, and what was counted of the others stays."""
    ask(app, "POST", "/predict", b"{}")
    before = find_nonzero(_scrape(app), "augury_model_info")
    served = app.state.service.roster.models.by_name
    assert set(before) == {
        (str(name == "churn").lower(), model.digest, name, "churn") for name, model in served.items()
    }
    app.state.service.roster.replace(gather_models([make_model("other")]))
    samples = _scrape(app)
    assert [name for _, _, name, _ in find_nonzero(samples, "augury_model_info")] == ["other"]
    assert find_nonzero(samples, "augury_records_total") == {("churn", "refused"): 1}


def test_what_may_rise_begins_at_0(app: Starlette) -> None:
    """What an alarm may watch is there before it happens: Prometheus sees no rise in what begins at 1."""
    samples = _scrape(app)
    for name, labels in (
        ("augury_worker_deaths_total", ()),
        ("augury_log_lines_dropped_total", ()),
        ("augury_metrics_spilled_total", ()),
        ("augury_reloads_total", (("outcome", "refused"),)),
        ("augury_refusals_total", (("kind", "overloaded"),)),
        ("augury_records_total", (("model", "churn"), ("outcome", "refused"))),
        ("augury_records_total", (("model", "churn"), ("outcome", "answered"))),
        ("augury_score_count", (("model", "churn"),)),
    ):
        assert samples[name, labels] == 0


def test_the_state_is_told(tally: Tally, model: Model) -> None:
    """Workers, their deaths, reloads and dropped lines are what was told last, or added up."""
    tally.tell_state(4, 3, 2)
    tally.tell_state(3, 5, 2)
    tally.tell_start(1e9)
    for _ in range(2):
        tally.count_death()
        tally.count_dropped_lines(7)
    samples = _show(tally, model)
    assert find_nonzero(samples, "augury_workers") == {(): 3}
    assert find_nonzero(samples, "augury_reloads_total") == {("applied",): 5, ("refused",): 2}
    assert find_nonzero(samples, "augury_worker_deaths_total") == {(): 2}
    assert find_nonzero(samples, "augury_log_lines_dropped_total") == {(): 14}
    assert find_nonzero(samples, "process_start_time_seconds") == {(): 1e9}


def test_the_start_is_now(app: Starlette) -> None:
    """The time of the start is in seconds since 1970, and does not move."""
    first, second = (_scrape(app)["process_start_time_seconds", ()] for _ in range(2))
    assert first == second > 1.6e9


def test_what_has_no_room_is_shown(tally: Tally) -> None:
    """Contracts with more fields than there is room for hide neither each other nor the state of the service."""
    for index in range(20_000):
        tally.count_notes(_MODEL, [Fault("range", "", "", f"field {index}")])
    tally.count_request("/predict", "POST", 503, 0.1)
    tally.count_refusal("overloaded")
    samples = _show(tally, _MODEL)
    [spilled] = find_nonzero(samples, "augury_metrics_spilled_total").values()
    assert len(find_nonzero(samples, "augury_notes_total")) + spilled == 20_000
    assert spilled < 15_000
    assert _count_requests(samples) == {("POST", "/predict", "503"): 1}
    assert find_nonzero(samples, "augury_refusals_total") == {("overloaded",): 1}


NAMES = ['a"b', "a\\", "a\nb", "a} 1", '",code="x', "é\u2028", "\x00\x7f", "\U0001f600", "\r", "#", "a" * 5000]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names_of_artifacts_are_escaped(tally: Tally, name: str) -> None:
    """A field of any name is one label value in both formats, and comes back as it is."""
    tally.count_notes(_MODEL, [Fault("range", "", "", name)])
    models = gather_models([_MODEL])
    notes = {("range", name, "churn"): 1}
    assert find_nonzero(read_samples(write_text(tally.read(), models)), "augury_notes_total") == notes
    parsed = text_string_to_metric_families(write_openmetrics(tally.read(), models).decode())
    [sample] = next(family.samples for family in parsed if family.name == "augury_notes")
    assert sample.labels == {"model": "churn", "field": name, "code": "range"}


ACCEPTED = {
    "*/*": False,
    "": False,
    "text/plain;version=0.0.4": False,
    "text/plain; version=abc": False,
    "application/openmetrics-text": True,
    "Application/OpenMetrics-Text ; version=1.0.0": True,
    "application/openmetrics-text;version=99.é;q=x": True,
    "application/openmetrics-text;version=\x01": True,
    # What Prometheus 2 and 3 send.
    "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2": True,
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;q=0.3": True,
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,*/*;q=0.1": False,
    ",;=,": False,
    "application/openmetrics-textual": False,
}


@pytest.mark.parametrize(("accepted", "is_openmetrics"), ACCEPTED.items(), ids=range(len(ACCEPTED)))
def test_the_format_is_what_is_accepted(app: Starlette, body: bytes, accepted: str, *, is_openmetrics: bool) -> None:
    """OpenMetrics is answered to who accepts it, the text format to everybody else, and its own library reads it."""
    ask(app, "POST", "/predict", body)
    answer = ask(app, "GET", "/metrics", headers={"accept": accepted})
    media_type, _, version = (answer.header("content-type") or "").partition(";")
    assert answer.status == 200
    assert (media_type == "application/openmetrics-text") is is_openmetrics
    if is_openmetrics:
        assert version == " version=1.0.0; charset=utf-8"
        shown = {family.name: family.type for family in text_string_to_metric_families(answer.body.decode())}
        kinds = {family.name.removesuffix("_total").removesuffix("_info"): family.kind for family in FAMILIES}
        assert shown == kinds


def test_every_family_is_shown_as_it_is_listed(app: Starlette) -> None:
    """The page has each metric of the list, in its order, with its kind and its meaning."""
    text = ask(app, "GET", "/metrics").body.decode()
    kinds = {"info": "gauge"}
    heads = [
        line
        for family in FAMILIES
        for line in (
            f"# HELP {family.name} {family.meaning}",
            f"# TYPE {family.name} {kinds.get(family.kind, family.kind)}",
        )
    ]
    assert [line for line in text.splitlines() if line.startswith("#")] == heads


def test_every_sample_has_the_labels_of_its_family(app: Starlette, record: dict[str, Any]) -> None:
    """No metric has another label than the list says."""
    for body in _make_bodies(record):
        ask(app, "POST", "/predict", body)
    labels = {family.name: {*family.labels, *(("le",) if family.bounds else ())} for family in FAMILIES}
    shown = {name: {key for key, _ in found} for name, found in _scrape(app)}
    for name, names in shown.items():
        family = next(
            each for each in labels if name in (each, *(f"{each}_{end}" for end in ("bucket", "sum", "count")))
        )
        assert names == labels[family] - ({"le"} if name.endswith(("_sum", "_count")) else set())


def test_head_and_other_methods(app: Starlette) -> None:
    """HEAD is answered as GET without counting what it holds, and nothing else is."""
    assert ask(app, "HEAD", "/metrics").status == 200
    assert ask(app, "POST", "/metrics").status == 405


def test_promtool_finds_nothing_to_say(app: Starlette, record: dict[str, Any]) -> None:
    """Prometheus' own judge has no complaint about the page."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian has it in the package prometheus)")
    for body in _make_bodies(record):
        ask(app, "POST", "/predict", body)
    page = ask(app, "GET", "/metrics").body
    judged = subprocess.run([promtool, "check", "metrics"], input=page, capture_output=True, check=False, timeout=60)
    assert (judged.returncode, judged.stdout, judged.stderr) == (0, b"", b"")
    bad = page.replace(b"augury_workers", b"augury_workers_total")
    assert subprocess.run([promtool, "check", "metrics"], input=bad, capture_output=True, check=False).returncode


def test_the_library_is_loaded_when_it_is_needed() -> None:
    """A service that nobody watches never loads Prometheus' library."""
    script = "import sys, augury.service.app, augury.service.process.run; print('prometheus_client' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True, timeout=60)
    assert ran.stdout == "False\n"
