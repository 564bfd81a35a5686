import os
from pathlib import Path

import pytest
from msgspec import structs

from augury.artifact import write
from augury.artifact.canonical import seal
from augury.artifact.read import read_artifact
from augury.artifact.write import write_artifact
from augury.errors import ArtifactError
from tests.unit.artifact.documents import make_document

DOCUMENT = make_document()


def _list(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Writing answers with the sealed document, which is what reading gives, and nothing else is left behind."""
    path = tmp_path / "churn.augury.json"
    written = write_artifact(DOCUMENT, path)
    assert (written, path.read_bytes()) == seal(DOCUMENT)
    assert read_artifact(path) == written
    assert _list(tmp_path) == [path.name]


def test_the_old_file_is_replaced(tmp_path: Path) -> None:
    """Writing where a file is replaces it, whatever it was, and one who has it open keeps the old one."""
    path = tmp_path / "churn.augury.json"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        write_artifact(DOCUMENT, path)
        assert reader.read() == b"old"
    assert path.read_bytes() == seal(DOCUMENT)[1]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """When the disk is full, or anything fails, the old file is as it was and no other is left."""
    path = tmp_path / "churn.augury.json"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail) if step == "fsync" else monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(ArtifactError, match="No space left on device"):
        write_artifact(DOCUMENT, path)
    assert (path.read_bytes(), _list(tmp_path)) == (b"old", [path.name])


def test_an_interrupt_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while writing leaves the old file and no other."""
    path = tmp_path / "churn.augury.json"
    path.write_bytes(b"old")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_artifact(DOCUMENT, path)
    assert (path.read_bytes(), _list(tmp_path)) == (b"old", [path.name])


def test_what_reading_would_refuse_is_not_written(tmp_path: Path) -> None:
    """A document that contradicts itself is refused before a file is touched."""
    path = tmp_path / "churn.augury.json"
    wrong = structs.replace(DOCUMENT, model=structs.replace(DOCUMENT.model, name="../churn"))
    with pytest.raises(ArtifactError, match=r"churn\.augury\.json: model: the model's name"):
        write_artifact(wrong, path)
    assert _list(tmp_path) == []


def test_what_is_too_large_to_read_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An artifact larger than those that are read is refused when it is written."""
    monkeypatch.setattr(write, "MAX_BYTES", len(seal(DOCUMENT)[1]) - 1)
    with pytest.raises(ArtifactError, match="the artifact would be"):
        write_artifact(DOCUMENT, tmp_path / "churn.augury.json")
    assert _list(tmp_path) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """Writing to a link replaces what it leads to."""
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there/churn.augury.json")
    write_artifact(DOCUMENT, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert read_artifact(tmp_path / "there" / "churn.augury.json") == read_artifact(tmp_path / "link")


@pytest.mark.parametrize("place", ["folder", "pipe", "missing/churn", "file/churn", "zero\0byte"])
def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path, place: str) -> None:
    """A folder or a pipe is never replaced, and a path that cannot be is refused in one sentence."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ArtifactError, match=r"the file cannot be written: .*; give a path"):
        write_artifact(DOCUMENT, f"{tmp_path}/{place}")
    assert sorted(tmp_path.rglob("*")) == before


def test_others_may_read_what_is_written(tmp_path: Path) -> None:
    """The file has the mode that any new file has, so that a service under another name can read it."""
    (tmp_path / "plain").write_bytes(b"")
    write_artifact(DOCUMENT, tmp_path / "churn.augury.json")
    assert (tmp_path / "churn.augury.json").stat().st_mode == (tmp_path / "plain").stat().st_mode
