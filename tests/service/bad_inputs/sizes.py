"""Sizes one below their limit, at it and one above, at every door; and what is beyond is refused by its own problem."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from augury.service.settings import Settings
from tests.service.bad_inputs.case import (
    JSON_TYPE,
    LINES_TYPE,
    MEMBERS,
    RECORD,
    Case,
    Places,
    add_members,
    find_status,
    write_chunked,
    write_record,
    write_request,
)
from tests.service.tensors import make_request
from tests.unit.artifact.documents import make_record

# Small, so that a request can be one byte too large in little time.
LIMITS = Settings(max_body=6000, max_record=1500, max_rows=5, max_target=200, max_head=600, max_fields=8)

RECORDS = ("/predict", "/predict?explain=true", "/explain", "/models/churn/predict", "/models/churn/explain")
INFER = "/v2/models/churn/infer"
_OFF = (-1, 0, 1)
_HOWS = ("whole", "in chunks")
# Invocations of the very same records, in each shape.
_SHAPES = ("dataframe_records", "dataframe_split", "instances", "inputs", "columns")


def make_cases() -> Iterator[Case]:
    """Every limit at every door."""
    for off in _OFF:
        yield from _make_records(off)
        yield from _make_arrays(off)
        yield from _make_lines(off)
        yield from _make_nested(off)
        yield from _make_invocations(off)
        yield from _make_tensors(off)
        yield from _make_heads(off)


def _pad(body: bytes, size: int) -> bytes:
    return body + b" " * (size - len(body))


def _write(how: str, path: str, body: bytes, media_type: str = JSON_TYPE) -> bytes:
    return (write_request if how == "whole" else write_chunked)(path, body, media_type)


def _judge(name: str, request: bytes, off: int, rows: tuple[Places, ...] | None = None, **members: Any) -> Case:
    """A case of which nothing is wrong up to the limit, and that is too large beyond it."""
    if off <= 0:
        return Case(name=f"{name}, {off:+}", request=request, status=200, rows=rows)
    return Case(name=f"{name}, {off:+}", request=request, status=413, kind="too-large", **members)


def _make_records(off: int) -> Iterator[Case]:
    size = LIMITS.max_record + off
    grown = add_members(("a", b""))
    bodies = {
        "spaces behind": _pad(RECORD, size),
        "spaces before": b" " * (size - len(RECORD)) + RECORD,
        "a long text": grown[:-1] + b'"' + b"x" * (size - len(grown) - 2) + b'"}',
    }
    for path in RECORDS:
        for what, body in bodies.items():
            for how in _HOWS:
                yield _judge(f"one record with {what}, {how}: {path}", _write(how, path, body), off)


def _make_arrays(off: int) -> Iterator[Case]:
    rows = b",".join([RECORD] * (LIMITS.max_rows + off))
    small = [b"{}"] * 3
    for path in RECORDS:
        good: tuple[Places, ...] = ((),) * (LIMITS.max_rows + off)
        yield _judge(f"rows: {path}", _write("whole", path, b"[" + rows + b"]"), off, good)
        row = _pad(RECORD[:-1], LIMITS.max_record + off - 1) + b"}"
        request = _write("whole", path, b"[" + RECORD + b"," + row + b"]")
        yield _judge(f"a record of an array: {path}", request, off, ((), ()))
        body = _pad(b"[" + RECORD + b"]", LIMITS.max_body + off)
        # Nobody reads on where a length is declared that is beyond every limit; chunks may all have come.
        yield _judge(f"an array, whole: {path}", _write("whole", path, body), off, ((),), closes=off > 0)
        yield _judge(f"an array in chunks: {path}", _write("in chunks", path, body), off, ((),))
        body = _pad(b"[" + b",".join(small), LIMITS.max_body + off)
        places: Places = (("malformed", ""),)
        if off <= 0:
            request = _write("in chunks", path, body)
            name = f"an array that does not end, {off:+}: {path}"
            yield Case(name=name, request=request, status=400, places=places)


def _make_lines(off: int) -> Iterator[Case]:
    line = _pad(RECORD, LIMITS.max_record + off)
    too_long: Places = (("malformed", ""),) if off > 0 else ()
    for path in RECORDS:
        for how in _HOWS:
            for what, body in {"a line": line + b"\n" + RECORD, "a last line": RECORD + b"\n" + line}.items():
                rows = (too_long, ()) if what == "a line" else ((), too_long)
                request = _write(how, path, body, LINES_TYPE)
                yield Case(name=f"{what}, {how}, {off:+}: {path}", request=request, status=200, rows=rows)
            # No limit to the whole: more records, and more bytes, than an array may have.
            body = b"\n".join([RECORD] * (12 + off))
            name = f"many lines, {how}, {off:+}: {path}"
            yield Case(name=name, request=_write(how, path, body, LINES_TYPE), status=200, rows=((),) * (12 + off))


def _make_nested(off: int) -> Iterator[Case]:
    depth = 8 + off
    arrays = add_members(("a", b"[" * (depth - 1) + b"]" * (depth - 1)))
    objects = add_members(("a", b'{"a":' * (depth - 1) + b"1" + b"}" * (depth - 1)))
    in_field = write_record(gender=b"[" * (depth - 1) + b"]" * (depth - 1))
    for path in RECORDS:
        for what, body in {"arrays": arrays, "objects": objects, "a field": in_field}.items():
            places: Places = (("too_deep", ""),) if off > 0 else (("type", "/gender"),) if what == "a field" else ()
            name = f"nested in {what}, {off:+}: {path}"
            status = find_status(places) if places else 200
            yield Case(name=name, request=_write("whole", path, body), status=status, places=places)
            row = b"[" + RECORD + b"," + body + b"]"
            name = f"nested in {what} of a row, {off:+}: {path}"
            yield Case(name=name, request=_write("whole", path, row), status=200, rows=((), places))


def _make_invocations(off: int) -> Iterator[Case]:
    for shape in _SHAPES:
        for how in _HOWS:
            body = _shape(shape, LIMITS.max_rows + off)
            yield _judge(f"rows of {shape}, {how}", _write(how, "/invocations", body), off)
            body = _pad(_shape(shape, 1), LIMITS.max_body + off)
            closes = off > 0 and how == "whole"
            yield _judge(f"a body of {shape}, {how}", _write(how, "/invocations", body), off, closes=closes)


def _shape(shape: str, count: int) -> bytes:
    record = {name: json.loads(value) for name, value in MEMBERS.items()}
    rows = [record] * count
    if shape == "dataframe_split":
        body: object = {shape: {"columns": list(record), "data": [list(row.values()) for row in rows]}}
    elif shape == "columns":
        body = {"inputs": {name: [value] * count for name, value in record.items()}}
    else:
        body = {shape: rows}
    return json.dumps(body, separators=(",", ":")).encode()


def _make_tensors(off: int) -> Iterator[Case]:
    def write(count: int) -> bytes:
        return json.dumps(make_request(*[make_record()] * count), separators=(",", ":")).encode()

    for how in _HOWS:
        request = _write(how, INFER, write(LIMITS.max_rows + off))
        yield _judge(f"rows of tensors, {how}", request, off, says_error=True)
        request = _write(how, INFER, _pad(write(1), LIMITS.max_body + off))
        closes = off > 0 and how == "whole"
        yield _judge(f"a body of tensors, {how}", request, off, closes=closes, says_error=True)


def _make_heads(off: int) -> Iterator[Case]:
    for target in (*RECORDS, "/invocations", INFER):
        mark = "&" if "?" in target else "?"
        room = LIMITS.max_target + off - len(f"POST {target}{mark} HTTP/1.1")
        path = f"{target}{mark}{'a' * room}"
        yield _judge_head(f"the request line: {target}", path, off, (414, "target-too-long"))
        fields = ("X: y",) * (LIMITS.max_fields + off - 3)
        yield _judge_head(f"fields: {target}", target, off, (431, "head-too-large"), *fields)
        size = len(write_request(target, _find_body(target), JSON_TYPE, "X: ")) - len(_find_body(target))
        long = "X: " + "y" * (LIMITS.max_head + off - size)
        yield _judge_head(f"the head: {target}", target, off, (431, "head-too-large"), long)


def _find_body(target: str) -> bytes:
    if target.startswith("/v2/"):
        return json.dumps(make_request(make_record()), separators=(",", ":")).encode()
    return b'{"instances":[]}' if target.startswith("/invocations") else RECORD


def _judge_head(name: str, path: str, off: int, refused: tuple[int, str], *lines: str) -> Case:
    request = write_request(path, _find_body(path), JSON_TYPE, *lines)
    if off <= 0:
        return Case(name=f"{name}, {off:+}", request=request, status=200)
    return Case(name=f"{name}, {off:+}", request=request, status=refused[0], kind=refused[1], closes=True)
