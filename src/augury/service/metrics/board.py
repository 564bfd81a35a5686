"""Numbers that several processes count and any of them can read: memory that they share, with an area for each.

An area holds series one after the other, and is never rearranged:

    used · spill … · │ size of the key, width · key · padding · value … value │ size of the key, width · …

``used`` says up to where series are whole. It is written after what it covers, in one store of eight bytes, so that
a process that is killed anywhere leaves an area that can be read, and that its replacement can go on writing.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator

import msgspec
from msgspec import Struct

# The name of a metric and the values of its labels.
Key = tuple[str, ...]

# Ten thousand series of usual names; of an area only what is written takes memory.
AREA_SIZE = 1 << 20
# The last part is kept for series that tell the service's own state: a contract of a thousand fields that are all
# refused for every reason must not hide that the service is overloaded.
RESERVED_SIZE = 128 * 1024
# The most values of one series: a histogram's.
WIDEST = 32

_WORD = 8
_USED = 0
# What has no room is counted here. It is laid out as a histogram: first a sum, which nobody reads, then counts.
_SPILL = 1
_HEADER_SIZE = (_SPILL + WIDEST) * _WORD
_ENTRY = struct.Struct("=II")


class Series(Struct, frozen=True):
    """Where the values of a series are: the index of the first of them in the area, and how many there are."""

    key: Key
    place: int
    width: int


class Area:
    """The part of a board that one process writes.

    ``values`` are its numbers; who has claimed a series counts by ``area.values[place] += 1.0``, about 60 ns.
    """

    def __init__(self, memory: memoryview) -> None:
        self.values = memory.cast("d")
        self._memory = memory
        self._words = memory.cast("q")
        whole = list(_read_series(memory))
        # A replacement goes on where the process before it stopped.
        self._places = {series.key: series.place for series in whole}
        self._end = (whole[-1].place + whole[-1].width) * _WORD if whole else _HEADER_SIZE

    def claim_counter(self, key: Key, *, may_fill: bool = True) -> int:
        """Find the place of a counter, which is made if there is none.

        Args:
            key: its name and labels.
            may_fill: whether it may use what is reserved, which is for series whose number no artifact decides.
        """
        return self._claim(key, 1, may_fill=may_fill) or _SPILL + 1

    def claim_histogram(self, key: Key, width: int, *, may_fill: bool = True) -> int:
        """Find the place of a histogram: there is its sum, and after it a count for each of ``width`` − 1 buckets."""
        return self._claim(key, width, may_fill=may_fill) or _SPILL

    def _claim(self, key: Key, width: int, *, may_fill: bool) -> int:
        """Find or make a series; 0, where no series ever is, when there is no room."""
        assert 0 < width <= WIDEST
        place = self._places.get(key)
        if place is not None:
            return place
        name = msgspec.json.encode(key)
        start = _align(self._end + _ENTRY.size + len(name))
        end = start + width * _WORD
        if end > len(self._memory) - (0 if may_fill else RESERVED_SIZE):
            return 0
        _ENTRY.pack_into(self._memory, self._end, len(name), width)
        self._memory[self._end + _ENTRY.size : self._end + _ENTRY.size + len(name)] = name
        self._memory[start:end] = bytes(end - start)  # whoever was killed here may have left something
        self._words[_USED] = self._end = end
        self._places[key] = start // _WORD
        return self._places[key]


class Board:
    """The numbers of several processes.

    Args:
        slots: how many write; each opens a slot that no other living process has.
        is_shared: whether processes that are forked later see and write the same memory; else each goes on with a copy.
        area_size: the bytes of each.
    """

    def __init__(self, slots: int, *, is_shared: bool, area_size: int = AREA_SIZE) -> None:
        access = mmap.ACCESS_WRITE if is_shared else mmap.ACCESS_COPY
        memory = memoryview(mmap.mmap(-1, slots * area_size, access=access))
        self._areas = [memory[start : start + area_size] for start in range(0, len(memory), area_size)]

    def open(self, slot: int) -> Area:
        """Open an area to write."""
        return Area(self._areas[slot])

    def read(self) -> dict[Key, list[float]]:
        """Read the series of all areas: those of one key are added, value by value."""
        totals: dict[Key, list[float]] = {}
        for area in self._areas:
            values = area.cast("d")
            for series in _read_series(area):
                read = list(values[series.place : series.place + series.width])
                known = totals.get(series.key)
                totals[series.key] = read if known is None else [a + b for a, b in zip(known, read, strict=True)]
        return totals

    def count_spilled(self) -> float:
        """Count what had no room."""
        return sum(sum(area.cast("d")[_SPILL + 1 : _SPILL + WIDEST].tolist()) for area in self._areas)


def _read_series(area: memoryview) -> Iterator[Series]:
    """Read the series of an area, up to the first that is not whole."""
    place, end = _HEADER_SIZE, min(area.cast("q")[_USED], len(area))
    while place + _ENTRY.size <= end:
        size, width = _ENTRY.unpack_from(area, place)
        start = _align(place + _ENTRY.size + size)
        if not 0 < width <= WIDEST or start + width * _WORD > end:
            return
        try:
            key = msgspec.json.decode(area[place + _ENTRY.size : place + _ENTRY.size + size], type=Key)
        except (msgspec.DecodeError, UnicodeDecodeError):
            # On a machine that reorders stores ``used`` may be seen before the key; the next reading will see both.
            return
        yield Series(key, start // _WORD, width)
        place = start + width * _WORD


def _align(size: int) -> int:
    return -(-size // _WORD) * _WORD
