"""How many processors this process may use."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

_CONTROL_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")


def count_cpus(groups: Path = _CONTROL_GROUPS, own: Path = _OWN_GROUPS) -> int:
    """Count the processors that this process may keep busy: a container's quota, else those it may run on.

    Half a processor and more counts as one, for there is no half of a worker; there is always at least one.
    Sources: the Linux kernel's ``admin-guide/cgroup-v2`` (``cpu.max``) and ``scheduler/sched-bwc`` (``cpu.cfs_*``).

    Args:
        groups: where the control groups are mounted.
        own: the file that says which of them are this process's.
    """
    allowed = _count_allowed()
    quota = min(
        (found for folder in _find_folders(groups, own) if (found := _read_quota(folder)) is not None), default=None
    )
    return allowed if quota is None else max(1, min(allowed, int(quota + 0.5)))


def _count_allowed() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _find_folders(groups: Path, own: Path) -> list[Path]:
    """Find the folders with this process's quota: of its own group and of all above it, of both versions."""
    folders = [groups, groups / "cpu", groups / "cpu,cpuacct"]
    for line in _read(own).splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" or "cpu" in controllers.split(","):
            mounts = [groups] if number == "0" else folders[1:3]
            ancestry = [PurePosixPath(path), *PurePosixPath(path).parents]
            folders += [
                mount / str(each).lstrip("/") for mount in mounts for each in ancestry if ".." not in each.parts
            ]
    return folders


def _read_quota(folder: Path) -> float | None:
    """Read a group's quota, in processors; None where it has none."""
    quota, _, period = _read(folder / "cpu.max").strip().partition(" ")
    if not quota:
        quota, period = _read(folder / "cpu.cfs_quota_us").strip(), _read(folder / "cpu.cfs_period_us").strip()
    if not (quota.isdecimal() and period.isdecimal() and int(period)):
        return None  # "max", -1, or nothing there
    return int(quota) / int(period)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""
