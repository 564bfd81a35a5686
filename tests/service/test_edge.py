from __future__ import annotations

import socket
from collections.abc import Iterator
from time import monotonic, sleep

import msgspec
import pytest
from starlette.types import Receive, Scope, Send

from augury.model import Model
from augury.service.settings import Settings
from tests.service.edging import (
    Running,
    ask_once,
    converse,
    parse_answers,
    read_all,
    read_answers,
    run_edge,
)
from tests.service.models import answer_at_once
from tests.unit.artifact.documents import make_record

BODY = msgspec.json.encode(make_record())
SMALL = Settings(max_body=4000, max_record=1500, max_rows=3, head_seconds=0.6, body_seconds=0.6, idle_seconds=0.8)


def post(body: bytes = BODY, *lines: str, path: str = "/predict", version: str = "1.1") -> bytes:
    """A request with a declared length, and whatever other lines."""
    head = [f"POST {path} HTTP/{version}", "Host: a", f"Content-Length: {len(body)}", *lines]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


def chunk(body: bytes, size: int, *lines: str) -> bytes:
    """A request whose body comes in chunks."""
    head = ["POST /predict HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", *lines]
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + chunks + b"0\r\n\r\n"


GET = b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(scope="module")
def running(model: Model) -> Iterator[Running]:
    """An edge with small limits and short deadlines."""
    with run_edge([model], SMALL) as running:
        yield running


