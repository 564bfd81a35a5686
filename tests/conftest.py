"""What all tests share: the real table, the rule about skips, soaking, and how many examples Hypothesis draws."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

EVERYTHING = os.environ.get("AUGURY_TESTS") == "all"
SOAK = os.environ.get("AUGURY_SOAK") == "1"

# The public churn table as it is published, 7,043 customers: figures in the tests are of these bytes and no others.
TELCO_SHA256 = "16320c9c1ec72448db59aa0a26a0b95401046bef5d02fd3aeb906448e3055e91"

# Quick draws the same examples every time, so that a red build stays red; soaking draws new ones.
settings.register_profile("quick", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("soak", max_examples=10_000, deadline=None, print_blob=True)
settings.load_profile("soak" if SOAK else "quick")


@pytest.fixture(scope="session")
def telco_csv() -> Path:
    """The real churn table: where AUGURY_TELCO_CSV says, else where `augury dataset telco` keeps it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = Path(os.environ.get("AUGURY_TELCO_CSV") or cache / "augury" / "telco-customer-churn.csv").resolve()
    if not path.is_file():
        pytest.skip("the churn table is absent: run `augury dataset telco`, or set AUGURY_TELCO_CSV to its path")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest == TELCO_SHA256, f"{path} is not the churn table: its SHA-256 is {digest}, not {TELCO_SHA256}"
    return path


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name bytes by their length: gzip writes the time into its bytes, and every process must name a test alike."""
    return f"{len(val)}_bytes" if isinstance(val, bytes) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests that soak to `make soak`."""
    if SOAK:
        return
    soaking = [item for item in items if item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=soaking)
    items[:] = [item for item in items if item not in soaking]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that skips where everything must run."""
    report = yield
    return _without_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a module that skips itself where everything must run."""
    report = yield
    return _without_skip(report)


def _without_skip(report: Report) -> Report:
    if EVERYTHING and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, though AUGURY_TESTS=all lets nothing skip: {report.longrepr}"
    return report
