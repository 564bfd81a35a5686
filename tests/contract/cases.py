"""The one file of cases, read and resolved: every door's runner asks it what to send and what must come back."""

from __future__ import annotations

import base64
import datetime as dt
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from augury.contract.faults import Code, Fault
from augury.contract.fields import Contract, Level
from augury.ir.nodes import Link

FILE = Path(__file__).with_name("cases.json")
Door = Literal["json", "python", "text", "file", "frame"]
DOORS: tuple[Door, ...] = ("json", "python", "text", "file", "frame")
# What a door of tables answers where a case says nothing for it: as the door of one record does.
_LIKE: dict[Door, Door] = {"file": "text", "frame": "python"}

# A probability is 1 / (1 + exp(-margin)); libraries of exp differ in the last places, and so may it: 16 units of 2^-52.
PROBABILITY_TOLERANCE = 2.0**-48


class Finding(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A fault or note that must come back: all members exactly, and ``detail`` as a part of the sentence."""

    code: Code
    pointer: str
    field: str = ""
    nearest: Level | None = None
    allowed: tuple[Level, ...] = ()
    detail: str = ""


class Expectation(Struct, frozen=True, forbid_unknown_fields=True):
    """What must come back: a number (margin, bit for bit, or probability) with notes, or faults."""

    margin: float | None = None
    probability: float | None = None
    notes: tuple[Finding, ...] = ()
    faults: tuple[Finding, ...] = ()
    more: int = 0

    def find_probability(self) -> float | None:
        """Find the probability that must come back; None where faults must."""
        return _sigmoid(self.margin) if self.margin is not None else self.probability


class DoorCase(Struct, frozen=True, forbid_unknown_fields=True):
    """What one door is sent and must answer, where that differs from the others; or why it cannot be asked."""

    body: str | None = None
    base64: str | None = None
    record: Any = UNSET
    cells: dict[str, str] | None = None
    expect: Expectation | None = None
    cannot: str | None = None
    refused: str | None = None


class Case(Struct, frozen=True, forbid_unknown_fields=True):
    """One record of one contract, and what every door must say to it."""

    name: str
    contract: str
    says: str
    record: Any = UNSET
    expect: Expectation | None = None
    json: DoorCase = DoorCase()
    python: DoorCase = DoorCase()
    text: DoorCase = DoorCase()
    file: DoorCase = DoorCase()
    frame: DoorCase = DoorCase()

    def at(self, door: Door) -> DoorCase:
        """Find what is particular to one door; a door of tables is like that of one record."""
        doors: dict[Door, DoorCase] = {
            "json": self.json,
            "python": self.python,
            "text": self.text,
            "file": self.file,
            "frame": self.frame,
        }
        return self.at(_LIKE[door]) if door in _LIKE and doors[door] == DoorCase() else doors[door]

    def find_expectation(self, door: Door) -> Expectation | None:
        """Find what a door must answer; None where it cannot be asked, or nobody wrote it down."""
        particular = self.at(door)
        is_asked = particular.cannot is None and particular.refused is None
        return (particular.expect or self.expect) if is_asked else None

    def find_body(self) -> bytes:
        """Find the bytes that the JSON door is sent."""
        if self.json.body is not None:
            return self.json.body.encode()
        if self.json.base64 is not None:
            return base64.b64decode(self.json.base64)
        return msgspec.json.encode(self._find_record(self.json))

    def find_python(self) -> Any:
        """Find the object that the Python door is sent."""
        return resolve(self._find_record(self.python))

    def find_cells(self) -> dict[str, str]:
        """Find the row of text cells that the text door is sent, by their headers."""
        if self.text.cells is not None:
            return self.text.cells
        return {key: _write_cell(value) for key, value in self._find_record(self.text).items()}

    def find_frame(self) -> Any:
        """Find the record that the frame door is sent as a row."""
        has_own = not isinstance(self.frame.record, UnsetType)
        return resolve(self._find_record(self.frame if has_own else self.python))

    def _find_record(self, particular: DoorCase) -> Any:
        record = self.record if isinstance(particular.record, UnsetType) else particular.record
        assert not isinstance(record, UnsetType), f"{self.name}: nothing to send"
        return record


class NamedContract(Struct, frozen=True, forbid_unknown_fields=True):
    """A contract and a model for it, both as an artifact has them."""

    says: str
    contract: Contract
    predictor: Link


class Cases(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    says: str
    contracts: dict[str, NamedContract]
    cases: tuple[Case, ...]


class Outcome(Struct, frozen=True):
    """What a door answered; a door that does not show the margin leaves it None and gives the probability."""

    margin: float | None = None
    probability: float | None = None
    notes: tuple[Fault, ...] = ()
    faults: tuple[Fault, ...] = ()
    more: int = 0


@cache
def read_cases() -> Cases:
    """Read the file, strictly: an unknown member or code is an error."""
    return msgspec.json.decode(FILE.read_bytes(), type=Cases)


def find_differences(expected: Expectation, outcome: Outcome) -> list[str]:
    """Say, one sentence each, in what an outcome is not what was expected."""
    found = [
        *_compare_findings("notes", expected.notes, outcome.notes),
        *_compare_findings("faults", expected.faults, outcome.faults),
    ]
    if outcome.more != expected.more:
        found.append(f"{outcome.more} further faults instead of {expected.more}")
    probability = expected.find_probability()
    if expected.margin is not None and outcome.margin is not None and not _is_same(expected.margin, outcome.margin):
        found.append(f"margin {outcome.margin!r} instead of {expected.margin!r}")
    if (probability is None) != (outcome.probability is None) or not math.isclose(
        probability or 0.0, outcome.probability or 0.0, rel_tol=PROBABILITY_TOLERANCE
    ):
        found.append(f"probability {outcome.probability!r} instead of {probability!r}")
    return found


def _compare_findings(what: str, expected: tuple[Finding, ...], found: tuple[Fault, ...]) -> list[str]:
    plain = tuple(Finding(each.code, each.pointer, each.field, each.nearest, each.allowed) for each in found)
    if plain != tuple(msgspec.structs.replace(each, detail="") for each in expected):
        return [f"{what} {_show(found)} instead of {_show(expected)}"]
    return [
        f"{what}: {each.detail!r} does not say {wanted.detail!r}"
        for wanted, each in zip(expected, found, strict=True)
        if wanted.detail not in each.detail
    ]


def _show(findings: tuple[Struct, ...]) -> str:
    return msgspec.json.encode(findings).decode(errors="replace")


def _is_same(left: float, right: float) -> bool:
    return left == right and math.copysign(1.0, left) == math.copysign(1.0, right)


def _sigmoid(margin: float) -> float:
    power = math.exp(-min(abs(margin), 700.0))
    return 1.0 / (1.0 + power) if margin >= 0 else power / (1.0 + power)


def _write_cell(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()


# --- values that JSON cannot say


def resolve(value: Any) -> Any:
    """Turn tagged spellings into the Python objects that they stand for."""
    if isinstance(value, list):
        return [resolve(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1 and (tag := next(iter(value))) in _TAGS:
        return _TAGS[tag](value[tag])
    return {key: resolve(each) for key, each in value.items()}


class Hostile:
    """An object that raises whatever it is asked."""

    def __getattribute__(self, name: str) -> Any:
        """Raise, also for ``__class__``, which ``isinstance`` asks for."""
        raise RuntimeError(name)

    def __ne__(self, other: object) -> bool:
        """Raise."""
        raise RuntimeError("__ne__")

    def __str__(self) -> str:
        """Raise."""
        raise RuntimeError("__str__")

    __hash__ = None  # type: ignore[assignment]
    __repr__ = __str__


def _make_numpy(arguments: list[Any]) -> Any:
    import numpy as np

    dtype, text = arguments
    return np.array(text, dtype=dtype) if isinstance(text, list) else np.array([text]).astype(dtype)[0]


def _make_pandas(name: str) -> Any:
    import pandas as pd

    return getattr(pd, name)


def _make_utf16(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-16-be", "surrogatepass")


_TAGS: dict[str, Callable[[Any], Any]] = {
    "$float": float,
    "$int": int,
    "$decimal": Decimal,
    "$fraction": Fraction,
    "$bytes": lambda text: text.encode(),
    "$date": dt.date.fromisoformat,
    "$numpy": _make_numpy,
    "$numpy0": lambda number: _make_numpy(["float64", [number]]).reshape(()),
    "$pandas": _make_pandas,
    "$utf16": _make_utf16,
    "$tuple": lambda items: tuple(resolve(items)),
    "$set": lambda items: set(resolve(items)),
    "$pairs": lambda pairs: {resolve(key): resolve(each) for key, each in pairs},
    "$hostile": lambda _: Hostile(),
}
