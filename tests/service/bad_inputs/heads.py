"""Heads that are no HTTP as it should be: nobody may read them in two ways, so the connection ends with the refusal."""

from __future__ import annotations

from collections.abc import Iterator

from tests.service.bad_inputs.case import RECORD, Case, write_chunked, write_request

TARGETS = (
    "/predict",
    "/explain",
    "/models/churn/predict",
    "/invocations",
    "/v2/models/churn/infer",
    "/v2/repository/index",
    "/nowhere",
)
_BAD = (400, "bad-request")

# Lines in the place of those that say the host and the length.
LINES: dict[str, tuple[bytes, tuple[int, str]]] = {
    "no host": (b"Content-Length: 0", _BAD),
    "two hosts": (b"Host: a\r\nHost: a", _BAD),
    "two other hosts": (b"Host: a\r\nHost: b", _BAD),
    "a host with a path": (b"Host: a/b", _BAD),
    "a host with a user": (b"Host: user@a", _BAD),
    "a host with a space": (b"Host: a b", _BAD),
    "a host with a comma and a space": (b"Host: a, b", _BAD),
    "a host with a quote": (b'Host: "a"', _BAD),
    "a host with a tag": (b"Host: <a>", _BAD),
    "a host beyond ASCII": (b"Host: \xc3\xa9", _BAD),
    "a host and a word for a port": (b"Host: a:http", _BAD),
    "a host and a port of six digits": (b"Host: a:123456", _BAD),
    "a host and two ports": (b"Host: a:1:2", _BAD),
    "half a host of version 6": (b"Host: [::1", _BAD),
    "a length that is a word": (b"Host: a\r\nContent-Length: ten", _BAD),
    "an empty length": (b"Host: a\r\nContent-Length:", _BAD),
    "a negative length": (b"Host: a\r\nContent-Length: -1", _BAD),
    "a length with a plus": (b"Host: a\r\nContent-Length: +1", _BAD),
    "a length in hexadecimal": (b"Host: a\r\nContent-Length: 0x10", _BAD),
    "a length with a point": (b"Host: a\r\nContent-Length: 1.0", _BAD),
    "a length with an exponent": (b"Host: a\r\nContent-Length: 1e1", _BAD),
    "a length with an underscore": (b"Host: a\r\nContent-Length: 1_0", _BAD),
    "a length with a space within": (b"Host: a\r\nContent-Length: 1 0", _BAD),
    "a list of lengths": (b"Host: a\r\nContent-Length: 1, 1", _BAD),
    "two lengths": (b"Host: a\r\nContent-Length: 1\r\nContent-Length: 2", _BAD),
    "two equal lengths": (b"Host: a\r\nContent-Length: 1\r\nContent-Length: 1", _BAD),
    "a length of 30 digits": (b"Host: a\r\nContent-Length: " + b"9" * 30, _BAD),
    "a length of 2**64": (b"Host: a\r\nContent-Length: 18446744073709551616", _BAD),
    "a length in other digits": (b"Host: a\r\nContent-Length: \xd9\xa1", _BAD),
    "a length and chunks": (b"Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked", _BAD),
    "chunks and a length": (b"Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1", _BAD),
    "chunks twice": (b"Host: a\r\nTransfer-Encoding: chunked, chunked", _BAD),
    "chunks in two lines": (b"Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked", _BAD),
    "chunks, then gzip": (b"Host: a\r\nTransfer-Encoding: chunked, gzip", _BAD),
    "chunks that are misspelt": (b"Host: a\r\nTransfer-Encoding: xchunked", _BAD),
    "chunks with a vertical tab": (b"Host: a\r\nTransfer-Encoding: \x0bchunked", _BAD),
    "the coding identity": (b"Host: a\r\nTransfer-Encoding: identity", _BAD),
    "gzip, then chunks": (b"Host: a\r\nTransfer-Encoding: gzip, chunked", (501, "not-implemented")),
    "gzip and chunks in two lines": (
        b"Host: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
        (501, "not-implemented"),
    ),
    "an unknown expectation": (b"Host: a\r\nExpect: a cake", (417, "expectation-failed")),
    "two expectations": (b"Host: a\r\nExpect: 100-continue\r\nExpect: 100-continue", (417, "expectation-failed")),
    "an empty expectation": (b"Host: a\r\nExpect:", (417, "expectation-failed")),
    "a space before a colon": (b"Host: a\r\nX : b", _BAD),
    "a tab before a colon": (b"Host: a\r\nX\t: b", _BAD),
    "a space before a name": (b"Host: a\r\n X: b", _BAD),
    "a folded line": (b"Host: a\r\nX: a\r\n b", _BAD),
    "a folded line with a tab": (b"Host: a\r\nX: a\r\n\tb", _BAD),
    "a line without a colon": (b"Host: a\r\nX", _BAD),
    "a line without a name": (b"Host: a\r\n: b", _BAD),
    "a name beyond ASCII": (b"Host: a\r\nX\xe9: b", _BAD),
    "a name with a space": (b"Host: a\r\nX Y: b", _BAD),
    "a name with a slash": (b"Host: a\r\nX/Y: b", _BAD),
    "a name with a bracket": (b"Host: a\r\nX[0]: b", _BAD),
    "a null in a name": (b"Host: a\r\nX\0: b", _BAD),
    "a null in a value": (b"Host: a\r\nX: a\0b", _BAD),
    "an escape in a value": (b"Host: a\r\nX: a\x1b[2Jb", _BAD),
    "a bell in a value": (b"Host: a\r\nX: \x07", _BAD),
    "a delete in a value": (b"Host: a\r\nX: \x7f", _BAD),
    "a bare line feed": (b"Host: a\nX: b", _BAD),
    "a bare carriage return": (b"Host: a\rX: b", _BAD),
    "two carriage returns": (b"Host: a\r\r\nX: b", _BAD),
    "65 fields": (b"Host: a" + b"\r\nX: y" * 64, (431, "head-too-large")),
    "a field of 17 KiB": (b"Host: a\r\nX: " + b"y" * 17_000, (431, "head-too-large")),
    "a name of 17 KiB": (b"Host: a\r\n" + b"y" * 17_000 + b": a", (431, "head-too-large")),
    "a body of 17 MiB": (b"Host: a\r\nContent-Length: 17825792", (413, "too-large")),
}

