"""The body of ``/invocations``, as MLflow's scoring server and SageMaker's callers write it.

It has one of four members, ``dataframe_records``, ``dataframe_split``, ``instances`` or ``inputs``, and may have
``params``. Whatever else it holds, or holds twice, is refused by name, where MLflow reads on and says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec import Raw, Struct

from augury.contract.faults import MAX_LISTED, Code, Fault, find_pointer, shorten
from augury.contract.parse import Members, describe, parse_json
from augury.errors import RecordError
from augury.service.invocations.records import Columns, Listed, Records, Split
from augury.service.problems import Refusal
from augury.service.records.rows import find_first_byte, split_rows
from augury.service.settings import Settings

# What nobody asked for is named where it is less than this: 16 MiB could hold three million members of 200 bytes each.
_MAX_NAMED = 250_000
# Cells of columns are held all at once, at some 50 bytes each: ten thousand records of 200 fields have this many.
_MAX_CELLS = 2_000_000
# NaN and the infinities are no JSON, and yet Python's encoder writes them: MLflow's client has NaN where a frame has no
# value. What stands before one is passed over by one match; a body of more than records have is not looked into.
_TO_STRANGE = re.compile(
    rb'((?:[^"NI-]++|"(?:[^"\\]++|\\.)*+"?|(?!NaN|-?Infinity)[NI-])*+)(NaN|-?Infinity|\Z)', re.DOTALL
)
_SPELLINGS = {b"NaN": b"null", b"Infinity": b"1e999", b"-Infinity": b"1e999"}
_MAX_STRANGE = 250_000
_decode_texts = msgspec.json.Decoder(list[str]).decode
_decode_object = msgspec.json.Decoder(dict[str, Raw]).decode
_encode = msgspec.json.encode


class _Body(Struct):
    dataframe_records: Raw = Raw()
    dataframe_split: Raw = Raw()
    instances: Raw = Raw()
    inputs: Raw = Raw()
    params: Raw = Raw()


class _Split(Struct):
    columns: Raw = Raw()
    data: Raw = Raw()
    index: Raw = Raw()


class _Params(Struct):
    explain: Raw = Raw()


class Invocation(Struct, frozen=True):
    """What is asked: the records, and whether reasons are."""

    records: Records
    explain: bool


def read_invocation(body: bytes, settings: Settings) -> Invocation:
    """Read the body of an invocation.

    Raises:
        RecordError: it is no such body; the faults point into it.
        Refusal: it holds more than an array may.
    """
    text = _spell_strange_numbers(body)
    members = _read_members(text, _Body, "")
    explain = _read_params(members.pop("params", b"null"))
    if len(members) != 1:
        found = f"has {' and '.join(members)}" if members else "has none"
        detail = f"the body holds one of dataframe_records, dataframe_split, instances and inputs, and this one {found}"
        raise RecordError([Fault("ambiguous_key" if members else "absent", "", detail)])
    [(name, value)] = members.items()
    return Invocation(_READERS[name](value, f"/{name}", settings), explain)


def _spell_strange_numbers(body: bytes) -> bytes:
    """Spell NaN as the null that it is in a frame, and infinity as a number that the door finds not finite either."""
    strange = body.count(b"NaN") + body.count(b"Infinity")
    steps = sum(map(body.count, (b'"', b"N", b"I", b"-")))
    if not 0 < strange <= _MAX_STRANGE or steps > 2 * _MAX_CELLS:
        return body
    return _TO_STRANGE.sub(lambda found: found[1] + _SPELLINGS.get(found[2], b""), body)


def _read_members(text: bytes, shape: type[Struct], place: str) -> dict[str, bytes]:
    """Read the object at ``place``, which may hold the members of a shape, each of them once, and no others."""
    if find_first_byte(text) == b"[":
        raise _fault_shape(place, f"an object with {_list_members(shape)}", "an array")
    try:
        decoded = msgspec.json.decode(text, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        parsed = parse_json(text)
        if isinstance(parsed, Fault):
            raise RecordError([parsed]) from None
        raise _fault_shape(place, f"an object with {_list_members(shape)}", describe(parsed)) from None
    members = {name: bytes(getattr(decoded, name)) for name in shape.__struct_fields__}
    members = {name: value for name, value in members.items() if value}
    # Each member has one colon beside those of its value; one that was skipped, or stands twice, leaves more of them.
    strange = text.count(b":") - sum(value.count(b":") + 1 for value in members.values())
    if strange:
        raise _refuse_strangers(text, shape, place, strange)
    return members


def _refuse_strangers(text: bytes, shape: type[Struct], place: str, colons: int) -> RecordError:
    """Refuse members that stand twice, or that nobody knows."""
    keys = _read_object(text) if colons <= _MAX_NAMED else {}
    known = shape.__struct_fields__
    unknown = [key for key in keys if key not in known]
    twice = [] if unknown else [name for name in known if text.count(_encode(name)) > 1]
    place_of_one = f"{place}/{twice[0]}" if len(twice) == 1 else place
    faults = [
        Fault("unknown_key", place + find_pointer(key), f"{shorten(key)} is not read here; send {_list_members(shape)}")
        for key in unknown
    ] or [Fault("duplicate_key", place_of_one, "a member stands twice, or is not read here; send each once")]
    return RecordError(faults[:MAX_LISTED], more=max(0, len(faults) - MAX_LISTED))


def _read_params(text: bytes) -> bool:
    """Read the one parameter that there is, whether reasons are asked for."""
    if text == b"null":
        return False
    said = _read_members(text, _Params, "/params").get("explain", b"false")
    if said not in (b"true", b"false"):
        raise RecordError([Fault("type", "/params/explain", "explain is true or false")])
    return said == b"true"


def _read_listed(text: bytes, place: str, settings: Settings) -> Records:
    return Listed(place, _split(text, place, "an array of records", settings))


def _read_inputs(text: bytes, place: str, settings: Settings) -> Records:
    """Read records in an array, or columns in an object."""
    return (_read_columns if find_first_byte(text) == b"{" else _read_listed)(text, place, settings)


def _read_split(text: bytes, place: str, settings: Settings) -> Records:
    members = _read_members(text, _Split, place)
    absent = [name for name in ("columns", "data") if name not in members]
    if absent:
        raise RecordError([Fault("absent", f"{place}/{name}", f"{name} is missing; send it") for name in absent])
    columns = _read_names(members["columns"], f"{place}/columns", settings)
    keys = [_encode(name) for name in columns]
    rows = _split(members["data"], f"{place}/data", "an array of rows", settings)
    _check_size(keys, len(rows), sum(map(len, rows)), settings)
    return Split(place, columns, keys, rows)


def _read_names(text: bytes, place: str, settings: Settings) -> dict[str, int]:
    """Read the names of columns, each once, with their indices."""
    if len(text) > settings.max_record:
        raise Refusal("too-large", f"the names of the columns are larger than {settings.max_record:,} bytes")
    try:
        names = _decode_texts(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RecordError([Fault("type", place, "columns is an array of texts in UTF-8")]) from None
    columns: dict[str, int] = {}
    for index, name in enumerate(names):
        if columns.setdefault(name, index) != index:
            detail = f"{shorten(name)} names a column already; send it once"
            raise RecordError([Fault("duplicate_key", f"{place}/{index}", detail)])
    return columns


def _read_columns(text: bytes, place: str, settings: Settings) -> Records:
    if text.count(b",") > _MAX_CELLS or text.count(b":") > _MAX_NAMED:
        raise Refusal("too-large", f"the columns hold more than {_MAX_CELLS:,} values; send them in parts")
    values = _read_object(text)
    # As above; and a name may hold colons of its own, so then whatever there is is read.
    if text.count(b":") != sum(value.count(b":") + 1 for value in values.values()):
        parsed = parse_json(text)
        if isinstance(parsed, Fault):
            raise RecordError([parsed])
        if isinstance(parsed, Members) and len(parsed) != len(values):
            raise RecordError([Fault("duplicate_key", place, "two columns have one name; send each once")])
    cells = [
        _split(value, place + find_pointer(name), "an array of values", settings) for name, value in values.items()
    ]
    for name, column in zip(values, cells, strict=True):
        if len(column) != len(cells[0]):
            detail = f"the column holds {len(column)} values, and the first one {len(cells[0])}"
            raise RecordError([Fault("type", place + find_pointer(name), detail)])
    keys = [_encode(name) for name in values]
    _check_size(keys, len(cells[0]) if cells else 0, len(text), settings)
    return Columns(place, tuple(values), keys, cells)


def _read_object(text: bytes) -> dict[str, bytes]:
    """Read an object that was found to be one as a whole, and whose keys were not looked at."""
    try:
        return {name: bytes(value) for name, value in _decode_object(text).items()}
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise RecordError([Fault("encoding", "", "a name in the body is no text in UTF-8")]) from None


def _split(text: bytes, place: str, wanted: str, settings: Settings) -> list[bytes]:
    """Split the array at ``place`` into its elements, within the limits for an array of records."""
    if find_first_byte(text) != b"[":
        raise _fault_shape(place, wanted, "an object" if text[:1] == b"{" else "a single value")
    return split_rows(text, max_rows=settings.max_rows, max_record=settings.max_record)


def _check_size(keys: Sequence[bytes], rows: int, size: int, settings: Settings) -> None:
    """Check that records with these keys would be no larger, as objects, than a body may be: each repeats its keys."""
    if sum(map(len, keys)) * rows + size > settings.max_body:
        raise Refusal(
            "too-large", f"as objects the records are larger than {settings.max_body:,} bytes; send less at once"
        )


def _fault_shape(place: str, wanted: str, found: str) -> RecordError:
    code: Code = "type" if place else "not_an_object"
    return RecordError([Fault(code, place, f"{place[1:] or 'the body'} is {wanted}, not {found}")])


def _list_members(shape: type[Struct]) -> str:
    return ", ".join(shape.__struct_fields__)


_READERS: Mapping[str, Callable[[bytes, str, Settings], Records]] = {
    "dataframe_records": _read_listed,
    "dataframe_split": _read_split,
    "instances": _read_listed,
    "inputs": _read_inputs,
}
