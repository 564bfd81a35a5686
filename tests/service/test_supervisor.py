from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

from augury.api import parse
from augury.service.process import supervisor
from augury.service.process.supervisor import Supervisor, Task
from augury.service.process.worker import WorkerLink
from augury.service.reload.shelf import Shelf
from tests.service.versions import make_version, write_version


def _supervise(folder: Path) -> None:
    """Run two workers that each write a file named by their slot and process, and then wait to be stopped."""

    def work(link: WorkerLink) -> int:
        link.channel.sendall(bytes(8))
        (folder / f"{link.slot}-{os.getpid()}").touch()
        signal.pause()
        return 0

    shelf = Shelf([str(folder.parent / "churn.augury.json")], parse)
    shelf.fill()
    os._exit(Supervisor(Task(2, work, shelf, False, lambda: None, lambda: None)).run())


def test_whoever_replaces_a_worker_takes_its_slot(tmp_path: Path) -> None:
    """Workers have the slots from 0, and one that dies is replaced by one with the same slot."""
    write_version(tmp_path / "churn.augury.json", 1)
    folder = tmp_path / "workers"
    folder.mkdir()
    process = multiprocessing.get_context("spawn").Process(target=_supervise, args=(folder,))
    process.start()
    try:
        first = _await_workers(folder, 2)
        assert sorted(slot for slot, _ in first) == [0, 1]
        known = set(first)
        for slot, pid in sorted(first):
            os.kill(pid, signal.SIGKILL)
            [(slot_after, pid_after)] = set(_await_workers(folder, len(known) + 1)) - known
            assert slot_after == slot
            known.add((slot_after, pid_after))
    finally:
        process.terminate()
        process.join(30)
    assert process.exitcode == 0


def _supervise_the_deaf(folder: Path) -> None:
    """Run two workers that begin to answer and take no edition, while the file changes; grant them a moment."""
    supervisor._TAKE_SECONDS = 0.3
    path = folder.parent / "churn.augury.json"
    shelf = Shelf([str(path)], parse)
    shelf.fill()

    def work(link: WorkerLink) -> int:
        digest = shelf.models.default.digest[7:15]
        link.channel.sendall(shelf.number.to_bytes(8, "big"))
        (folder / f"{int(digest, 16)}-{os.getpid()}").touch()
        signal.pause()
        return 0

    def change() -> None:
        write_version(path, 2)

    os._exit(Supervisor(Task(2, work, shelf, True, change, lambda: None)).run())


def test_a_worker_that_takes_no_edition_is_replaced(tmp_path: Path) -> None:
    """A worker that never says that it took the models is ended, and the one in its place is forked with them."""
    old, new = write_version(tmp_path / "churn.augury.json", 1), make_version(2)
    folder = tmp_path / "workers"
    folder.mkdir()
    process = multiprocessing.get_context("spawn").Process(target=_supervise_the_deaf, args=(folder,))
    process.start()
    try:
        began = _await_workers(folder, 4)
        digests = sorted(int(model.digest[7:15], 16) for model in (old, old, new, new))
        assert sorted(digest for digest, _ in began) == digests
        last = [pid for digest, pid in began if digest == int(new.digest[7:15], 16)]
        time.sleep(1.0)
        for pid in last:
            os.kill(pid, 0)  # those have the models, and are left alone
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
