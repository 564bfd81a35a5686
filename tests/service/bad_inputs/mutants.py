"""Good requests of every kind, and what is done to their bytes."""

from __future__ import annotations

from random import Random

import msgspec

from tests.service.bad_inputs.caller import PING
from tests.service.bad_inputs.case import JSON_TYPE, LINES_TYPE, RECORD, write_chunked, write_record, write_request
from tests.service.tensors import HEADER, INFER, make_binary, make_request
from tests.unit.artifact.documents import make_record

ARRAY = b"[" + RECORD + b"," + write_record(tenure=b"-9") + b"]"
CONTENT, BINARY = make_binary(make_request(make_record()), {"tenure", "partner"})
GOOD: tuple[bytes, ...] = (
    write_request("/predict", RECORD),
    write_request("/predict", RECORD, JSON_TYPE, "X-Request-Id: one", "Connection: keep-alive"),
    write_request("/models/churn/predict", RECORD, "Content-Type: application/json; charset=utf-8", "Accept: */*"),
    write_request("/predict?explain=true", RECORD, JSON_TYPE),
    write_request("/predict", ARRAY, JSON_TYPE),
    write_request("/predict", RECORD + b"\n" + RECORD, LINES_TYPE, "Connection: close"),
    write_chunked("/predict", RECORD, JSON_TYPE, size=50),
    write_chunked("/explain", ARRAY, JSON_TYPE, size=500),
    write_request("/invocations", b'{"instances":' + ARRAY + b"}", JSON_TYPE),
    write_request(INFER, msgspec.json.encode(make_request(make_record())), JSON_TYPE),
    write_request(INFER, CONTENT + BINARY, f"{HEADER}: {len(CONTENT)}"),
    b"GET /models HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n\r\n",
    PING + write_request("/predict", RECORD) + PING,
)
# What readers of HTTP and of JSON stumble over.
_TOKENS = (
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b" ",
        b"\t",
        b":",
        b",",
        b";",
        b"0\r\n\r\n",
        b"\r\n\r\n",
        b"\xff",
        b"\xc3",
        b"\x7f",
    ),
    *(
        b"[",
        b"]",
        b"{",
        b"}",
        b'"',
        b"\\",
        b"\\u0000",
        b"\\ud83d",
        b"NaN",
        b"1e400",
        b"-",
        b"9" * 400,
        b"[" * 20,
        b"null",
    ),
    *(
        b"Content-Length: 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Host: b\r\n",
        b"Connection: close\r\n",
        b"HTTP/1.0",
    ),
    *(b"Content-Encoding: gzip\r\n", b"Content-Type: application/x-ndjson\r\n", b"?explain=true", b"%0A", b"../"),
)


def mutate(random: Random, good: bytes) -> bytes:
    """Change a request in one to four places."""
    sent = bytearray(good)
    for _ in range(random.choice((1, 1, 1, 2, 3, 4))):
        # Half of the changes are in the head, which is the smaller part.
        end = max(1, len(sent) if random.random() < 0.5 else sent.find(b"\r\n\r\n") + 4)
        at = random.randrange(end)
        size = random.choice((1, 1, 2, 8, 64, 500))
        match random.randrange(7):
            case 0:
                sent[at : at + 1] = bytes([(sent[at] if at < len(sent) else 0) ^ 1 << random.randrange(8)])
            case 1:
                sent[at : at + 1] = bytes([random.randrange(256)])
            case 2:
                del sent[at : at + size]
            case 3:
                del sent[at:]
            case 4:
                sent[at:at] = random.choice(_TOKENS)
            case 5:
                sent[at:at] = sent[at : at + size]
            case _:
                other = random.choice(GOOD)
                start = random.randrange(len(other))
                sent[at : at + size] = other[start : start + size]
    return bytes(sent)