BAD_HEADS: dict[str, tuple[bytes, int, str]] = {
    "no host": (b"GET /ping HTTP/1.1\r\n\r\n", 400, "bad-request"),
    "two hosts": (b"GET /ping HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "host with a path": (b"GET /ping HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "bad-request"),
    "host with a space": (b"GET /ping HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "bad-request"),
    "host with a user": (b"GET /ping HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, "bad-request"),
    "host with a port that is a word": (b"GET /ping HTTP/1.1\r\nHost: a:b\r\n\r\n", 400, "bad-request"),
    "HTTP/0.9": (b"GET /ping\r\n", 400, "bad-request"),
    "HTTP/0.9 with an empty line": (b"GET /ping\r\n\r\n", 400, "bad-request"),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "version-not-supported"),
    "HTTP/3": (b"GET / HTTP/3\r\n\r\n", 505, "version-not-supported"),
    "HTTP/1.2": (b"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, "version-not-supported"),
    "HTTP/11": (b"GET / HTTP/11\r\nHost: a\r\n\r\n", 505, "version-not-supported"),
    "another protocol": (b"GET / ICE/1.0\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "lower-case protocol": (b"GET / http/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "two spaces": (b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "tab for a space": (b"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "leading space": (b" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "no target": (b"GET HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "target without a slash": (b"GET ping HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "target with a fragment": (b"GET /ping#x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "target beyond ASCII": (b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "target with a null": (b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "star with GET": (b"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "another scheme": (b"GET ftp://a/ping HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "CONNECT": (b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "method unknown to llhttp": (b"FETCH /ping HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "lower-case method": (b"get /ping HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "method of 40 letters": (b"A" * 40 + b" / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "bad-request"),
    "a byte above ASCII": (b"\xff", 400, "bad-request"),
    "bare line feeds": (b"GET /ping HTTP/1.1\nHost: a\n\n", 400, "bad-request"),
    "one bare line feed": (b"GET /ping HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400, "bad-request"),
    "bare carriage return": (b"GET /ping HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400, "bad-request"),
    "folded line": (b"GET /ping HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400, "bad-request"),
    "folded line with a tab": (b"GET /ping HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n", 400, "bad-request"),
    "header without a colon": (b"GET /ping HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400, "bad-request"),
    "header without a name": (b"GET /ping HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400, "bad-request"),
    "space before the colon": (b"GET /ping HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", 400, "bad-request"),
    "name beyond ASCII": (b"GET /ping HTTP/1.1\r\nHost: a\r\nX\xe9: b\r\n\r\n", 400, "bad-request"),
    "null in a value": (b"GET /ping HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", 400, "bad-request"),
    "length that is a word": (b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: ten\r\n\r\n", 400, "bad-request"),
    "negative length": (b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400, "bad-request"),
    "length with a plus": (b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", 400, "bad-request"),
    "length in hex": (b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n", 400, "bad-request"),
    "two lengths": (
        b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345",
        400,
        "bad-request",
    ),
    "two equal lengths": (
        b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n12345",
        400,
        "bad-request",
    ),
    "list of lengths": (b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n12345", 400, "bad-request"),
    "length of 30 digits": (
        b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\n",
        400,
        "bad-request",
    ),
    "length and chunks": (
        b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
        "bad-request",
    ),
    "chunks and length": (
        b"POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        400,
        "bad-request",
    ),
    "gzip and chunks": (
        b"POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        501,
        "not-implemented",
    ),
    "chunked twice": (
        b"POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        400,
        "bad-request",
    ),
    "identity coding": (
        b"POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
        400,
        "bad-request",
    ),
    "chunks in HTTP/1.0": (
        b"POST /predict HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
        "bad-request",
    ),
    "another expectation": (post(BODY, "Expect: a cake"), 417, "expectation-failed"),
    "request line one byte too long": (
        b"GET /" + b"a" * (8192 - 13) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        414,
        "target-too-long",
    ),
    "request line without end": (b"GET /" + b"a" * 20_000, 414, "target-too-long"),
    "65 fields": (b"GET /ping HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 64 + b"\r\n", 431, "head-too-large"),
    "head of 17 KiB": (b"GET /ping HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 17_000 + b"\r\n\r\n", 431, "head-too-large"),
    "head without end": (b"GET /ping HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 200_000, 431, "head-too-large"),
    "body declared too large": (
        b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 4001\r\n\r\n",
        413,
        "too-large",
    ),
}


@pytest.mark.parametrize("name", BAD_HEADS)
@pytest.mark.parametrize("before", [b"", GET, b"\r\n"], ids=["first", "after another", "after an empty line"])
def test_a_bad_head(running: Running, name: str, before: bytes) -> None:
    """A head that cannot be meant is refused with its status as a problem, and the connection ends."""
    sent, status, kind = BAD_HEADS[name]
    answers = parse_answers(converse(running, before + sent))
    assert len(answers) == (2 if before == GET else 1)
    answer = answers[-1]
    assert (answer.status, answer.json()["type"]) == (status, f"urn:augury:problem:{kind}")
    assert answer.header("content-type") == "application/problem+json"
    assert answer.header("connection") == "close"
    assert answer.header("x-request-id") == answer.json()["instance"].removeprefix("urn:augury:request:")
    assert answer.is_whole


GOOD_HEADS: dict[str, bytes] = {
    "plain": GET,
    "after empty lines": b"\r\n\r\n" + GET,
    "HTTP/1.0 without a host": b"GET /ping HTTP/1.0\r\n\r\n",
    "absolute target": b"GET http://a/ping HTTP/1.1\r\nHost: a\r\n\r\n",
    "with a query": b"GET /ping?a=b HTTP/1.1\r\nHost: a\r\n\r\n",
    "escaped path": b"GET /%70ing HTTP/1.1\r\nHost: a\r\n\r\n",
    "host with a port": b"GET /ping HTTP/1.1\r\nHost: a:9696\r\n\r\n",
    "host of version 6": b"GET /ping HTTP/1.1\r\nHost: [::1]:9696\r\n\r\n",
    "empty host": b"GET /ping HTTP/1.1\r\nHost:\r\n\r\n",
    "64 fields": b"GET /ping HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 63 + b"\r\n",
    "longest request line": b"GET /ping?" + b"a" * (8192 - 19) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "head of 16 KiB": b"GET /ping HTTP/1.1\r\nHost: a\r\nX: " + b"y" * (16_384 - 38) + b"\r\n\r\n",
    "an offer of h2c": GET[:-2] + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n",
    "an offer of a web socket": b"GET /ping HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
}


@pytest.mark.parametrize("name", GOOD_HEADS)
@pytest.mark.parametrize("size", [100_000, 7, 1])
def test_a_good_head(running: Running, name: str, size: int) -> None:
    """A head within the limits is answered, however it is cut in pieces."""
    sent = GOOD_HEADS[name]
    if size == 1 and len(sent) > 1000:
        size = 500
    with running.connect() as connection:
        for start in range(0, len(sent), size):
            connection.sendall(sent[start : start + size])
        answer = read_answers(connection, 1)[0]
    assert (answer.status, answer.body) == (200, b"PONG")


@pytest.mark.parametrize("size", [100_000, 64, 3, 1])
@pytest.mark.parametrize("lines", [(), ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AA")])
def test_a_body_in_any_pieces(running: Running, model: Model, size: int, lines: tuple[str, ...]) -> None:
    """A body comes whole or in chunks, in any pieces, beside an offer to upgrade or not: the answer is one."""
    for sent in (post(BODY, *lines), chunk(BODY, 50, *lines), chunk(BODY, 1, *lines)):
        with running.connect() as connection:
            for start in range(0, len(sent), size):
                connection.sendall(sent[start : start + size])
            answer = read_answers(connection, 1)[0]
        assert (answer.status, answer.body) == (200, answer_at_once(model, BODY))


def test_blanks_around_a_value(running: Running) -> None:
    """Blanks before and after the value of a header are none of it."""
    with running.connect() as connection:
        connection.sendall(GET[:-2] + b"X-Request-Id: \t one \t \r\n\r\n")
        assert read_answers(connection, 1)[0].header("x-request-id") == "one"


def test_pipelining(running: Running) -> None:
    """Requests sent at once are answered in their order, whoever answers them."""
    faulty = BODY.replace(b'"tenure"', b'"Tenur"')
    array = b"[" + BODY + b"," + faulty + b"]"
    sent = [post(), chunk(BODY, 9), GET, post(faulty), post(array), post(path="/nowhere"), post(), GET, chunk(array, 5)]
    expected = [200, 200, 200, 422, 200, 404, 200, 200, 200]
    for size in (1_000_000, 1000, 33):
        wire = b"".join(sent)
        with running.connect() as connection:
            for start in range(0, len(wire), size):
                connection.sendall(wire[start : start + size])
            answers = read_answers(connection, len(sent))
        assert [answer.status for answer in answers] == expected
        assert [answer.body == b"PONG" for answer in answers] == [request == GET for request in sent]
        assert len({answer.header("x-request-id") for answer in answers}) == len(sent)


BAD_CHUNKS: dict[str, bytes] = {
    "size that is a word": b"zz\r\n",
    "negative size": b"-1\r\n",
    "size with 0x": b"0x5\r\nhello\r\n0\r\n\r\n",
    "size of 20 digits": b"f" * 20 + b"\r\n",
    "no line end after the piece": b"3\r\nabcX0\r\n\r\n",
    "bare line feed after the size": b"3\nabc\r\n0\r\n\r\n",
    "space before the size": b" 3\r\nabc\r\n0\r\n\r\n",
    "endless extension": b"1;" + b"a" * 60_000,
    "endless trailers": b"0\r\n" + b"X: y\r\n" * 10_000,
    "chunks of one byte and long extensions": b"1;aaaaaaaaaaaaaaaaaaaaaaaa\r\n \r\n" * 2000,
}


@pytest.mark.parametrize("name", BAD_CHUNKS)
def test_bad_chunks(running: Running, name: str) -> None:
    """Chunks that are malformed, or mostly framing, are refused as a problem, and the connection ends."""
    head = b"POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    for before in (b"", b"2\r\n[ \r\n"):
        answer = ask_once(running, head + before + BAD_CHUNKS[name])
        assert (answer.status, answer.json()["type"]) == (400, "urn:augury:problem:bad-request")
        assert answer.header("connection") == "close"


def test_a_chunked_body_too_large(running: Running) -> None:
    """A body without a length is refused as soon as it has more than the limit, and the refusal is read."""
    endless = b"[" + b" " * 5000
    head = b"POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = ask_once(
        running, head + b"%x\r\n%b\r\n" % (len(endless), endless), *[b"400\r\n" + b" " * 1024 + b"\r\n"] * 8
    )
    assert (answer.status, answer.header("connection")) == (413, "close")


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ((b"GET /ping HTTP/1.1\r\nHos",), 408),
        ((b"G",), 408),
        ((post()[:-5],), 408),
        ((post(path="/explain")[:-5],), 408),
        ((chunk(BODY, 10)[:-40],), 408),
        ((GET, post()[:-5]), 408),
    ],
)
def test_a_request_that_does_not_arrive(running: Running, pieces: tuple[bytes, ...], status: int) -> None:
    """A head or a body that is not there in time is refused with 408 and the connection ends, others go on."""
    started = monotonic()
    read = converse(running, *pieces)
    answer = parse_answers(read)[-1]
    assert (answer.status, answer.json()["type"]) == (status, "urn:augury:problem:timeout")
    assert answer.header("connection") == "close"
    assert 0.5 < monotonic() - started < 6


def test_a_slow_head_is_not_renewed(running: Running) -> None:
    """The deadline of a head is absolute: a byte now and then does not move it."""
    started = monotonic()
    with running.connect() as connection:
        for byte in b"GET /ping HTTP/1.1\r\nHost: a" * 3:
            try:
                connection.sendall(bytes([byte]))
            except OSError:
                break
            sleep(0.05)
            if monotonic() - started > 2:
                break
        answers = parse_answers(read_all(connection))
    assert [answer.status for answer in answers] in ([408], [])  # a reset may take the answer with it
    assert monotonic() - started < 4


def test_an_idle_connection(running: Running) -> None:
    """A connection that asks nothing is closed without a word: at once in its deadline, or once it has been idle."""
    for before in (b"", GET):
        started = monotonic()
        assert len(parse_answers(converse(running, before))) == (1 if before else 0)
        assert 0.5 < monotonic() - started < 5


def test_one_that_is_slow_holds_nobody(running: Running) -> None:
    """While two hundred connections send half a request, another is answered at once."""
    slow = [running.connect() for _ in range(200)]
    try:
        for connection in slow:
            connection.sendall(post()[:-9])
        with running.connect() as connection:
            started = monotonic()
            connection.sendall(GET)
            assert read_answers(connection, 1)[0].status == 200
            assert monotonic() - started < 0.5
    finally:
        for connection in slow:
            connection.close()


def test_half_closed(running: Running) -> None:
    """A caller that says that it has no more to send is still answered; one that leaves half-way is not waited for."""
    for sent, statuses in ((post(), [200]), (post(path="/explain"), [200]), (post()[:-3], [])):
        with running.connect() as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            started = monotonic()
            assert [answer.status for answer in parse_answers(read_all(connection))] == statuses
            assert monotonic() - started < 0.5


@pytest.mark.parametrize("path", ["/predict", "/explain"])
def test_a_caller_that_asks_whether_to_continue(running: Running, path: str) -> None:
    """Expect: 100-continue is answered before the body is sent."""
    with running.connect() as connection:
        head, _, body = post(BODY, "Expect: 100-continue", path=path).partition(b"\r\n\r\n")
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert read_answers(connection, 1)[0].status == 200


def test_no_continue_for_what_is_refused(running: Running) -> None:
    """A caller that asks whether to send a body that is not wanted is refused at once."""
    head = post(BODY, "Expect: 100-continue", "Content-Type: text/csv", path="/explain").partition(b"\r\n\r\n")[0]
    with running.connect() as connection:
        connection.sendall(head + b"\r\n\r\n")
        assert [answer.status for answer in read_answers(connection, 1)] == [415]


def test_a_refused_body_is_read_away(running: Running) -> None:
    """What is refused before its small body has arrived keeps its connection: the body is read for nobody."""
    with running.connect() as connection:
        refused = post(BODY, "Content-Type: text/csv")
        connection.sendall(refused[:-50])
        assert read_answers(connection, 1)[0].status == 415
        connection.sendall(refused[-50:] + GET)
        assert read_answers(connection, 1)[0].body == b"PONG"


def test_keep_alive_and_close(running: Running) -> None:
    """A connection is kept as its version and its header say."""
    for line, version, kept in (
        ("X: y", "1.1", True),
        ("Connection: close", "1.1", False),
        ("Connection: Keep-Alive, CLOSE", "1.1", False),
        ("X: y", "1.0", False),
        ("Connection: keep-alive", "1.0", True),
    ):
        for path in ("/predict", "/explain"):
            with running.connect() as connection:
                connection.sendall(post(BODY, line, path=path, version=version) * 2)
                answers = read_answers(connection, 2 if kept else 1)
                assert [answer.header("connection") for answer in answers] == [None] * 2 if kept else ["close"]


def test_head_sends_no_body(running: Running) -> None:
    """HEAD is answered with the length and without the body, and the next request is read."""
    with running.connect() as connection:
        connection.sendall(b"HEAD /ping HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        answers = parse_answers(read_all(connection), is_head=True)
    assert [(answer.status, answer.header("content-length"), answer.body) for answer in answers] == [(200, "4", b"")]


def test_too_many_connections(model: Model) -> None:
    """One connection more than are kept is refused with 503 and when to come again; the others go on."""
    with run_edge([model], Settings(max_connections=3)) as running:
        kept = [running.connect() for _ in range(3)]
        for connection in kept:
            connection.sendall(GET)
            assert read_answers(connection, 1)[0].status == 200
        with running.connect() as connection:
            answers = parse_answers(read_all(connection))
            assert [(answer.status, answer.header("retry-after")) for answer in answers] == [(503, "1")]
            assert answers[0].json()["type"] == "urn:augury:problem:overloaded"
        kept.pop().close()
        sleep(0.2)
        with running.connect() as connection:
            connection.sendall(GET)
            assert read_answers(connection, 1)[0].status == 200
        for connection in kept:
            connection.close()


def test_a_caller_that_does_not_read(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless answer to a caller that does not read waits for him, and his connection ends in time."""
    monkeypatch.setattr("augury.service.edge.line._STALLED_SECONDS", 0.5)
    sent: list[int] = []

    async def pour(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while len(sent) < 100_000:
            await send({"type": "http.response.body", "body": b"x" * 10_000, "more_body": True})
            sent.append(1)

    with run_edge([model], SMALL, app=pour) as running, running.connect() as connection:
        connection.sendall(GET)
        sleep(1.5)
        assert 0 < len(sent) < 2000
        assert len(running.edge.connections) == 0


def test_an_application_that_fails(model: Model) -> None:
    """An answer that its application cannot finish is cut, so that the caller can tell."""

    async def fail(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("in the middle")

    with run_edge([model], SMALL, app=fail) as running:
        answers = parse_answers(converse(running, GET))
        assert [(answer.body, answer.is_whole) for answer in answers] in ([(b"half", False)], [])


def test_a_fault_of_ours_in_the_edge(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the edge itself fails, its caller gets a problem and the log a traceback, and others are answered."""

    def fail(*_: object) -> None:
        raise RuntimeError("in the middle of a head")

    with run_edge([model], SMALL) as running:
        with monkeypatch.context() as broken:
            broken.setattr("augury.service.edge.connection.read_head", fail)
            answer = ask_once(running, GET)
        assert (answer.status, answer.json()["type"]) == (500, "urn:augury:problem:internal")
        assert b"middle" not in answer.body
        assert parse_answers(converse(running, GET))[0].status == 200


def test_a_deadline_that_fails(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection whose deadline cannot be acted on is ended, and the deadlines after it are kept."""

    def fail(*_: object) -> None:
        raise RuntimeError("while it expires")

    with run_edge([model], SMALL) as running:
        with monkeypatch.context() as broken:
            broken.setattr("augury.service.edge.connection.Connection.expire", fail)
            assert converse(running, b"G") == b""
        assert [answer.status for answer in parse_answers(converse(running, b"G"))] == [408]