# Request lines; the target is put in.
REQUEST_LINES: dict[str, tuple[str, tuple[int, str]]] = {
    "no version": ("POST {}", _BAD),
    "HTTP/0.9": ("POST {} HTTP/0.9", (505, "version-not-supported")),
    "HTTP/1.2": ("POST {} HTTP/1.2", (505, "version-not-supported")),
    "HTTP/2": ("POST {} HTTP/2", (505, "version-not-supported")),
    "HTTP/2.0": ("POST {} HTTP/2.0", (505, "version-not-supported")),
    "HTTP/3.0": ("POST {} HTTP/3.0", (505, "version-not-supported")),
    "HTTP/1": ("POST {} HTTP/1", (505, "version-not-supported")),
    "HTTP/1.10": ("POST {} HTTP/1.10", (505, "version-not-supported")),
    "HTTP/01.1": ("POST {} HTTP/01.1", (505, "version-not-supported")),
    "HTTP/1.1.1": ("POST {} HTTP/1.1.1", _BAD),
    "HTTP/x": ("POST {} HTTP/x", _BAD),
    "small letters": ("POST {} http/1.1", _BAD),
    "another protocol": ("POST {} RTSP/1.0", _BAD),
    "a word behind it": ("POST {} HTTP/1.1 x", _BAD),
    "a space behind it": ("POST {} HTTP/1.1 ", _BAD),
    "two spaces": ("POST  {} HTTP/1.1", _BAD),
    "two spaces before the version": ("POST {}  HTTP/1.1", _BAD),
    "tabs": ("POST\t{}\tHTTP/1.1", _BAD),
    "a space before it": (" POST {} HTTP/1.1", _BAD),
    "a space in the target": ("POST {} x HTTP/1.1", _BAD),
    "a fragment": ("POST {}#x HTTP/1.1", _BAD),
    "a null in the target": ("POST {}\0 HTTP/1.1", _BAD),
    "a letter beyond ASCII": ("POST {}\xe9 HTTP/1.1", _BAD),
    "no slash": ("POST x{} HTTP/1.1", _BAD),
    "another scheme": ("POST ftp://a{} HTTP/1.1", _BAD),
    "a file": ("POST file://{} HTTP/1.1", _BAD),
    "small letters of the method": ("post {} HTTP/1.1", _BAD),
    "a method that nobody knows": ("INFER {} HTTP/1.1", _BAD),
    "a method with a colon": ("PO:ST {} HTTP/1.1", _BAD),
    "a method of 40 letters": ("A" * 40 + " {} HTTP/1.1", _BAD),
    "no method": ("{} HTTP/1.1", _BAD),
    "CONNECT": ("CONNECT {} HTTP/1.1", _BAD),
    "a target of 9,000 bytes": ("POST {}?" + "a" * 9000 + " HTTP/1.1", (414, "target-too-long")),
}

