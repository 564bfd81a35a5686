"""Requests of the Open Inference Protocol: envelopes, shapes, datatypes, cells and bytes, each with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.service.bad_inputs.case import JSON_TYPE, Case, Places, find_status, write_chunked, write_request
from tests.service.models import make_model
from tests.service.tensors import HEADER, make_request
from tests.service.test_oip_refusals import BAD, BINARIES, BODIES, CONTENT
from tests.unit.artifact.documents import TEXTS, make_record

RECORD = make_record()
NAMES = list(RECORD)
PATHS = (
    "/v2/models/churn/infer",
    f"/v2/models/churn/versions/{make_model().digest.removeprefix('sha256:')[:12]}/infer",
)

# Data of one row for a field of texts, and their code.
_TEXT_CELLS: dict[str, tuple[object, str]] = {
    "a number": (7, "type"),
    "a fraction": (0.5, "type"),
    "true": (True, "type"),
    "an object": ({}, "type"),
    "null": (None, "null"),
    "an unseen level": ("maybe", "level"),
    "an empty text": ("", "level"),
    "a control character": ("a\u0000", "control_character"),
}
_LENGTHS: dict[str, str] = {
    "a word": "x",
    "nothing": "",
    "a negative one": "-1",
    "a plus": "+5",
    "a fraction": "1.5",
    "an exponent": "1e3",
    "hexadecimal": "0x10",
    "beyond the body": "99999999",
    "19 digits": "9" * 19,
    "5,000 digits": "9" * 5000,
    "none": "0",
    "one too few": str(len(CONTENT) - 1),
    "one too many": str(len(CONTENT) + 1),
    "two": "5, 5",
}


def make_cases() -> Iterator[Case]:
    """Each bad request at the model, and at its version."""
    for path in PATHS:
        for name, places, body in _find_bodies():
            yield _make_case(f"tensors, {name}: {path}", write_request(path, body, JSON_TYPE), places)
        for name, (content, binary, found) in BINARIES.items():
            lines = ("Content-Type: application/octet-stream", f"{HEADER}: {len(content)}")
            request = write_request(path, content + binary, *lines)
            yield _make_case(f"bytes, {name}: {path}", request, tuple(found))
        for name, length in _LENGTHS.items():
            lines = ("Content-Type: application/octet-stream", f"{HEADER}: {length}")
            places = (("malformed", ""),)
            yield _make_case(
                f"length of the JSON, {name}: {path}", write_request(path, CONTENT + b"\0" * 8, *lines), places
            )
        lines = ("Content-Type: application/octet-stream", *(f"{HEADER}: {len(CONTENT)}",) * 2)
        request = write_request(path, CONTENT + b"\0" * 8, *lines)
        yield _make_case(f"length of the JSON twice: {path}", request, (("malformed", ""),))
        for name, places, body in _find_bodies():
            yield _make_case(f"tensors in chunks, {name}: {path}", write_chunked(path, body, JSON_TYPE), places)


def _find_bodies() -> Iterator[tuple[str, Places, bytes]]:
    for name, change, places in BAD:
        request = make_request(RECORD, RECORD)
        change(request)
        yield name, tuple(places), json.dumps(request).encode()
    for name, (body, places) in BODIES.items():
        yield f"body, {name}", tuple(places), body
    for field in TEXTS:
        for what, (cell, code) in _TEXT_CELLS.items():
            # The one field whose contract lets the model's own rule decide of a level.
            if field != "contract" or code != "level":
                at = NAMES.index(field)
                request = make_request(RECORD)
                request["inputs"][at]["data"] = [cell]
                yield f"{what} for {field}", ((code, f"/inputs/{at}/data/0"),), json.dumps(request).encode()


def _make_case(name: str, request: bytes, places: Places) -> Case:
    return Case(name=name, request=request, status=find_status(places), places=places, says_error=True)
