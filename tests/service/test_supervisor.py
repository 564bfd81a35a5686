from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

from augury.service.supervisor import Supervisor, WorkerLink


def _supervise(folder: Path) -> None:
    """Run two workers that each write a file named by their slot and process, and then wait to be stopped."""

    def work(link: WorkerLink) -> int:
        os.write(link.ready, b"1")
        (folder / f"{link.slot}-{os.getpid()}").touch()
        signal.pause()
        return 0

    os._exit(Supervisor(2, work, lambda: None, lambda: None).run())


def test_whoever_replaces_a_worker_takes_its_slot(tmp_path: Path) -> None:
    """Workers have the slots from 0, and one that dies is replaced by one with the same slot."""
    process = multiprocessing.get_context("spawn").Process(target=_supervise, args=(tmp_path,))
    process.start()
    try:
        first = _await_workers(tmp_path, 2)
        assert sorted(slot for slot, _ in first) == [0, 1]
        for victim in sorted(first):
            os.kill(victim[1], signal.SIGKILL)
            before = set(first)
            first = _await_workers(tmp_path, len(before) + 1)
            [(slot, _)] = set(first) - before
            assert slot == victim[0]
    finally:
        process.terminate()
        process.join(30)
    assert process.exitcode == 0


def _await_workers(folder: Path, count: int) -> list[tuple[int, int]]:
    until = time.monotonic() + 30
    while len(names := [path.name for path in folder.iterdir()]) < count:
        assert time.monotonic() < until, f"{len(names)} workers began, not {count}"
        time.sleep(0.02)
    return [(int(slot), int(pid)) for slot, _, pid in (name.partition("-") for name in names)]