# What stands in the place of the first chunk.
CHUNKS: dict[str, bytes] = {
    "a word": b"zz\r\n",
    "a negative size": b"-1\r\n",
    "a size with 0x": b"0x5\r\nhello\r\n",
    "a size with a space before": b" 5\r\nhello\r\n",
    "a size of 20 digits": b"f" * 20 + b"\r\n",
    "no size": b"\r\nhello\r\n",
    "a size and a bare line feed": b"5\nhello\r\n",
    "a size and a bare carriage return": b"5\rhello\r\n",
    "a piece that is longer than its size": b"3\r\nhello\r\n",
    "a piece without a line end": b"5\r\nhello0\r\n",
    "a size with an underscore": b"1_0\r\n",
    "an extension with a null": b"5;a=\0\r\nhello\r\n",
    "a size and a plus": b"+5\r\nhello\r\n",
}


def make_cases() -> Iterator[Case]:
    """Each bad head and each bad chunk at each target."""
    for target in TARGETS:
        for name, (lines, (status, kind)) in LINES.items():
            request = f"POST {target} HTTP/1.1\r\n".encode() + lines + b"\r\n\r\n"
            says_error = kind == "too-large" and target.startswith("/v2/")  # the head was read, so it is known who asks
            yield _make_case(f"{name}: POST {target}", request, status, kind, says_error=says_error)
        for name, (line, (status, kind)) in REQUEST_LINES.items():
            request = line.format(target).encode("latin-1") + b"\r\nHost: a\r\n\r\n"
            yield _make_case(f"{name} in the request line: {target}", request, status, kind)
        for name, chunk in CHUNKS.items():
            request = write_chunked(target, b"")[: -len(b"0\r\n\r\n")] + chunk + b"0\r\n\r\n"
            # A path that is none is refused before its chunks are looked at.
            if target != "/nowhere":
                says_error = target.startswith("/v2/")  # the head was read, so it is known who asks
                yield _make_case(f"{name} for a chunk: {target}", request, 400, "bad-request", says_error=says_error)
    for name, request in _find_others():
        yield _make_case(name, request, 400, "bad-request")


def _find_others() -> Iterator[tuple[str, bytes]]:
    """What is no request at all, or one of an old version."""
    yield "TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    yield "SSH", b"SSH-2.0-OpenSSH_9.6\r\n\r\n"
    yield "a null", b"\0"
    yield "JSON without HTTP", RECORD + b"\r\n\r\n"
    yield "bare line feeds only", b"GET /ping HTTP/1.1\nHost: a\n\n"
    yield "a PROXY line", b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\nGET /ping HTTP/1.1\r\nHost: a\r\n\r\n"
    yield "chunks in HTTP/1.0", write_chunked("/predict", RECORD).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    yield "OPTIONS of a word", write_request("predict", b"", method="OPTIONS")
    yield "GET of a star", write_request("*", b"", method="GET")
    yield "CONNECT to a host", write_request("a:80", b"", method="CONNECT")


def _make_case(name: str, request: bytes, status: int, kind: str, *, says_error: bool = False) -> Case:
    return Case(name=name, request=request, status=status, kind=kind, closes=True, says_error=says_error)
