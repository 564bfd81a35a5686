from __future__ import annotations

import json
import subprocess
import sys

import pytest

from augury.service.metrics.board import AREA_SIZE, RESERVED_SIZE, WIDEST, Board

# One writer after the other in one slot, each killed while it makes series and counts.
KILLED = """
import json, os, random, signal, sys, time
from augury.service.metrics.board import Board

board, rounds = Board(2, is_shared=True), []
random.seed(1)
for _ in range(30):
    pid = os.fork()
    if pid == 0:
        area, made = board.open(0), sum(key[0] == "c" for key in board.read())
        while True:
            made += 1
            for each in range(made):
                area.values[area.claim_counter(("c", str(each)))] += 1.0
            area.values[area.claim_histogram(("h", str(made)), 4) + 3] += 1.0
    time.sleep(random.uniform(0.001, 0.01))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    rounds.append([[*key, values] for key, values in board.read().items()])
print(json.dumps(rounds))
"""


@pytest.fixture
def board() -> Board:
    """A board of two slots with little room."""
    return Board(2, is_shared=False, area_size=RESERVED_SIZE + 4096)


def test_one_key_is_one_series(board: Board) -> None:
    """A key has one place, another name or label has another, and what all slots counted is added."""
    first, second = board.open(0), board.open(1)
    place = first.claim_counter(("a", "x"))
    assert first.claim_counter(("a", "x")) == place
    assert len({place, first.claim_counter(("a", "y")), first.claim_counter(("a", "x", ""))}) == 3
    first.values[place] += 2.0
    second.values[second.claim_counter(("a", "x"))] += 0.5
    second.values[second.claim_histogram(("h",), 3) + 1] += 1.0
    assert board.read() == {("a", "x"): [2.5], ("a", "y"): [0.0], ("a", "x", ""): [0.0], ("h",): [0.0, 1.0, 0.0]}


@pytest.mark.parametrize("label", ["", "é", "\x00", '"\\\n', "a" * 999, "[", "\U0001f600"])
def test_a_key_is_any_text(board: Board, label: str) -> None:
    """A key comes back as it went in, whatever its length."""
    for place in (board.open(0).claim_counter((label, label)), board.open(0).claim_counter(("after",))):
        board.open(0).values[place] += 1.0
    assert board.read() == {(label, label): [1.0], ("after",): [1.0]}


def test_a_replacement_goes_on(board: Board) -> None:
    """Who opens a slot anew finds what was counted there, and counts on in the same places."""
    places = set()
    for _ in range(3):
        area = board.open(0)
        area.values[area.claim_counter(("a",))] += 1.0
        area.values[area.claim_histogram(("h",), 2)] += 0.5
        places.add((area.claim_counter(("a",)), area.claim_histogram(("h",), 2)))
    assert len(places) == 1
    assert board.read() == {("a",): [3.0], ("h",): [1.5, 0.0]}


def test_what_has_no_room_is_counted_as_such(board: Board) -> None:
    """A full area counts what comes too late in one place, and what it had before goes on."""
    area = board.open(0)
    early = area.claim_counter(("early",))
    places = [area.claim_counter((str(index),)) for index in range(10_000)]
    for place in (early, places[-1], places[-1], area.claim_histogram(("late",), WIDEST) + 1):
        area.values[place] += 1.0
    area.values[area.claim_histogram(("late",), WIDEST)] += 0.25  # a sum is no count
    assert board.read()["early",] == [1.0]
    assert ("late",) not in board.read()
    assert board.count_spilled() == 3.0
    assert board.open(1).claim_counter(("early",)) not in (places[-1], 0)


def test_a_part_is_reserved(board: Board) -> None:
    """Series that artifacts decide the number of cannot take the room of the others."""
    area = board.open(0)
    places = [area.claim_counter(("field", str(index)), may_fill=False) for index in range(1000)]
    assert len(set(places)) < 1000
    area.values[area.claim_counter(("important",))] += 1.0
    assert board.read()["important",] == [1.0]
    assert board.count_spilled() == 0.0


def test_a_key_that_never_fits_harms_nothing(board: Board) -> None:
    """A key that is larger than the area is counted as having no room."""
    area = board.open(0)
    area.values[area.claim_counter(("a" * 2 * AREA_SIZE,))] += 1.0
    area.values[area.claim_counter(("b",))] += 1.0
    assert (board.read(), board.count_spilled()) == ({("b",): [1.0]}, 1.0)


def test_what_is_half_written_is_not_there(board: Board) -> None:
    """An area that says that less is whole, at any byte, has the series before it, each with its own value."""
    area = board.open(0)
    for index in range(20):
        area.values[area.claim_counter((f"series {index}",))] = float(index + 1)
        area.values[area.claim_histogram((f"histogram {index}",), 3) + 2] = float(index + 1)
    whole, end = list(board.read().items()), area._words[0]
    ends = [8 * (place + (1 if name.startswith("series") else 3)) for (name,), place in area._places.items()]
    assert len(ends) == 40
    for used in range(-8, end + 1):
        area._words[0] = used
        assert list(board.read().items()) == whole[: sum(each <= used for each in ends)]


def test_what_was_left_half_written_is_overwritten(board: Board) -> None:
    """A series begins with 0, also where a process that was killed had left something."""
    area = board.open(0)
    area.claim_counter(("a",))
    area._memory[area._end : area._end + 400] = b"\xff" * 400
    assert board.read() == {("a",): [0.0]}
    area.claim_histogram(("h",), 5)
    assert board.read() == {("a",): [0.0], ("h",): [0.0] * 5}


def test_a_key_that_is_not_there_yet_ends_the_reading(board: Board) -> None:
    """Where the length is seen before the key is, reading ends, and the series before it are read."""
    area = board.open(0)
    first = area.claim_counter(("a",))
    area.claim_counter(("b",))
    for torn in (b"\x00" * 5, b'["\xff"]', b"[1]  ", b'["b"', b'{"b":'):
        area._memory[(first + 2) * 8 : (first + 2) * 8 + 5] = torn.ljust(5)
        assert board.read() == {("a",): [0.0]}


def test_writers_that_are_killed() -> None:
    """Thirty writers killed anywhere leave numbers that never fall, and each goes on where the one before stopped."""
    ran = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, check=True, text=True, timeout=60)
    before: dict[tuple[str, str], list[float]] = {}
    for read in json.loads(ran.stdout):
        now = {(name, label): values for name, label, values in read}
        assert before.keys() <= now.keys()
        assert all(old <= new for key, values in before.items() for old, new in zip(values, now[key], strict=True))
        counters = [values[0] for (name, _), values in now.items() if name == "c"]
        # Each round counts the first series once more than the next ones, which it made later.
        assert counters == sorted(counters, reverse=True)
        before = now
    assert sum(values[0] for (name, _), values in before.items() if name == "c") > 1000
