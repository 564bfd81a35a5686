import gzip
import os
import pickle
import socket
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from augury.artifact import read
from augury.artifact.read import MAX_BYTES, parse_artifact, read_artifact
from augury.errors import ArtifactError
from tests.unit.artifact.documents import make_artifact
from tests.unit.artifact.sentences import check_sentence, refuse


def _refuse_file(path: Path) -> str:
    with pytest.raises(ArtifactError) as caught:
        read_artifact(path)
    return check_sentence(caught.value, str(path))


def _make_directory(path: Path) -> None:
    path.mkdir()


def _make_pipe(path: Path) -> None:
    os.mkfifo(path)


def _make_loop(path: Path) -> None:
    path.symlink_to(path)


def _make_nothing(path: Path) -> None:
    assert not path.exists()


def _make_device_link(path: Path) -> None:
    path.symlink_to(os.devnull)


def _make_sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10 * 2**30)


def _make_below_a_file(path: Path) -> None:
    path.symlink_to(__file__ + "/churn.augury.json")


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (_make_directory, "a directory"),
        (_make_pipe, "a named pipe"),
        (_make_loop, "Too many levels of symbolic links"),
        (_make_nothing, "No such file"),
        (_make_device_link, "a device"),
        (_make_sparse, "10,240 MiB"),
        (_make_below_a_file, "Not a directory"),
    ],
)
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, make: Callable[[Path], None], what: str) -> None:
    """A directory, pipe, loop of links, device or enormous file in an artifact's place is refused unread."""
    path = tmp_path / "churn.augury.json"
    make(path)
    start = time.monotonic()
    assert what in _refuse_file(path)
    # Ten times what is promised, for a busy machine; reading any of these would take for ever.
    assert time.monotonic() - start < 0.5


def test_a_socket_is_refused() -> None:
    """A socket in an artifact's place is named as one."""
    # Not under tmp_path: the address of a socket has at most 107 bytes.
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = Path(folder) / "s"
        listener.bind(str(path))
        assert "a socket" in _refuse_file(path)


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be read is refused in the system's words."""

    def open_nothing(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", open_nothing)
    assert "Permission denied" in _refuse_file(tmp_path / "churn.augury.json")


def test_a_path_that_no_system_has_is_refused() -> None:
    """A path with a zero byte is refused with a printable sentence."""
    with pytest.raises(ArtifactError, match=r"churn\\x00: the file cannot be read: .*embedded null"):
        read_artifact("churn\0")


def test_links_are_followed(tmp_path: Path) -> None:
    """A link to a link to an artifact is read, as Kubernetes mounts files."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "churn").write_bytes(make_artifact())
    (tmp_path / "..data").symlink_to("data")
    (tmp_path / "churn").symlink_to("..data/churn")
    assert read_artifact(tmp_path / "churn").model.name == "churn"


@pytest.mark.parametrize("change", [b"", b"{}"], ids=["shorter", "longer"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: bytes
) -> None:
    """A file whose size is no longer what it was when it was opened is refused, and what to do is said."""
    path = tmp_path / "churn.augury.json"
    path.write_bytes(b"{")
    fstat = os.fstat

    def change_after(descriptor: int) -> os.stat_result:
        status = fstat(descriptor)
        path.write_bytes(change)
        return status

    monkeypatch.setattr(read.os, "fstat", change_after)
    assert "changed while it was read; write files beside it and rename" in _refuse_file(path)


def test_the_largest_file_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    """64 MiB are looked at, 64 MiB and a byte are not."""
    path = tmp_path / "churn.augury.json"
    for size, what in ((MAX_BYTES, "the file is no artifact"), (MAX_BYTES + 1, "an artifact is at most 64 MiB")):
        with path.open("wb") as file:
            file.truncate(size)
        assert what in _refuse_file(path)


def _make_zip(folder: Path) -> bytes:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("churn.augury.json", make_artifact())
    return (folder / "a.zip").read_bytes()


def test_an_archive_is_named_as_one(tmp_path: Path) -> None:
    """A zip archive with an artifact in it is refused as a zip archive."""
    assert "it looks like a zip archive" in refuse(_make_zip(tmp_path))


@pytest.mark.parametrize(
    ("content", "what", "mend"),
    [
        (b"", "the file is empty", "copy or write"),
        (pickle.dumps({"model": 1}), "looks like a pickle", "augury compile"),
        (pickle.dumps({"model": 1}, protocol=2), "looks like a pickle", "augury compile"),
        (gzip.compress(make_artifact(), mtime=0), "compressed with gzip", "decompress it first"),
        (b"\n <!DOCTYPE html><title>404</title>", "an HTML or XML page", "look at it"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS", "git lfs pull"),
        (b"\xef\xbb\xbf" + make_artifact(), "byte order mark", "without one"),
        (make_artifact().replace(b"\n", b"\r\n"), "line ends", "*.augury.json -text"),
        (make_artifact().decode().encode("utf-16"), "text in UTF-16", "save it as UTF-8"),
        (b'{"gender": "female"}', "looks like JSON", "copy or write"),
        (b"[1, 2]", "looks like JSON", "copy or write"),
        (b'{"format":1,"needs":"0.1","digest":"sha256:00","model":{}}', "its white space was changed", "formatters"),
        (make_artifact()[:60], "ends within its header", "copy or write"),
        (make_artifact().replace(b"  ", b"    "), "its white space was changed", "formatters"),
        (b"tenure,churn\n1,yes\n", "no artifact, or a damaged one", "copy or write"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else value,
)
def test_another_file_is_named_for_what_it_looks_like(content: bytes, what: str, mend: str) -> None:
    """A file that is something else than an artifact is refused with what it looks like and what to do."""
    sentence = refuse(content)
    assert what in sentence
    assert mend in sentence


def test_one_line_end_that_git_changed_is_told_too() -> None:
    """A file whose line ends were changed in part gets the sentence about Git as well."""
    assert "*.augury.json -text" in refuse(make_artifact().replace(b"\n}\n", b"\r\n}\r\n"))


def test_the_place_is_shown_printable() -> None:
    """A path with a line end or an escape sequence in it cannot forge a second line."""
    with pytest.raises(ArtifactError) as caught:
        read_artifact("no\nsuch\x1b[31mfile\udcff")
    assert str(caught.value).isprintable()


def test_a_whole_artifact_is_read(tmp_path: Path) -> None:
    """An artifact as it was written is read from bytes and from its path alike."""
    path = tmp_path / "churn.augury.json"
    path.write_bytes(make_artifact())
    assert read_artifact(str(path)) == read_artifact(path) == parse_artifact(make_artifact(), "here")
