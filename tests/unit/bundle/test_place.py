"""The folder that a bundle is put into: what was there before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run, artifact, artifact_bytes, run  # noqa: F401 - fixtures

INDEX = ("--index-url", "https://index.test/simple")


def test_a_bundle_takes_the_place_of_another(run: Run, artifact: Path, tmp_path: Path) -> None:  # noqa: F811
    """Another bundle replaces one that nobody changed; what it has no more goes, and files of others stay."""
    folder = tmp_path / "deploy"
    assert run("bundle", artifact, "-o", folder, *INDEX).exit_code == 0
    (folder / ".env").write_text("SECRET=1\n", "utf-8")
    other = tmp_path / "other.augury.json"
    assert run("amend", artifact, "--name", "Other.v2", "-o", other).exit_code == 0
    assert run("bundle", other, "-o", folder, *INDEX).exit_code == 0
    assert sorted(path.name for path in folder.glob("*.augury.json")) == ["Other.v2.augury.json"]
    assert (folder / ".env").read_text("utf-8") == "SECRET=1\n"
    assert not list(folder.rglob("*.part"))


def test_nothing_that_was_changed_is_lost(run: Run, artifact: Path, tmp_path: Path) -> None:  # noqa: F811
    """A file that was edited, and one that no bundle wrote, are named and kept, unless --force says otherwise."""
    folder = tmp_path / "deploy"
    assert run("bundle", artifact, "-o", folder, *INDEX).exit_code == 0
    (folder / "README.md").write_text("ours", "utf-8")
    refused = run("bundle", artifact, "-o", folder, *INDEX)
    assert refused.exit_code == 2
    assert "README.md would be lost" in refused.stderr
    assert (folder / "README.md").read_text("utf-8") == "ours"
    assert run("bundle", artifact, "-o", folder, *INDEX, "--force").exit_code == 0
    assert (folder / "README.md").read_text("utf-8") != "ours"


def test_a_folder_with_other_things(run: Run, artifact: Path, tmp_path: Path) -> None:  # noqa: F811
    """A project's own Dockerfile is not replaced, and a bundle beside other files is."""
    (tmp_path / "Dockerfile").write_text("FROM debian\n", "utf-8")
    refused = run("bundle", artifact, "-o", tmp_path, *INDEX)
    assert refused.exit_code == 2
    assert "Dockerfile would be lost" in refused.stderr
    assert (tmp_path / "Dockerfile").read_text("utf-8") == "FROM debian\n"
    assert not (tmp_path / "Pipfile").exists()


@pytest.mark.parametrize("line", ["nonsense", "0" * 64 + "  ../outside", "0" * 64 + "  /etc/passwd"])
def test_a_list_of_files_that_leads_outside(run: Run, artifact: Path, tmp_path: Path, line: str) -> None:  # noqa: F811
    """A list that names a file outside the folder is refused: nothing there is ever read or taken away."""
    (tmp_path / "SHA256SUMS").write_text(f"{line}\n", "utf-8")
    refused = run("bundle", artifact, "-o", tmp_path, *INDEX)
    assert refused.exit_code == 2
    assert "SHA256SUMS, line 1" in refused.stderr


def test_a_file_in_the_place_of_the_folder(run: Run, artifact: Path, tmp_path: Path) -> None:  # noqa: F811
    """A path that cannot be a folder is one sentence."""
    (tmp_path / "deploy").write_text("a file", "utf-8")
    refused = run("bundle", artifact, "-o", tmp_path / "deploy", *INDEX)
    assert refused.exit_code == 2
    assert refused.stderr.count("\n") == 1


def test_an_unknown_part(run: Run, artifact: Path, tmp_path: Path) -> None:  # noqa: F811
    """A part that there is not is named, with those that there are."""
    refused = run("bundle", artifact, "-o", tmp_path / "deploy", "--with", "helm", *INDEX)
    assert refused.exit_code == 2
    assert "there is no part 'helm'" in refused.stderr
    assert not (tmp_path / "deploy").exists()
