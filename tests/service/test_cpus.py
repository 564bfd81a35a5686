from __future__ import annotations

import os
from pathlib import Path

import pytest

from augury.service.process.cpus import count_cpus


@pytest.fixture(autouse=True)
def _eight_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(8)), raising=False)


def _write(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


@pytest.mark.parametrize(
    ("files", "own", "count"),
    [
        ({}, "", 8),
        ({"cpu.max": "200000 100000\n"}, "0::/\n", 2),
        ({"cpu.max": "max 100000\n"}, "0::/\n", 8),
        ({"cpu.max": "150000 100000\n"}, "0::/\n", 2),
        ({"cpu.max": "140000 100000\n"}, "0::/\n", 1),
        ({"cpu.max": "10000 100000\n"}, "0::/\n", 1),
        ({"cpu.max": "1600000 100000\n"}, "0::/\n", 8),
        ({"a/b/cpu.max": "max 100000\n", "a/cpu.max": "300000 100000\n"}, "0::/a/b\n", 3),
        ({"a/b/cpu.max": "400000 100000\n", "a/cpu.max": "300000 100000\n", "c/cpu.max": "1 1"}, "0::/a/b\n", 3),
        ({"cpu/cpu.cfs_quota_us": "250000\n", "cpu/cpu.cfs_period_us": "50000\n"}, "4:cpu,cpuacct:/x\n", 5),
        ({"cpu/x/cpu.cfs_quota_us": "100000\n", "cpu/x/cpu.cfs_period_us": "100000\n"}, "4:cpu,cpuacct:/x\n", 1),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, "4:cpu,cpuacct:/\n", 8),
        ({"cpu.max": ""}, "0::/\n", 8),
        ({"cpu.max": "lots\n"}, "0::/\n", 8),
        ({"cpu.max": "100000 0\n"}, "0::/\n", 8),
        ({"cpu.max": "100000"}, "0::/\n", 8),
        ({}, "no such line\n0::/../../etc\n", 8),
    ],
)
def test_processors(tmp_path: Path, files: dict[str, str], own: str, count: int) -> None:
    """The quota of the own group or of one above it counts, of either version; nonsense is no quota."""
    groups = _write(tmp_path / "groups", files)
    groups.mkdir(exist_ok=True)
    assert count_cpus(groups, _write(tmp_path, {"own": own}) / "own") == count


def test_a_system_without_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are neither control groups nor affinities, all processors count, and at least one."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    for known, count in ((6, 6), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda known=known: known)
        assert count_cpus(tmp_path / "absent", tmp_path / "absent") == count
