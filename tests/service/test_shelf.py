from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from augury.api import parse
from augury.artifact.canonical import seal
from augury.artifact.write import replace_file
from augury.errors import ArtifactError, UsageError
from augury.model import Model
from augury.service.reload.shelf import Shelf
from tests.service.versions import make_version, write_version


def _clock() -> Callable[[], datetime]:
    """A clock that goes on by an hour each time."""
    started = datetime(2026, 1, 1, tzinfo=UTC)
    hours = iter(range(1000))
    return lambda: started + timedelta(hours=next(hours))


def _fill(*arguments: Path, default: str | None = None) -> Shelf:
    shelf = Shelf([str(argument) for argument in arguments], parse, _clock())
    shelf.fill(default)
    return shelf


def _count(shelf: Shelf) -> tuple[int, int]:
    """How many changes were applied, and how many refused."""
    return shelf.models.reloads.applied, shelf.models.reloads.refused


def _look_twice(shelf: Shelf) -> bool:
    """Look until what changed has come to rest; the first look only sees that it moves."""
    assert not shelf.look()
    return shelf.look()


def _find_digests(shelf: Shelf) -> dict[str, str]:
    return {name: model.digest for name, model in shelf.models.by_name.items()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with the first version."""
    write_version(tmp_path / "churn.augury.json", 1)
    return tmp_path / "churn.augury.json"


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[tuple[str, dict[str, str]]]]]:
    """What the log said, as events with their members."""
    logger = logging.getLogger("augury.service")
    before = logger.level, logger.propagate
    logger.addHandler(caplog.handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False  # or the lines would be caught twice
    yield lambda: [(record.message, record.__dict__["augury_members"]) for record in caplog.records]
    logger.removeHandler(caplog.handler)
    logger.setLevel(before[0])
    logger.propagate = before[1]


def _truncate(path: Path) -> None:
    replace_file(path, path.read_bytes()[:-100])


def _damage(path: Path) -> None:
    replace_file(path, path.read_bytes().replace(b'"threshold": 0.5', b'"threshold": 0.6', 1))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _make_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def _take_name(path: Path) -> None:
    write_version(path, 2, "other")


BAD = [
    (_truncate, "digest"),
    (_damage, "the file is damaged"),
    (_empty, ""),
    (Path.unlink, "No such file"),
    (_make_folder, "a directory"),
    (_make_pipe, "a named pipe"),
    (_make_loop, "symbolic links"),
    (_take_name, "two models are named other"),
]


@pytest.mark.parametrize(("spoil", "reason"), BAD, ids=[spoil.__name__.strip("_") for spoil, _ in BAD])
def test_a_bad_file_leaves_the_old_model(
    path: Path,
    tmp_path: Path,
    spoil: Callable[[Path], None],
    reason: str,
    said: Callable[[], list[tuple[str, dict[str, str]]]],
) -> None:
    """A file that turns bad is said once in one sentence without a path, counted and shown, and its model goes on."""
    other = tmp_path / "other.augury.json"
    write_version(other, 3, "other")
    shelf = _fill(path, other)
    before = _find_digests(shelf)
    spoil(path)
    assert _look_twice(shelf)
    for _ in range(5):
        assert not shelf.look()
    assert not shelf.look(again=True)
    assert _find_digests(shelf) == before
    [refused] = shelf.models.refused
    assert (refused.file, refused.model, refused.since) == ("churn.augury.json", "churn", "2026-01-01T00:00:00+00:00")
    assert reason in refused.reason
    assert str(tmp_path) not in refused.reason
    assert "\n" not in refused.reason
    [(event, members)] = said()
    assert event == "model refused"
    assert members == {"file": str(path), "reason": refused.reason, "model": f"churn@{before['churn'][7:19]}"}
    assert _count(shelf) == (0, 1)


def test_a_good_file_clears_what_was_wrong(path: Path) -> None:
    """When a good file comes after a bad one it is taken, and nothing is refused any more."""
    shelf = _fill(path)
    path.write_text("{}")
    assert _look_twice(shelf)
    model = write_version(path, 2)
    assert _look_twice(shelf)
    assert _find_digests(shelf) == {"churn": model.digest}
    assert shelf.models.default.digest == model.digest
    assert shelf.models.refused == ()
    assert _count(shelf) == (1, 1)


def test_the_old_file_clears_it_as_well(path: Path) -> None:
    """When the very file that is served comes back, nothing is refused any more, and nothing was taken."""
    shelf = _fill(path)
    content, number = path.read_bytes(), shelf.number
    path.unlink()
    assert _look_twice(shelf)
    path.write_bytes(content)
    assert _look_twice(shelf)
    assert (shelf.models.refused, _count(shelf), shelf.number) == ((), (0, 1), number + 2)


def test_another_fault_keeps_its_beginning(path: Path) -> None:
    """A file that is bad in another way is said again, and has been bad since the first."""
    shelf = _fill(path)
    for spoil in (_empty, Path.unlink):
        spoil(path)
        assert _look_twice(shelf)
    [refused] = shelf.models.refused
    assert (_count(shelf), refused.since) == ((0, 2), "2026-01-01T00:00:00+00:00")


def test_a_file_that_is_being_written_is_left_alone(path: Path) -> None:
    """What is written piece by piece is read when it is whole, and its halves are nobody's fault."""
    shelf = _fill(path)
    content = make_version(2)
    write_version(path.with_name("beside"), 2)
    whole = path.with_name("beside").read_bytes()
    with path.open("wb") as file:
        for start in range(0, len(whole), len(whole) // 7):
            file.write(whole[start : start + len(whole) // 7])
            file.flush()
            assert not shelf.look()
    assert shelf.look()
    assert (_count(shelf), _find_digests(shelf)) == ((1, 0), {"churn": content.digest})


def test_a_file_that_changes_while_it_is_read(path: Path) -> None:
    """A half that is caught between two looks is not refused when the file has gone on meanwhile."""
    shelf = _fill(path)
    path.write_bytes(b"half")
    assert not shelf.look()
    parse_before = shelf.parse

    def parse_late(content: bytes, where: str) -> Model:
        write_version(path, 2)
        shelf.parse = parse_before
        return parse(content, where)

    shelf.parse = parse_late
    assert not shelf.look()
    assert shelf.parse is parse_before
    assert _look_twice(shelf)
    assert _count(shelf) == (1, 0)


def test_a_touch_changes_nothing(path: Path) -> None:
    """A file that is written anew with the same bytes is no other model."""
    shelf = _fill(path)
    number = shelf.number
    write_version(path, 1)
    assert not _look_twice(shelf)
    assert (_count(shelf), shelf.number) == ((0, 0), number)


def test_a_fault_of_ours_is_the_files(path: Path, said: Callable[[], list[tuple[str, dict[str, str]]]]) -> None:
    """Whatever reading a file raises, the old model goes on and the file is named."""
    shelf = _fill(path)
    write_version(path, 2)

    def fail(_content: bytes, _where: str) -> Model:
        raise MemoryError

    shelf.parse = fail
    assert _look_twice(shelf)
    assert shelf.models.refused[0].reason == "reading it failed (MemoryError); report this file"
    assert len(said()) == 1


def test_a_model_may_take_another_name(path: Path) -> None:
    """A file whose model has another name now is served under that, and the bare routes go with the file."""
    shelf = _fill(path)
    write_version(path, 1, "careful")
    assert _look_twice(shelf)
    assert (list(shelf.models.by_name), shelf.models.default.name) == (["careful"], "careful")


def test_the_default_by_name_keeps_its_name(path: Path) -> None:
    """Where the bare routes are a name's, a file with another name in its place is refused."""
    shelf = _fill(path, default="churn")
    write_version(path, 1, "careful")
    assert _look_twice(shelf)
    assert (list(shelf.models.by_name), _count(shelf)) == (["churn"], (0, 1))
    assert "the bare routes are churn's" in shelf.models.refused[0].reason


def test_two_files_change_names(tmp_path: Path) -> None:
    """Two files that exchange their models are taken together."""
    one, two = tmp_path / "one.augury.json", tmp_path / "two.augury.json"
    write_version(one, 1, "one")
    write_version(two, 2, "two")
    shelf = _fill(one, two)
    write_version(one, 3, "two")
    last = write_version(two, 4, "one")
    assert _look_twice(shelf)
    assert (_find_digests(shelf)["one"], _count(shelf)) == (last.digest, (2, 0))
    assert shelf.models.default.name == "two"


def test_a_name_becomes_free(tmp_path: Path) -> None:
    """A file that was refused for its name is taken when another has given the name up."""
    one, two = tmp_path / "one.augury.json", tmp_path / "two.augury.json"
    write_version(one, 1, "one")
    write_version(two, 2, "two")
    shelf = _fill(one, two)
    write_version(two, 3, "one")
    assert _look_twice(shelf)
    write_version(one, 4, "three")
    assert _look_twice(shelf)
    assert sorted(shelf.models.by_name) == ["one", "three"]
    assert (shelf.models.refused, _count(shelf)) == ((), (2, 1))


def test_one_bad_file_does_not_hold_up_a_good_one(tmp_path: Path) -> None:
    """Of two that change at once the good one is taken and the one in its way is refused."""
    one, two = tmp_path / "one.augury.json", tmp_path / "two.augury.json"
    write_version(one, 1, "one")
    write_version(two, 2, "two")
    shelf = _fill(one, two)
    model = write_version(one, 3, "one")
    write_version(two, 4, "one")
    assert _look_twice(shelf)
    assert _find_digests(shelf) == {"one": model.digest, "two": make_version(2, "two").digest}
    assert _count(shelf) == (1, 1)


def test_a_folder(tmp_path: Path, said: Callable[[], list[tuple[str, dict[str, str]]]]) -> None:
    """In a folder new files are added, changed ones replaced, removed ones taken away, and others ignored."""
    write_version(tmp_path / "b.augury.json", 1, "b")
    write_version(tmp_path / "c.augury.json", 1, "c")
    (tmp_path / "notes.json").write_text("{}")
    (tmp_path / ".hidden.augury.json").write_text("{}")
    shelf = _fill(tmp_path)
    assert (list(shelf.models.by_name), shelf.models.default.name) == (["b", "c"], "b")
    write_version(tmp_path / "a.augury.json", 1, "a")
    write_version(tmp_path / "b.augury.json", 2, "b")
    (tmp_path / "c.augury.json").unlink()
    assert _look_twice(shelf)
    assert (sorted(shelf.models.by_name), shelf.models.default.name) == (["a", "b"], "b")
    assert _count(shelf) == (3, 0)
    events = {(event, Path(members["file"]).name[0]) for event, members in said()}
    assert events == {("model loaded", "a"), ("model loaded", "b"), ("model removed", "c")}


def test_a_folders_new_file_that_is_bad(tmp_path: Path) -> None:
    """A new file that is bad is shown without a model, and forgotten when it goes."""
    write_version(tmp_path / "a.augury.json", 1, "a")
    shelf = _fill(tmp_path)
    (tmp_path / "b.augury.json").write_text("{}")
    assert _look_twice(shelf)
    assert [(refused.file, refused.model) for refused in shelf.models.refused] == [("b.augury.json", None)]
    (tmp_path / "b.augury.json").unlink()
    assert _look_twice(shelf)
    assert shelf.models.refused == ()


def test_the_default_is_not_taken_away(tmp_path: Path) -> None:
    """The model of the bare routes stays when its file goes, whether it was named or the first."""
    for default, victim in ((None, "a"), ("b", "b")):
        for name in "ab":
            write_version(tmp_path / f"{name}.augury.json", 1, name)
        shelf = _fill(tmp_path, default=default)
        (tmp_path / f"{victim}.augury.json").unlink()
        assert _look_twice(shelf)
        assert (sorted(shelf.models.by_name), _count(shelf)) == (["a", "b"], (0, 1))
        [refused] = shelf.models.refused
        assert (refused.model, refused.reason.partition(";")[0]) == (
            victim,
            "the file of the bare routes' model is gone",
        )


def test_a_renamed_file_is_the_same_model(tmp_path: Path) -> None:
    """A file that only got another name is never missed: both names are judged at once."""
    write_version(tmp_path / "a.augury.json", 1, "a")
    write_version(tmp_path / "b.augury.json", 1, "b")
    shelf = _fill(tmp_path)
    (tmp_path / "b.augury.json").rename(tmp_path / "z.augury.json")
    assert not shelf.look()
    assert sorted(shelf.models.by_name) == ["a", "b"]
    assert shelf.look()
    assert sorted(shelf.models.by_name) == ["a", "b"]
    write_version(tmp_path / "z.augury.json", 2, "b")
    assert _look_twice(shelf)
    assert _find_digests(shelf)["b"] == make_version(2, "b").digest


def test_a_file_that_moves_slowly_is_never_missed(tmp_path: Path) -> None:
    """A file that is gone takes its model with it only when nothing else moves: it may come back by another name."""
    write_version(tmp_path / "a.augury.json", 1, "a")
    write_version(tmp_path / "b.augury.json", 1, "b")
    shelf = _fill(tmp_path)
    (tmp_path / "b.augury.json").unlink()
    assert not shelf.look()
    write_version(tmp_path / "z.augury.json", 2, "b")
    assert not shelf.look()
    assert sorted(shelf.models.by_name) == ["a", "b"]
    assert shelf.look()
    assert _find_digests(shelf)["b"] == make_version(2, "b").digest


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    """When a folder cannot be read its models go on, and it is the folder that is refused until it is back."""
    folder = tmp_path / "models"
    folder.mkdir()
    write_version(folder / "a.augury.json", 1, "a")
    write_version(folder / "b.augury.json", 1, "b")
    shelf = _fill(folder)
    folder.rename(tmp_path / "elsewhere")
    assert _look_twice(shelf)
    assert [(refused.file, refused.model) for refused in shelf.models.refused] == [("models", None)]
    assert sorted(shelf.models.by_name) == ["a", "b"]
    (tmp_path / "elsewhere").rename(folder)
    assert _look_twice(shelf)
    assert (shelf.models.refused, sorted(shelf.models.by_name)) == ((), ["a", "b"])


def test_a_mounted_folder_changes_as_one(tmp_path: Path) -> None:
    """Where files are links through a link to a folder, as Kubernetes mounts them, changing that link is seen."""
    for number in (1, 2):
        (tmp_path / f"..{number}").mkdir()
        write_version(tmp_path / f"..{number}" / "churn.augury.json", number)
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "churn.augury.json").symlink_to("..data/churn.augury.json")
    shelf = _fill(tmp_path)
    (tmp_path / "..next").symlink_to("..2")
    (tmp_path / "..next").rename(tmp_path / "..data")
    shutil.rmtree(tmp_path / "..1")
    assert _look_twice(shelf)
    assert (_find_digests(shelf), _count(shelf)) == ({"churn": make_version(2).digest}, (1, 0))


def test_reading_again_needs_no_rest(path: Path) -> None:
    """Who asks for it has all files read at once, also one whose look did not change."""
    shelf = _fill(path)
    status, content = path.stat(), path.read_bytes()
    others = (make_version(number) for number in range(2, 1000))
    model, other = next((m, each) for m in others if len(each := seal(m.document)[1]) == len(content))
    path.write_bytes(other)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not shelf.look()
    assert not shelf.look()
    assert shelf.look(again=True)
    assert _find_digests(shelf) == {"churn": model.digest}


def test_the_start_is_strict(path: Path, tmp_path: Path) -> None:
    """At the start a bad file, a folder without a model and an unknown default are errors."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.augury.json").write_text("{}")
    for arguments, default, error in (
        ([tmp_path], None, ArtifactError),
        ([tmp_path / "absent"], None, ArtifactError),
        ([tmp_path / "empty"], None, UsageError),
        ([path], "nobody", UsageError),
    ):
        with pytest.raises(error):
            _fill(*arguments, default=default)
