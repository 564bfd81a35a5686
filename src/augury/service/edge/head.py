"""The head of a request: found in what arrived, read by llhttp, and judged before anything else is done."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import unquote

import httptools
from msgspec import Struct

from augury.service.problems import Refusal
from augury.service.records.body import NDJSON, MediaType, find_media_type
from augury.service.settings import Settings

END = b"\r\n\r\n"
# A request line as RFC 9112 has it: a token, a target without a space, one of the two versions.
_REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32} [!-~]+ HTTP/1\.[01]\Z")
_VERSION = re.compile(rb" HTTP/(\d+(?:\.\d+)?)\Z")
# A host and a port (RFC 3986, section 3.2), the host possibly of version 6.
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::\d{0,5})?")


class Head(Struct, frozen=True):
    """A request as its head tells it.

    ``length`` is of the body in bytes, 0 when it has none and None when it is chunked. ``headers`` have names in lower
    case, in the order in which they came. ``media_type`` is the body's, None where it is none that records come in.
    """

    method: str
    path: str
    raw_path: bytes
    query: bytes
    version: str
    headers: list[tuple[bytes, bytes]]
    length: int | None
    keep_alive: bool
    expects_continue: bool
    media_type: MediaType | None


class _Read:
    """What llhttp tells of a head: its fields in order, and the values of each."""

    def __init__(self) -> None:
        self.target = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.values: dict[bytes, list[bytes]] = {}
        self.is_complete = False

    def on_url(self, target: bytes) -> None:
        self.target += target

    def on_header(self, name: bytes, value: bytes) -> None:
        # Blanks around a value are none of it (RFC 9112, section 5), and the parser leaves those at its end.
        name, value = name.lower(), value.rstrip(b" \t")
        self.headers.append((name, value))
        self.values.setdefault(name, []).append(value)

    def on_headers_complete(self) -> None:
        self.is_complete = True


def check_partial(received: bytes | bytearray, settings: Settings) -> None:
    """Check a head that is not complete yet: what no further byte can mend is refused at once.

    Raises:
        Refusal: it is no HTTP/1.1, or it is larger than the limits.
    """
    end = received.find(b"\r\n", 0, settings.max_target + 2)
    if end > settings.max_target or (end < 0 and len(received) > settings.max_target):
        raise Refusal("target-too-long", f"the request line is longer than {settings.max_target:,} bytes")
    if len(received) > settings.max_head:
        raise _refuse_size(settings)
    if received and not 0x20 < received[0] < 0x7F:
        raise Refusal("bad-request", "this is no HTTP request; TLS, where it is wanted, ends at a proxy")
    if end >= 0:
        _check_request_line(received[:end])
    if received.count(b"\n") != received.count(b"\r\n"):
        raise Refusal("bad-request", "a line ends without a carriage return")


def read_head(raw: bytes, settings: Settings) -> Head:
    """Read a whole head, with its empty line.

    Raises:
        Refusal: it is malformed, too large, or means something that this server does not do.
    """
    check_partial(raw, settings)
    if raw.count(b"\r\n") - 2 > settings.max_fields:
        raise _refuse_size(settings)
    read = _Read()
    parser = httptools.HttpRequestParser(read)
    try:
        parser.feed_data(raw)
    except httptools.HttpParserUpgrade:
        pass  # an offer to speak another protocol may be ignored (RFC 9110, section 7.8)
    except httptools.HttpParserError:
        raise Refusal("bad-request", "the head of the request is malformed") from None
    if not read.is_complete:
        raise Refusal("bad-request", "the head of the request is malformed")
    return _make_head(read, parser)


def check_length(head: Head, settings: Settings) -> None:
    """Check the length that a head declares; a stream of lines has no limit.

    Raises:
        Refusal: nobody will read a body of that length.
    """
    if head.length is not None and head.length > settings.max_body and head.media_type != NDJSON:
        raise Refusal("too-large", f"the body is larger than {settings.max_body:,} bytes; send less at once")


def _make_head(read: _Read, parser: httptools.HttpRequestParser) -> Head:
    version, method = parser.get_http_version(), parser.get_method().decode("ascii")
    raw_path, query = _split_target(read.target, method)
    _check_host(read.values.get(b"host", ()), version)
    return Head(
        method=method,
        path=unquote(raw_path.decode("ascii")),
        raw_path=raw_path,
        query=query,
        version=version,
        headers=read.headers,
        length=_find_length(read.values, version),
        keep_alive=_keeps_alive(read.values.get(b"connection", ()), version),
        expects_continue=_expects_continue(read.values.get(b"expect", ())),
        media_type=_find_media_type(
            tuple(read.values.get(b"content-type", ())), tuple(read.values.get(b"content-encoding", ()))
        ),
    )


def _check_request_line(line: bytes | bytearray) -> None:
    if _REQUEST_LINE.match(line):
        return
    version = _VERSION.search(line)
    if version and version.group(1) not in (b"1.0", b"1.1"):
        raise Refusal("version-not-supported", "this server speaks HTTP/1.1 and HTTP/1.0")
    raise Refusal("bad-request", "the request line is no method, target and HTTP/1.1")


def _refuse_size(settings: Settings) -> Refusal:
    detail = f"the head is larger than {settings.max_head:,} bytes or {settings.max_fields} fields"
    return Refusal("head-too-large", detail)


def _split_target(target: bytes, method: str) -> tuple[bytes, bytes]:
    """Split a target into path and query; ``*`` and ``http://host/path`` are targets too (RFC 9112, section 3.2)."""
    if method == "CONNECT":
        raise Refusal("bad-request", "this server is no proxy")
    if b"#" in target:
        raise Refusal("bad-request", "a target has no fragment")
    if target == b"*" and method == "OPTIONS":
        return target, b""
    if target[:7].lower() == b"http://" or target[:8].lower() == b"https://":
        _, _, rest = target.partition(b"://")
        authority, slash, path = rest.partition(b"/")
        if b"?" in authority:
            authority, _, query = authority.partition(b"?")
            return b"/", query
        target = slash + path or b"/"
    if not target.startswith(b"/"):
        raise Refusal("bad-request", "a target begins with a slash")
    path, _, query = target.partition(b"?")
    return path, query


