"""Bodies of ``/invocations``: what holds the records is wrong, or a record is, in each shape that it may have."""

from __future__ import annotations

from collections.abc import Iterator

from tests.service.bad_inputs.case import (
    JSON_TYPE,
    MEMBERS,
    RECORD,
    Case,
    Places,
    find_status,
    write_chunked,
    write_request,
)

_COLUMNS = b'"columns":[' + b",".join(b'"%b"' % name.encode() for name in MEMBERS) + b"]"
_ROW = b"[" + b",".join(MEMBERS.values()) + b"]"
_AT = {name: at for at, name in enumerate(MEMBERS)}


def _write_row(name: str, value: bytes) -> bytes:
    return b"[" + b",".join((MEMBERS | {name: value}).values()) + b"]"


def _split(columns: bytes, *rows: bytes) -> bytes:
    return b'{"dataframe_split":{' + columns + b',"data":[' + b",".join(rows) + b"]}}"


def _columns(**changed: bytes) -> bytes:
    cells = {name: b"[" + value + b"]" for name, value in MEMBERS.items()} | changed
    return b'{"inputs":{' + b",".join(b'"%b":%b' % (name.encode(), value) for name, value in cells.items()) + b"}}"


def _one(code: str, pointer: str) -> Places:
    return ((code, pointer),)


BODIES: dict[str, tuple[bytes, Places]] = {
    "nothing": (b"", _one("malformed", "")),
    "a word": (b"x", _one("malformed", "")),
    "an array": (b"[]", _one("not_an_object", "")),
    "an array of records": (b"[" + RECORD + b"]", _one("not_an_object", "")),
    "a number": (b"7", _one("not_an_object", "")),
    "null": (b"null", _one("not_an_object", "")),
    "a text": (b'"inputs"', _one("not_an_object", "")),
    "no member": (b"{}", _one("absent", "")),
    "params alone": (b'{"params":{}}', _one("absent", "")),
    "two of them": (b'{"instances":[],"inputs":[]}', _one("ambiguous_key", "")),
    "all four": (
        b'{"instances":[],"inputs":[],"dataframe_records":[],"dataframe_split":{"columns":[],"data":[]}}',
        _one("ambiguous_key", ""),
    ),
    "one twice": (b'{"instances":[],"instances":[]}', _one("duplicate_key", "/instances")),
    "params twice": (b'{"instances":[],"params":{},"params":{}}', _one("duplicate_key", "/params")),
    "another member": (b'{"instances":[],"signature_name":"x"}', _one("unknown_key", "/signature_name")),
    "a member with a slash": (b'{"instances":[],"a/b":1}', _one("unknown_key", "/a~1b")),
    "a member with a tilde": (b'{"instances":[],"~":1}', _one("unknown_key", "/~0")),
    "an empty member": (b'{"instances":[],"":1}', _one("unknown_key", "/")),
    "two other members": (b'{"x":1,"y":2}', (("unknown_key", "/x"), ("unknown_key", "/y"))),
    "a member in capitals": (b'{"Instances":[]}', _one("unknown_key", "/Instances")),
    "a name that is misspelt": (b'{"dataframe_record":[]}', _one("unknown_key", "/dataframe_record")),
    "no UTF-8 in a name": (b'{"inst\xffances":[]}', _one("encoding", "")),
    "a byte order mark": (b'\xef\xbb\xbf{"instances":[]}', _one("encoding", "")),
    "half of it": (b'{"instances":[{"tenure"', _one("malformed", "")),
    "two bodies": (b'{"instances":[]}{"instances":[]}', _one("malformed", "")),
    "deep without end": (b'{"instances":' + b"[" * 5000, _one("too_deep", "")),
    "no value for a member": (b'{"instances":}', _one("malformed", "")),
    "a row of another length": (
        _split(b'"columns":["tenure","gender"]', b"[41]"),
        _one("type", "/dataframe_split/data/0"),
    ),
    "a row that is longer": (_split(_COLUMNS, _ROW, _ROW[:-1] + b",1]"), _one("type", "/dataframe_split/data/1")),
    "a row that is an object": (_split(_COLUMNS, RECORD), _one("type", "/dataframe_split/data/0")),
    "a row that is a number": (_split(_COLUMNS, b"1"), _one("type", "/dataframe_split/data/0")),
    "a row that is null": (_split(_COLUMNS, _ROW, b"null"), _one("type", "/dataframe_split/data/1")),
    "a column twice": (_split(b'"columns":["a","b","a"]'), _one("duplicate_key", "/dataframe_split/columns/2")),
    "columns that are numbers": (_split(b'"columns":[0,1]'), _one("type", "/dataframe_split/columns")),
    "columns that are null": (_split(b'"columns":null'), _one("type", "/dataframe_split/columns")),
    "columns that are text": (_split(b'"columns":"tenure"'), _one("type", "/dataframe_split/columns")),
    "columns that are an object": (_split(b'"columns":{}'), _one("type", "/dataframe_split/columns")),
    "columns of columns": (_split(b'"columns":[["a"]]'), _one("type", "/dataframe_split/columns")),
    "no columns": (b'{"dataframe_split":{"data":[]}}', _one("absent", "/dataframe_split/columns")),
    "no data": (b'{"dataframe_split":{"columns":[]}}', _one("absent", "/dataframe_split/data")),
    "data that are null": (
        b'{"dataframe_split":{"columns":[],"data":null}}',
        _one("type", "/dataframe_split/data"),
    ),
    "data that are an object": (
        b'{"dataframe_split":{"columns":[],"data":{}}}',
        _one("type", "/dataframe_split/data"),
    ),
    "another member of a split": (
        b'{"dataframe_split":{"columns":[],"data":[],"rows":[]}}',
        _one("unknown_key", "/dataframe_split/rows"),
    ),
    "columns of two lengths": (_columns(gender=b'["male","male"]'), _one("type", "/inputs/gender")),
    "a column that is a number": (_columns(customerID=b"1"), _one("type", "/inputs/customerID")),
    "a column that is null": (_columns(tenure=b"null"), _one("type", "/inputs/tenure")),
    "a column that is an object": (_columns(tenure=b'{"0":41}'), _one("type", "/inputs/tenure")),
    "a column that is text": (_columns(gender=b'"male"'), _one("type", "/inputs/gender")),
    "two columns of a name": (b'{"inputs":{"a":[1],"a":[1]}}', _one("duplicate_key", "/inputs")),
    "another parameter": (b'{"instances":[],"params":{"top":1}}', _one("unknown_key", "/params/top")),
    "a parameter twice": (
        b'{"instances":[],"params":{"explain":true,"explain":true}}',
        _one("duplicate_key", "/params/explain"),
    ),
    **{
        f"explain that is {value.decode()}": (
            b'{"instances":[],"params":{"explain":' + value + b"}}",
            _one("type", "/params/explain"),
        )
        for value in (b"1", b"0", b'"true"', b"[]", b"{}", b"null")
    },
    **{
        f"params that are {value.decode()}": (b'{"instances":[],"params":' + value + b"}", _one("type", "/params"))
        for value in (b"1", b'"explain"', b"[]", b"true")
    },
    **{
        f"{member} that are {value.decode()}": (b'{"%b":%b}' % (member.encode(), value), _one("type", f"/{member}"))
        for member in ("dataframe_records", "dataframe_split", "instances", "inputs")
        for value in (b"null", b"1", b'"x"', b"false")
    },
    **{
        f"{member} that are an object": (b'{"%b":{}}' % member.encode(), _one("type", f"/{member}"))
        for member in ("dataframe_records", "instances")
    },
    **{
        f"a record of {member} that is {value.decode()}": (
            b'{"%b":[%b,%b]}' % (member.encode(), RECORD, value),
            _one("not_an_object", f"/{member}/1"),
        )
        for member in ("dataframe_records", "instances", "inputs")
        for value in (b"1", b"null", b'"x"', b"[]", b"true")
    },
}

