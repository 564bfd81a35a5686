from __future__ import annotations

import asyncio
import logging
import socket
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import pytest

from augury.api import find_bundled, parse
from augury.errors import ArtifactError
from augury.model import Model
from augury.service.models import Roster
from augury.service.reload.edition import write_edition
from augury.service.reload.post import Post, follow_parent
from augury.service.reload.shelf import Parse, Shelf
from tests.service.versions import make_version, write_version


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The parent's end and the worker's."""
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A shelf whose file has been replaced since its start, by version 1."""
    path = tmp_path / "churn.augury.json"
    write_version(path, 0)
    shelf = Shelf([str(path)], parse)
    shelf.fill()
    write_version(path, 1)
    assert shelf.look(again=True)
    return shelf


async def _talk(
    ends: tuple[socket.socket, socket.socket], roster: Roster, parse: Parse, say: Callable[[Post], None]
) -> None:
    """Be both ends: say something once the worker has begun, and end when it has stopped, or answered twice."""
    post, stopped = Post(ends[0], 0, frozenset()), asyncio.Event()
    following = asyncio.ensure_future(follow_parent(ends[1], 0, roster, parse, stopped.set))
    has_said = False
    while not stopped.is_set() and (post.is_awaited or not has_said):
        if post.has_begun and not has_said:
            has_said = True
            say(post)
        post.push()
        try:
            post.hear()
        except BlockingIOError:
            await asyncio.sleep(0.001)
    post.close()
    await asyncio.wait_for(following, 10)
    assert stopped.is_set()  # at the latest because its parent has ended


def test_an_edition_arrives(ends: tuple[socket.socket, socket.socket], shelf: Shelf) -> None:
    """A worker answers with what it was sent, and says so; when its parent ends it stops."""
    roster = Roster(shelf.models)
    roster.replace(Shelf([find_bundled()], parse).fill())
    edition = write_edition(shelf, frozenset())
    asyncio.run(_talk(ends, roster, parse, lambda post: post.send(1, edition, frozenset())))
    assert roster.models.default.digest == make_version(1).digest
    assert roster.models.reloads == shelf.models.reloads


def test_what_a_worker_has_is_not_sent_again(ends: tuple[socket.socket, socket.socket], shelf: Shelf) -> None:
    """A model that the worker has is named by its digest, and goes on as it is."""
    digest = shelf.models.default.digest
    edition, whole = write_edition(shelf, frozenset({digest})), write_edition(shelf, frozenset())
    assert len(edition) < 400 < len(whole)
    roster = Roster(shelf.models)
    asyncio.run(_talk(ends, roster, _refuse, lambda post: post.send(1, edition, frozenset())))
    assert roster.models.default is shelf.models.default


def _refuse(_content: bytes, where: str) -> Model:
    raise ArtifactError("it is not wanted", where=where)


@pytest.mark.parametrize("edition", [None, b"no edition"])
def test_a_worker_that_cannot_take_an_edition_stops(
    ends: tuple[socket.socket, socket.socket], shelf: Shelf, edition: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    """It does not go on with another model than its neighbours: it says why and stops, and its model is the old one."""
    roster, sent = Roster(shelf.models), write_edition(shelf, frozenset()) if edition is None else edition
    logger = logging.getLogger("augury.service")
    logger.addHandler(caplog.handler)
    try:
        asyncio.run(_talk(ends, roster, _refuse, lambda post: post.send(1, sent, frozenset())))
    finally:
        logger.removeHandler(caplog.handler)
    assert roster.models is shelf.models
    assert "worker cannot take the models" in {record.message for record in caplog.records}


def test_a_parent_waits_for_nobody(ends: tuple[socket.socket, socket.socket]) -> None:
    """A worker that does not read holds nobody up, and one that is gone is no failure."""
    post = Post(ends[0], 0, frozenset())
    started = perf_counter()
    post.send(1, bytes(32 * 1024 * 1024), frozenset())
    assert perf_counter() - started < 1
    assert (post.is_sending, post.is_awaited, post.has_begun) == (True, True, False)
    ends[1].close()
    post.push()
    assert (post.is_sending, post.is_closed) == (False, True)
    post.hear()
    assert post.is_closed


def test_a_large_edition_comes_in_pieces(ends: tuple[socket.socket, socket.socket], shelf: Shelf) -> None:
    """An edition that is larger than what the kernel holds is put together again."""
    seen = []

    def note(content: bytes, _where: str) -> Model:
        seen.append(len(content))
        return make_version(1)

    size = 5 * 1024 * 1024
    copy = next(iter(shelf.find_contents().values()))
    edition = write_edition(shelf, frozenset())
    large = edition.replace(_write_head(len(copy)) + copy, _write_head(size) + copy.ljust(size))
    asyncio.run(_talk(ends, Roster(shelf.models), note, lambda post: post.send(1, large, frozenset())))
    assert seen == [size]


def _write_head(length: int) -> bytes:
    """What MessagePack writes before so many bytes."""
    return b"\xc5" + length.to_bytes(2, "big") if length < 2**16 else b"\xc6" + length.to_bytes(4, "big")


def test_a_model_is_made_beside_the_answers() -> None:
    """While a worker makes the churn model that comes with Augury, its loop is held up for far less than 50 ms."""
    shelf = Shelf([find_bundled()], parse)
    shelf.fill()
    edition, other = write_edition(shelf, frozenset()), make_version(1)
    gaps: list[float] = []

    async def measure() -> None:
        roster = Roster(Shelf([find_bundled()], lambda _content, _where: other).fill())
        talking = asyncio.ensure_future(
            _talk(socket.socketpair(), roster, parse, lambda p: p.send(1, edition, frozenset()))
        )
        worst = 0.0
        while not talking.done():
            started = perf_counter()
            await asyncio.sleep(0)
            worst = max(worst, perf_counter() - started)
        gaps.append(worst)
        assert roster.models.default.digest == shelf.models.default.digest

    for _ in range(9):
        asyncio.run(measure())
    assert statistics.median(gaps) < 0.05, gaps