def _find_length(values: Mapping[bytes, Sequence[bytes]], version: str) -> int | None:
    """Find the body's length; llhttp has refused lengths that are doubled, malformed, or beside a coding."""
    codings = values.get(b"transfer-encoding")
    if codings is None:
        return int(values.get(b"content-length", (b"0",))[0])
    if version == "1.0":
        raise Refusal("bad-request", "HTTP/1.0 has no Transfer-Encoding")
    if [coding.strip().lower() for coding in codings] != [b"chunked"]:
        raise Refusal("not-implemented", "of the transfer codings only chunked is read")
    return None


def _keeps_alive(values: Sequence[bytes], version: str) -> bool:
    options = {option.strip().lower() for value in values for option in value.split(b",")}
    return b"close" not in options and (version == "1.1" or b"keep-alive" in options)


def _expects_continue(values: Sequence[bytes]) -> bool:
    if not values:
        return False
    if [value.strip().lower() for value in values] != [b"100-continue"]:
        raise Refusal("expectation-failed", "of expectations only 100-continue is met")
    return True


@lru_cache(maxsize=64)  # a client says the same in every head
def _find_media_type(types: tuple[bytes, ...], codings: tuple[bytes, ...]) -> MediaType | None:
    try:
        return find_media_type(_read_texts(types), _read_texts(codings), takes_lines=True)
    except Refusal:  # whoever answers says so: not every path takes a body
        return None


def _read_texts(values: Sequence[bytes]) -> list[str]:
    return [value.decode("latin-1") for value in values]


def _check_host(hosts: Sequence[bytes], version: str) -> None:
    if len(hosts) > 1:
        raise Refusal("bad-request", "the request has two hosts")
    if not hosts and version == "1.1":
        raise Refusal("bad-request", "the request has no header Host")
    if hosts and not _HOST.fullmatch(hosts[0].strip()):
        raise Refusal("bad-request", "the header Host is no host and port")
