from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import requests

from augury.service.models import find_label
from tests.service.askers import asking, wait_until
from tests.service.models import answer_at_once
from tests.service.running import PATIENCE, Running, make_command, run_server
from tests.service.versions import make_version, write_version

# A change is seen by the second look after it, a quarter of a second apart, and then read, checked and handed on.
_TAKEN_WITHIN = 1.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with version 0, in a folder of its own."""
    (tmp_path / "models").mkdir()
    write_version(tmp_path / "models" / "churn.augury.json", 0)
    return tmp_path / "models" / "churn.augury.json"


def _expect(body: bytes, count: int) -> Mapping[str, Any]:
    """The answer of each version, by its label."""
    versions = [make_version(number) for number in range(count)]
    return {find_label(model): json.loads(answer_at_once(model, body)) for model in versions}


def _find_label(server: Running) -> str | None:
    """The model that answers on a connection of its own."""
    return requests.get(f"{server.url}/ping", timeout=PATIENCE).headers["augury-model"]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("count", [20, pytest.param(1_000, marks=pytest.mark.soak)])
def test_no_answer_mixes_two_models(
    tmp_path: Path, path: Path, body: bytes, workers: int, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """While a file is replaced again and again, each answer is whole from the model that its header names."""
    expected = _expect(body, count + 1)
    with run_server(tmp_path, [path], workers=workers) as server:
        taken = []
        with asking(server.port, json.loads(body), expected) as askers:
            for number in range(1, count + 1):
                label = find_label(write_version(path, number))
                taken.append(wait_until(lambda label=label: all(asker.label == label for asker in askers)))
        answered, shed = sum(asker.answered for asker in askers), sum(asker.shed for asker in askers)
        cut = [cut for asker in askers for cut in asker.cut]
        assert (server.stop(signal.SIGTERM)[0], cut) == (0, [])
        events = [line["event"] for line in server.read_log() if line["event"] != "request"]
    with capsys.disabled():
        sys.stdout.write(
            f"\n{count} reloads, {workers} workers: {answered:,} answers, none mixed, {shed} shed; taken everywhere "
            f"after {statistics.median(taken):.2f} s at the median, {max(taken):.2f} s at most\n"
        )
    assert events == ["model loaded"] * count
    assert statistics.median(taken) < _TAKEN_WITHIN


@pytest.mark.parametrize("workers", [1, 2])
def test_a_bad_file_is_shown(tmp_path: Path, path: Path, body: bytes, workers: int) -> None:
    """While a bad file lies there every worker answers with the old model and says since when and why, and no path."""
    expected = _expect(body, 3)
    with run_server(tmp_path, [path.parent], workers=workers) as server:
        old = _find_label(server)
        with asking(server.port, json.loads(body), expected) as askers:
            path.write_bytes(path.read_bytes()[:-9])
            for _ in range(3 * workers):
                wait_until(lambda: "refused" in requests.get(f"{server.url}/models", timeout=PATIENCE).json())
            shown = requests.get(f"{server.url}/models/churn", timeout=PATIENCE)
            [refused] = requests.get(f"{server.url}/models", timeout=PATIENCE).json()["refused"]
            assert shown.json()["reload"] == {"refused": refused["reason"], "since": refused["since"]}
            assert (refused["file"], refused["model"]) == ("churn.augury.json", "churn")
            assert "the file is damaged" in refused["reason"]
            assert str(tmp_path) not in shown.text
            assert {asker.label for asker in askers} == {old}
            label = find_label(write_version(path, 2))
            wait_until(lambda: all(asker.label == label for asker in askers))
            assert "reload" not in requests.get(f"{server.url}/models/churn", timeout=PATIENCE).json()
        assert [asker.cut for asker in askers] == [[]] * len(askers)
        server.stop(signal.SIGTERM)
        lines = [line for line in server.read_log() if line["event"] != "request"]
        assert [(line["event"], line["level"]) for line in lines] == [
            ("model refused", "warning"),
            ("model loaded", "info"),
        ]
        assert {line["file"] for line in lines} == {str(path)}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_folder_while_it_is_served(tmp_path: Path, path: Path, workers: int) -> None:
    """A model that is put into the folder gets its routes, and loses them when its file goes."""
    with run_server(tmp_path, [path.parent], workers=workers) as server:
        url = f"{server.url}/models/second"

        def find_statuses() -> set[int]:
            return {requests.get(url, timeout=PATIENCE).status_code for _ in range(4 * workers)}

        assert find_statuses() == {404}
        write_version(path.with_name("second.augury.json"), 1, "second")
        wait_until(lambda: find_statuses() == {200})
        path.with_name("second.augury.json").unlink()
        wait_until(lambda: find_statuses() == {404})


@pytest.mark.parametrize("workers", [1, 2])
def test_without_reload_only_a_signal_reads_again(tmp_path: Path, path: Path, workers: int) -> None:
    """With ``reload`` off a changed file is taken on SIGHUP, and not before."""
    with run_server(tmp_path, [path], workers=workers, reload=False) as server:
        old, new = find_label(make_version(0)), find_label(write_version(path, 1))
        sleep(_TAKEN_WITHIN)
        assert _find_label(server) == old
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: {_find_label(server) for _ in range(4 * workers)} == {new})
        assert server.stop(signal.SIGTERM)[0] == 0


def test_a_hangup_replaces_the_workers(tmp_path: Path, path: Path, body: bytes) -> None:
    """SIGHUP replaces each worker by one that answers before the old one ends, and no request fails."""
    with run_server(tmp_path, [path], workers=2) as server:
        old, most = set(server.find_workers()), 2
        with asking(server.port, json.loads(body), _expect(body, 1)) as askers:

            def is_done() -> bool:
                nonlocal most
                now = server.find_workers()
                most = max(most, len(now))
                assert len(now) >= 2
                return len(now) == 2 and not old & set(now)

            server.process.send_signal(signal.SIGHUP)
            wait_until(is_done)
            before = [asker.answered for asker in askers]
            wait_until(lambda: all(asker.answered > count for asker, count in zip(askers, before, strict=True)))
        assert [asker.cut for asker in askers] == [[]] * len(askers)
        assert most == 3
        assert server.stop(signal.SIGTERM)[0] == 0
        assert [line for line in server.read_log() if line["event"] != "request"] == []


def test_a_stop_while_workers_are_replaced(tmp_path: Path, path: Path) -> None:
    """SIGTERM in the middle of a replacement ends all workers, old and new."""
    with run_server(tmp_path, [path], workers=2) as server:
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(server.find_workers()) == 3)
        assert server.stop(signal.SIGTERM)[0] == 0


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("outlives", [False, True])
def test_a_terminal_that_closes_ends_the_service(path: Path, workers: int, outlives: bool) -> None:
    """SIGHUP from a terminal that was closed stops the service, but not where ``nohup`` said that it goes on."""
    ours, theirs = pty.openpty()
    # Whoever leads a session and has no terminal gets the one that he opens.
    begin = f"import os, signal; os.open({os.ttyname(theirs)!r}, os.O_RDWR)\n"
    # Said either way: these tests themselves may have been started with nohup.
    begin += f"signal.signal(signal.SIGHUP, signal.{'SIG_IGN' if outlives else 'SIG_DFL'})\n"
    command = make_command([path], workers=workers)
    command[2] = begin + command[2]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["url"]
            process.send_signal(signal.SIGHUP)
            sleep(0.5)
            assert process.poll() is None
            os.close(theirs)
            os.close(ours)
            if outlives:
                sleep(0.5)
                assert requests.get(f"{url}/ping", timeout=PATIENCE).text == "PONG"
                process.terminate()
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("count", [3, pytest.param(100, marks=pytest.mark.soak)])
def test_a_killed_worker_costs_what_it_was_answering(
    tmp_path: Path, path: Path, body: bytes, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a worker that is killed under load only the requests on its own connections are lost, and it is soon back."""
    times, lost, allowed = [], 0, 0
    with run_server(tmp_path, [path], workers=2) as server:
        with asking(server.port, json.loads(body), _expect(body, 1)) as askers:
            for turn in range(count):
                victim, survivor = sorted(server.find_workers(), reverse=turn % 2 == 1)
                before = sum(len(asker.cut) for asker in askers)
                with _stopped(victim):
                    connections = _count_connections(victim, server.port)
                    os.kill(victim, signal.SIGKILL)
                started = monotonic()
                wait_until(
                    lambda victim=victim: victim not in server.find_workers() and len(server.find_workers()) == 2
                )
                with _stopped(survivor):  # only the new one can answer
                    assert _find_label(server) == find_label(make_version(0))
                times.append(monotonic() - started)
                answered = [asker.answered for asker in askers]
                wait_until(lambda seen=answered: all(a.answered > n for a, n in zip(askers, seen, strict=True)))
                cut = sum(len(asker.cut) for asker in askers) - before
                assert cut <= connections
                lost, allowed = lost + cut, allowed + connections
                sleep(max(0.0, 1.0 - (monotonic() - started)))  # one that dies within its first second waits for it
        assert server.stop(signal.SIGTERM)[0] == 0
    with capsys.disabled():
        answers = sum(asker.answered for asker in askers)
        sys.stdout.write(
            f"\n{count} workers killed: {lost} of {answers:,} requests lost, {allowed} connections were theirs; "
            f"back after {statistics.median(times):.2f} s at the median, {max(times):.2f} s at most\n"
        )
    assert max(times) < 2.0


@contextlib.contextmanager
def _stopped(pid: int) -> Iterator[None]:
    """Let a process stand still meanwhile; it may end then."""
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_until(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _count_connections(pid: int, port: int) -> int:
    """Count the connections to a port that a process holds, also those whose client has already closed its end."""
    held = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            held.add(str(descriptor.readlink()))
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    # The second column is the local address, the fourth the state (0A listens), the tenth the inode.
    return sum(
        f"socket:[{line[9]}]" in held for line in lines if int(line[1].split(":")[1], 16) == port and line[3] != "0A"
    )
