"""Where packages come from: the user's own indexes, and none of his secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from augury.bundle.sources import find_sources, make_sources
from augury.errors import UsageError


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Pip has no configuration but what a test gives it."""
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_TRUSTED_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path))


def configure(tmp_path: Path, text: str) -> None:
    """Write pip's configuration."""
    (tmp_path / "pip.conf").write_text(text, "utf-8")


def test_the_index_of_pip_itself() -> None:
    """Without any setting it is the index that pip itself asks, which no file of ours names."""
    (source,) = [each for each in find_sources() if not each.url.startswith("file:")]
    assert source.name == "index"
    assert source.url.startswith("https://")
    assert source.verify_ssl


def test_the_configured_indexes(tmp_path: Path) -> None:
    """What is configured for installing wins over what is configured for all, in pip's own order."""
    configure(
        tmp_path,
        "[global]\nindex-url = https://all.test/simple\ntrusted-host = mirror.test:8080\n"
        "[install]\nindex-url = https://install.test/simple\nextra-index-url =\n  http://mirror.test:8080/simple\n  https://b.test/s\n",
    )
    assert [(each.name, each.url, each.verify_ssl) for each in find_sources()] == [
        ("index", "https://install.test/simple", True),
        ("index-2", "http://mirror.test:8080/simple", False),
        ("index-3", "https://b.test/s", True),
    ]


def test_a_variable_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PIP_INDEX_URL wins over the file, and --index-url over both, as for pip."""
    configure(tmp_path, "[global]\nindex-url = https://file.test/simple\nextra-index-url = https://file.test/simple\n")
    monkeypatch.setenv("PIP_INDEX_URL", "https://variable.test/simple")
    assert find_sources()[0].url == "https://variable.test/simple"
    assert [each.url for each in find_sources(["https://named.test/simple"])] == ["https://named.test/simple"]


def test_user_and_password_become_variables(tmp_path: Path) -> None:
    """What stands before the host is not written, whether it is user and password or a token alone."""
    configure(
        tmp_path,
        "[global]\nindex-url = https://ann:p%%40ss@a.test/simple\nextra-index-url = https://t0ken@b.test:8443/simple\n",
    )
    assert [each.url for each in find_sources()] == [
        "https://${INDEX_USERNAME}:${INDEX_PASSWORD}@a.test/simple",
        "https://${INDEX_2_USERNAME}@b.test:8443/simple",
    ]


@pytest.mark.parametrize(
    "url",
    ["https://a.test/simple?token=hunter2", "https://a.test/simple#hunter2", "https://a.test/$HOME/hunter2", "hunter2",
     "ftp://a.test/hunter2", "https:///hunter2", "https://a.test:hunter2/", "https://[hunter2/"],
)  # fmt: skip
def test_what_cannot_be_written_down_is_refused(url: str) -> None:
    """An address that may hold a secret elsewhere, or is none, is refused, and what is refused is not repeated."""
    with pytest.raises(UsageError) as refused:
        make_sources([url])
    assert "hunter2" not in str(refused.value)
    assert "index" in str(refused.value)


def test_pip_is_told_to_ask_no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pip is to ask nobody, somebody must be named."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(UsageError, match="--index-url"):
        find_sources()


def test_pip_is_absent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where pip cannot be asked, a sentence says what to do, and a named index needs no pip."""
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(UsageError, match="install pip, or name the index with --index-url"):
        find_sources()
    assert find_sources(["https://a.test/simple"])[0].url == "https://a.test/simple"
