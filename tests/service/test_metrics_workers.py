from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
import requests

from tests.service.running import PATIENCE, Running, run_server
from tests.service.scrapes import Sample, find_nonzero, read_samples
from tests.service.versions import write_version


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Running]:
    """Two workers that answer with the first version of a model."""
    write_version(tmp_path / "churn.augury.json", 1)
    with run_server(tmp_path, [tmp_path / "churn.augury.json"], workers=2) as server:
        yield server


def _scrape(server: Running) -> dict[Sample, float]:
    """Read the metrics on a new connection, which any of the workers may take."""
    return read_samples(requests.get(f"{server.url}/metrics", timeout=PATIENCE).content)


def _count_answers(samples: dict[Sample, float]) -> float:
    return find_nonzero(samples, "augury_requests_total").get(("POST", "/predict", "200"), 0.0)


def _ask(server: Running, body: bytes, count: int) -> None:
    """Ask that often, each time on a new connection."""
    for _ in range(count):
        assert requests.post(f"{server.url}/predict", data=body, timeout=PATIENCE).status_code == 200


def _await(condition: Callable[[], bool]) -> None:
    until = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < until
        sleep(0.02)


def _find_decreased(before: dict[Sample, float], now: dict[Sample, float]) -> list[Sample]:
    """The counters that are less than they were, or gone."""
    ends = ("_total", "_bucket", "_count", "_sum")
    return [key for key, value in before.items() if key[0].endswith(ends) and now.get(key, -1.0) < value]


def test_every_worker_tells_of_all(served: Running, body: bytes) -> None:
    """Whichever worker is asked, what all of them answered is counted, exactly, and refusals of the edge as well."""
    _ask(served, body, 60)
    for _ in range(5):
        requests.post(f"{served.url}/predict", data=b"{", timeout=PATIENCE)
        requests.request("BREW", f"{served.url}/predict", timeout=PATIENCE)
    # Each connection goes to either of them by chance: of so many, both have had some.
    told = [_scrape(served) for _ in range(20)]
    for samples in told:
        answered = find_nonzero(samples, "augury_requests_total")
        assert (answered["POST", "/predict", "200"], answered["POST", "/predict", "400"]) == (60, 5)
        assert find_nonzero(samples, "augury_records_total") == {("churn", "answered"): 60, ("churn", "refused"): 5}
        assert find_nonzero(samples, "augury_score_count") == {("churn",): 60}
        assert find_nonzero(samples, "augury_faults_total") == {("malformed", "", "churn"): 5}
        assert find_nonzero(samples, "augury_workers") == {(): 2}
        assert sum(find_nonzero(samples, "augury_refusals_total").values()) == 5
    scrapes = [find_nonzero(samples, "augury_requests_total").get(("GET", "/metrics", "200"), 0) for samples in told]
    assert scrapes == sorted(scrapes)


def test_counters_never_fall(served: Running, body: bytes) -> None:
    """Each worker is killed under load in turn: its counts stay, its replacement goes on, and its death is counted."""
    stop = threading.Event()
    answered = [0, 0]
    asking = [threading.Thread(target=_ask_until, args=(served, body, stop, answered, index)) for index in range(2)]
    for each in asking:
        each.start()
    before = _scrape(served)
    try:
        for deaths in range(1, 5):
            victim = served.find_workers()[deaths % 2]
            os.kill(victim, signal.SIGKILL)
            while len(served.find_workers()) < 2 or victim in served.find_workers():
                before = _check_scrape(served, before)
            _await(lambda: find_nonzero(_scrape(served), "augury_workers") == {(): 2})
            before = _check_scrape(served, before)
            assert find_nonzero(before, "augury_worker_deaths_total") == {(): deaths}
    finally:
        stop.set()
        for each in asking:
            each.join(PATIENCE)
    counted = _count_answers(_scrape(served))
    # Whoever is killed may have counted an answer that was not sent, one for each connection that it had.
    assert sum(answered) <= counted <= sum(answered) + 4 * len(asking)
    assert sum(answered) > 100


def _ask_until(server: Running, body: bytes, stop: threading.Event, answered: list[int], index: int) -> None:
    while not stop.is_set():
        try:
            response = requests.post(f"{server.url}/predict", data=body, timeout=PATIENCE)
        except requests.ConnectionError:  # the worker that had taken it was killed
            continue
        answered[index] += response.status_code == 200


def _check_scrape(server: Running, before: dict[Sample, float]) -> dict[Sample, float]:
    try:
        now = _scrape(server)
    except requests.ConnectionError:
        return before
    assert _find_decreased(before, now) == []
    return now


@pytest.mark.parametrize("workers", [1, 2])
def test_reloads_are_counted(tmp_path: Path, workers: int) -> None:
    """A file that is taken and one that is refused are counted, and the model that is shown is the one that answers."""
    path = tmp_path / "churn.augury.json"
    first = write_version(path, 1)
    with run_server(tmp_path, [path], workers=workers) as server:
        assert _find_digests(server) == {first.digest}
        path.write_bytes(b"{")
        _await(lambda: find_nonzero(_scrape(server), "augury_reloads_total") == {("refused",): 1})
        assert _find_digests(server) == {first.digest}
        second = write_version(path, 2)
        _await(lambda: find_nonzero(_scrape(server), "augury_reloads_total") == {("refused",): 1, ("applied",): 1})
        _await(lambda: _find_digests(server) == {second.digest})


def _find_digests(server: Running) -> set[str]:
    return {digest for _, digest, _, _ in find_nonzero(_scrape(server), "augury_model_info")}


@pytest.mark.parametrize("workers", [1, 2])
def test_dropped_lines_are_counted(tmp_path: Path, workers: int) -> None:
    """Where the log cannot be written, every line is counted, also that of the process that only starts the others."""
    path = tmp_path / "churn.augury.json"
    write_version(path, 1)
    (tmp_path / "log").symlink_to("/dev/full")
    with run_server(tmp_path, [path], workers=workers) as server:
        for _ in range(40):
            requests.get(f"{server.url}/ping", timeout=PATIENCE)
        _await(lambda: _count_dropped(server) == 0)
        path.write_bytes(b"{")
        _await(lambda: _count_dropped(server) == 1)


def _count_dropped(server: Running) -> float:
    """Count the lines that were dropped beside those of the requests."""
    sleep(0.3)  # longer than a line gathers with others before it is written
    samples = _scrape(server)
    answered = sum(find_nonzero(samples, "augury_requests_total").values())
    assert answered >= 40
    return find_nonzero(samples, "augury_log_lines_dropped_total").get((), 0.0) - answered


def test_workers_that_are_relieved_are_not_dead(served: Running, body: bytes) -> None:
    """Workers that are replaced on SIGHUP leave their counts, and are counted as no deaths."""
    _ask(served, body, 10)
    before, workers = _scrape(served), set(served.find_workers())
    served.process.send_signal(signal.SIGHUP)
    while workers & set(served.find_workers()):
        before = _check_scrape(served, before)
    _ask(served, body, 10)
    _await(lambda: find_nonzero(_scrape(served), "augury_workers") == {(): 2})
    samples = _scrape(served)
    assert _count_answers(samples) == 20
    assert find_nonzero(samples, "augury_worker_deaths_total") == {}