# A field, a value for it, and the code; where the record does not come as an object.
CELLS: dict[str, tuple[str, bytes, str]] = {
    "out of range": ("tenure", b"-999", "range"),
    "a fraction": ("tenure", b"1.5", "not_integer"),
    "null": ("tenure", b"null", "null"),
    "NaN": ("tenure", b"NaN", "null"),
    "Infinity": ("tenure", b"Infinity", "not_finite"),
    "-Infinity": ("tenure", b"-Infinity", "not_finite"),
    "1e400": ("monthlycharges", b"1e400", "not_finite"),
    "a text for a number": ("monthlycharges", b'"79.85"', "type"),
    "a number for a text": ("gender", b"1", "type"),
    "an unseen level": ("gender", b'"maybe"', "level"),
    "a control character": ("gender", b'"\\u0000"', "control_character"),
    "an array": ("gender", b'["male"]', "type"),
    "an object": ("gender", b'{"a":"b"}', "type"),
    "a number for a boolean": ("phoneservice", b"1", "type"),
    "a text for a boolean": ("phoneservice", b'"true"', "type"),
    "an unseen integer": ("seniorcitizen", b"2", "level"),
}


def make_cases() -> Iterator[Case]:
    """Each body, with a length and in chunks, and each cell in rows and in columns."""
    for name, (body, places) in BODIES.items():
        for how, write in (("whole", write_request), ("in chunks", write_chunked)):
            yield _make_case(f"invocation, {name}, {how}", write("/invocations", body, JSON_TYPE), places)
    for name, (field, value, code) in CELLS.items():
        for row in range(3):
            rows = [_ROW, _ROW, _ROW]
            rows[row] = _write_row(field, value)
            request = write_request("/invocations", _split(_COLUMNS, *rows), JSON_TYPE)
            places = _one(code, f"/dataframe_split/data/{row}/{_AT[field]}")
            yield _make_case(f"invocation, {name} in row {row}", request, places)
        request = write_request("/invocations", _columns(**{field: b"[" + value + b"]"}), JSON_TYPE)
        yield _make_case(f"invocation, {name} in a column", request, _one(code, f"/inputs/{field}/0"))


def _make_case(name: str, request: bytes, places: Places) -> Case:
    return Case(name=name, request=request, status=find_status(places), places=places)
