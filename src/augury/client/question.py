"""What is asked: records as the bytes of JSON, alone or in arrays that the service takes."""

from __future__ import annotations

import math
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec
from msgspec import Struct

from augury.contract.faults import Fault
from augury.contract.parse import describe
from augury.contract.python_record import read_members
from augury.contract.values import Foreign, Unreadable
from augury.errors import RecordError, UsageError

# What the service takes at once (docs/reference/http.md): more records are refused.
MAX_BATCH = 10_000
# Half of what a body may be, so that a batch with the record that crosses this is still within.
_ENOUGH_BYTES = 8 * 1024 * 1024


class Question(Struct, frozen=True):
    """One request."""

    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = MappingProxyType({})


class Batch(Struct):
    """Records of one request: ``bodies`` are asked for; a refused one keeps its place among ``places`` instead."""

    bodies: list[bytes]
    places: list[RecordError | None]

    def write(self) -> bytes:
        """Write the bodies as an array."""
        return b"[" + b",".join(self.bodies) + b"]"

    def halve(self) -> tuple[Batch, Batch]:
        """Make two of it, each with half of the places."""
        middle = len(self.places) // 2
        asked = self.places[:middle].count(None)
        return Batch(self.bodies[:asked], self.places[:middle]), Batch(self.bodies[asked:], self.places[middle:])


def make_path(model: str | None, verb: str) -> str:
    """Make the path of a verb: of the model that is named, else of the service's default one."""
    from urllib.parse import quote  # not at the top: a client of the default model has no need of it

    return f"/{verb}" if model is None else f"/models/{quote(model, safe='')}/{verb}"


def write_record(record: object) -> bytes:
    """Write a mapping of fields to scalars as JSON, its values made plain as ``predict_one`` makes them.

    What JSON cannot say, a date for instance, is written as an empty object, which no field takes: it is refused where
    it stands, as ``predict_one`` refuses it.

    Raises:
        RecordError: it is no mapping, or cannot be read, or has a key that is no text.
    """
    members = read_members(record)
    if isinstance(members, Fault):
        raise RecordError([members])
    for key, _ in members:
        if not isinstance(key, str):
            raise RecordError([Fault("unknown_key", "", f"a key is {describe(key)}, not a text; remove it")])
    # Not as a dict: two keys of one spelling are for the service to refuse.
    return b"{" + b",".join(msgspec.json.encode(key) + b":" + _write_value(value) for key, value in members) + b"}"


def _write_value(value: object) -> bytes:
    if isinstance(value, Foreign | Unreadable):
        return b"{}"
    if isinstance(value, float) and math.isinf(value):
        return b"1e999" if value > 0 else b"-1e999"  # JSON, and too large for a double: `not_finite` at the service
    return msgspec.json.encode(value)


def iter_batches(records: Iterable[Mapping[str, object]], batch: int) -> Iterator[Batch]:
    """Gather records, in order, into batches of at most ``batch`` and of so many bytes as the service takes."""
    gathering = _Gathering(batch)
    for record in records:
        if gathering.add(record):
            yield gathering.take()
    if gathering.gathered.places:
        yield gathering.take()


async def aiter_batches(
    records: Iterable[Mapping[str, object]] | AsyncIterable[Mapping[str, object]], batch: int
) -> AsyncIterator[Batch]:
    """Gather records likewise, which may themselves have to be awaited."""
    if not isinstance(records, AsyncIterable):
        for gathered in iter_batches(records, batch):
            yield gathered
        return
    gathering = _Gathering(batch)
    async for record in records:
        if gathering.add(record):
            yield gathering.take()
    if gathering.gathered.places:
        yield gathering.take()


class _Gathering:
    """A batch that grows."""

    def __init__(self, batch: int) -> None:
        self.gathered = Batch([], [])
        self._most, self._size = batch, 0

    def add(self, record: object) -> bool:
        """Add a record, and tell whether the batch is now to be taken."""
        try:
            body = write_record(record)
        except RecordError as error:
            self.gathered.places.append(error)
        else:
            self.gathered.bodies.append(body)
            self.gathered.places.append(None)
            self._size += len(body)
        return len(self.gathered.places) == self._most or self._size > _ENOUGH_BYTES

    def take(self) -> Batch:
        """Take the batch, and begin another."""
        gathered, self.gathered, self._size = self.gathered, Batch([], []), 0
        return gathered


def check_batch(batch: int) -> None:
    """Check the size of batches.

    Raises:
        UsageError: no service takes such.
    """
    if not 1 <= batch <= MAX_BATCH:
        raise UsageError(f"a batch of {batch} cannot be asked", where="batch", mend=f"choose 1 to {MAX_BATCH:,}")
