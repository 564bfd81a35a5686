from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

SKIPPING = """
import pytest

def test_that_skips():
    pytest.skip("no browser")

@pytest.mark.xfail(reason="known")
def test_that_is_known_to_fail():
    assert False
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A suite of its own with this one's conftest."""
    for name in ("AUGURY_TESTS", "AUGURY_SOAK"):
        monkeypatch.delenv(name, raising=False)
    pytester.makeconftest(Path(__file__).parents[1].joinpath("conftest.py").read_text())
    pytester.makeini("[pytest]\nmarkers = soak: as in pyproject.toml")
    return pytester


def test_a_skip_is_allowed_where_something_is_absent(suite: pytest.Pytester) -> None:
    """Without AUGURY_TESTS=all a test may skip."""
    suite.makepyfile(SKIPPING)
    suite.runpytest_subprocess("-p", "no:xdist").assert_outcomes(skipped=1, xfailed=1)


def test_a_skip_fails_where_everything_must_run(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under AUGURY_TESTS=all a skipped test fails, and says why it skipped."""
    monkeypatch.setenv("AUGURY_TESTS", "all")
    suite.makepyfile(SKIPPING)
    result = suite.runpytest_subprocess("-p", "no:xdist")
    result.assert_outcomes(failed=1, xfailed=1)
    result.stdout.fnmatch_lines(["*AUGURY_TESTS=all lets nothing skip*no browser*"])


def test_a_module_that_skips_itself_fails_where_everything_must_run(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under AUGURY_TESTS=all a module that skips while it is collected is an error."""
    monkeypatch.setenv("AUGURY_TESTS", "all")
    suite.makepyfile("import pytest\npytest.importorskip('no_such_module')\ndef test_nothing(): pass")
    suite.runpytest_subprocess("-p", "no:xdist").assert_outcomes(errors=1)


@pytest.mark.parametrize(("soak", "passed"), [("", 0), ("1", 1)])
def test_soaking_is_asked_for(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, soak: str, passed: int) -> None:
    """A test marked soak runs only when AUGURY_SOAK=1."""
    monkeypatch.setenv("AUGURY_SOAK", soak)
    suite.makepyfile("import pytest\n@pytest.mark.soak\ndef test_long(): pass")
    suite.runpytest_subprocess("-p", "no:xdist").assert_outcomes(passed=passed, deselected=1 - passed)
