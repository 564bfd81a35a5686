"""Requests of the Open Inference Protocol, made and read by other code than that of the project."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.types import ASGIApp

from tests.service.asking import Answer, ask

INFER = "/v2/models/churn/infer"
HEADER = "inference-header-content-length"
LETTERS = {
    "BOOL": "?",
    "INT8": "b",
    "INT16": "h",
    "INT32": "i",
    "INT64": "q",
    "UINT8": "B",
    "UINT16": "H",
    "UINT32": "I",
    "UINT64": "Q",
    "FP32": "f",
    "FP64": "d",
}


def find_datatype(value: object) -> str:
    """The datatype of a Python value, as NumPy has it."""
    if isinstance(value, bool):
        return "BOOL"
    return "INT64" if isinstance(value, int) else "FP64" if isinstance(value, float) else "BYTES"


def make_request(*records: Mapping[str, object], **members: object) -> dict[str, Any]:
    """The request that asks records of the same keys, each key an input."""
    inputs = [
        {
            "name": name,
            "shape": [len(records), 1],
            "datatype": find_datatype(records[0][name]),
            "data": [record[name] for record in records],
        }
        for name in records[0]
    ]
    return {"inputs": inputs, **members}


def infer(app: ASGIApp, request: Mapping[str, Any], path: str = INFER) -> Answer:
    """Ask with a request in JSON."""
    return ask(app, "POST", path, json.dumps(request).encode())


def pack(datatype: str, cells: Sequence[Any]) -> bytes:
    """The bytes of a tensor."""
    if datatype == "BYTES":
        texts = [cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells]
        return b"".join(struct.pack("<I", len(text)) + text for text in texts)
    return struct.pack(f"<{len(cells)}{LETTERS[datatype]}", *cells)


def make_binary(request: Mapping[str, Any], names: Iterable[str] | None = None) -> tuple[bytes, bytes]:
    """The JSON of a request and the bytes behind it, with the inputs of these names, or all, in binary."""
    inputs, pieces = [], []
    for each in request["inputs"]:
        if names is not None and each["name"] not in names:
            inputs.append(each)
            continue
        pieces.append(pack(each["datatype"], each["data"]))
        sent = {key: value for key, value in each.items() if key != "data"}
        inputs.append(sent | {"parameters": sent.get("parameters", {}) | {"binary_data_size": len(pieces[-1])}})
    return json.dumps({**request, "inputs": inputs}).encode(), b"".join(pieces)


def infer_binary(app: ASGIApp, content: bytes, binary: bytes, length: str | None = None) -> Answer:
    """Ask with tensors behind the JSON."""
    sent = {HEADER: str(len(content)) if length is None else length, "content-type": "application/octet-stream"}
    return ask(app, "POST", INFER, content + binary, sent)


def read_outputs(answer: Answer) -> dict[str, list[Any]]:
    """The values of each output of an answer, from its JSON or from behind it."""
    length = answer.header(HEADER)
    end = len(answer.body) if length is None else int(length)
    read: dict[str, list[Any]] = {}
    for output in json.loads(answer.body[:end])["outputs"]:
        size = output.get("parameters", {}).get("binary_data_size")
        if size is None:
            read[output["name"]] = output["data"]
            continue
        read[output["name"]] = _unpack(output["datatype"], answer.body[end : end + size])
        end += size
    assert end == len(answer.body)
    return read


def _unpack(datatype: str, content: bytes) -> list[Any]:
    if datatype != "BYTES":
        letter = LETTERS[datatype]
        return list(struct.unpack(f"<{len(content) // struct.calcsize(letter)}{letter}", content))
    texts, start = [], 0
    while start < len(content):
        (size,) = struct.unpack_from("<I", content, start)
        texts.append(content[start + 4 : start + 4 + size].decode())
        start += 4 + size
    return texts
