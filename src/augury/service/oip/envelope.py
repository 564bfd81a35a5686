"""The JSON of a request for inference, as values; what it says of the model is judged elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from augury.contract.faults import Code, Fault, find_pointer, shorten
from augury.contract.parse import Members, parse_json
from augury.service.oip.refusing import refuse_faults
from augury.service.problems import Refusal

Parameters = dict[str, str | int | float | bool | None]

# A request that a model can answer has one value for each field of each row. Texts may hold commas of their own, so a
# few times as many are let through: enough to refuse 16 MiB of `[],` before they become objects of 64 bytes each.
_COMMAS_A_CELL = 4
# An input has its object, its shape, its data and its parameters, beside the arrays of a nested tensor.
_BRACKETS_AN_INPUT = 4
# What a small model may hold of either, in parameters and in names.
_SPARE = 1000


class RequestInput(Struct, frozen=True, forbid_unknown_fields=True):
    """A tensor of the request; ``data`` is absent where it follows in binary."""

    name: str
    shape: tuple[int, ...]
    datatype: str
    parameters: Parameters | UnsetType | None = UNSET
    data: list[Any] | UnsetType = UNSET


class RequestOutput(Struct, frozen=True, forbid_unknown_fields=True):
    """A tensor that is asked for."""

    name: str
    parameters: Parameters | UnsetType | None = UNSET


class InferRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A request for inference; some clients repeat the model of the path in it."""

    inputs: tuple[RequestInput, ...]
    outputs: tuple[RequestOutput, ...] | UnsetType | None = UNSET
    id: str | UnsetType | None = UNSET
    parameters: Parameters | UnsetType | None = UNSET
    model_name: str | UnsetType | None = UNSET
    model_version: str | UnsetType | None = UNSET


class _Frame(Struct, frozen=True, forbid_unknown_fields=True):
    """A request whose tensors are still to be read, so that each can be judged by itself."""

    inputs: list[Any]
    outputs: list[Any] | None = None
    id: str | None = None
    parameters: Parameters | None = None
    model_name: str | None = None
    model_version: str | None = None


_decode = msgspec.json.Decoder(InferRequest).decode
# What msgspec says of a value, and where: `$.inputs[3].shape`; the key of a parameter it does not tell.
_SAID = re.compile(r"(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>.*)`)?", re.DOTALL)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_MISSING = "missing required"
_MEMBER = re.compile(rf"Object (?P<how>{_MISSING}|contains unknown) field `(?P<name>.*)`", re.DOTALL)
_T = TypeVar("_T")


def check_count(content: bytes, *, max_rows: int, inputs: int) -> None:
    """Check that a text holds no more values than the longest request for so many inputs, before it is read.

    Raises:
        Refusal: it holds more.
    """
    cells = max_rows * inputs
    brackets = content.count(b"[") + content.count(b"{")
    if content.count(b",") > _COMMAS_A_CELL * cells + _SPARE or brackets > cells + _BRACKETS_AN_INPUT * inputs + _SPARE:
        raise Refusal("too-large", f"the request holds more values than {max_rows:,} rows have; send it in parts")


def read_request(content: bytes) -> InferRequest:
    """Read the JSON of a request.

    Raises:
        RecordError: it is no JSON, a key stands twice in an object, or a member is not what the protocol says.
    """
    try:
        request = _decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _read_slowly(content)
    # A text can only add colons, so this many members were all different keys: msgspec lets the last twin win.
    return request if content.count(b":") == _count_members(request) else _read_slowly(content)


def _count_members(request: InferRequest) -> int:
    return sum(map(_count_own_members, (request, *request.inputs, *(request.outputs or ()))))


def _count_own_members(item: Struct) -> int:
    members = [value for value in msgspec.structs.astuple(item) if value is not UNSET]
    return len(members) + sum(len(value) for value in members if isinstance(value, dict))


def read_strictly(content: bytes, kind: type[_T]) -> _T:
    """Read a JSON text as a type, of which no key may stand twice.

    Raises:
        RecordError: it is no JSON, or not of that type.
    """
    parsed = parse_json(content)
    faults = [parsed] if isinstance(parsed, Fault) else list(_find_twins(parsed, ""))
    refuse_faults(faults)
    converted = _convert(_make_plain(parsed), kind, "", faults)
    refuse_faults(faults)
    return converted[0]


def _read_slowly(content: bytes) -> InferRequest:
    """Read a request and find everything that is wrong in it."""
    whole = read_strictly(content, _Frame)
    faults: list[Fault] = []
    inputs = _convert_all(whole.inputs, RequestInput, "/inputs", faults)
    outputs = _convert_all(whole.outputs or (), RequestOutput, "/outputs", faults)
    refuse_faults(faults)
    return InferRequest(inputs, outputs, whole.id, whole.parameters, whole.model_name, whole.model_version)


def _convert_all(items: Sequence[object], kind: type[_T], pointer: str, faults: list[Fault]) -> tuple[_T, ...]:
    converted = [_convert(item, kind, f"{pointer}/{at}", faults) for at, item in enumerate(items)]
    return tuple(item for found in converted for item in found)


def _convert(item: object, kind: type[_T], pointer: str, faults: list[Fault]) -> tuple[_T, ...]:
    """Convert one value; nothing comes back of one that has a fault."""
    try:
        return (msgspec.convert(item, kind),)
    except msgspec.ValidationError as error:
        faults.append(_explain(str(error), pointer))
        return ()


def _explain(said: str, pointer: str) -> Fault:
    """Make a fault of what msgspec says of a value."""
    found = _SAID.fullmatch(said)
    assert found is not None
    steps = _STEP.findall(found["path"] or "")
    pointer += "".join(find_pointer(name or index) for name, index in steps)
    member = _MEMBER.fullmatch(found["what"])
    code: Code = "type"
    if member is not None:
        code = "absent" if member["how"] == _MISSING else "unknown_key"
        pointer += find_pointer(member["name"])
    return Fault(code, pointer, f"this is no request of the protocol: {_say(found['what'], member)}")


def _say(what: str, member: re.Match[str] | None) -> str:
    """Say it in the words of JSON; the name of an unknown member is the caller's, and so may be long."""
    if member is None:
        return what.replace("`", "").replace("str", "string").replace("Expected", "expected")
    return f"{shorten(member['name'])} is {'missing' if member['how'] == _MISSING else 'no member of it'}"


def _find_twins(parsed: object, pointer: str) -> Iterator[Fault]:
    """Find the keys that stand twice in one object."""
    if isinstance(parsed, Members):
        seen: set[str] = set()
        for key, value in parsed:
            at = pointer + find_pointer(key)
            if key in seen:
                yield Fault("duplicate_key", at, "this key stands twice in its object; send it once")
            seen.add(key)
            yield from _find_twins(value, at)
    elif isinstance(parsed, list):
        for index, value in enumerate(parsed):
            if isinstance(value, list):
                yield from _find_twins(value, f"{pointer}/{index}")


def _make_plain(parsed: object) -> object:
    """Make dicts of objects in which no key stands twice."""
    if isinstance(parsed, Members):
        return {key: _make_plain(value) for key, value in parsed}
    if isinstance(parsed, list):
        return [_make_plain(value) if isinstance(value, list) else value for value in parsed]
    return parsed
