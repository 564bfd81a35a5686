from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import augury
from augury.errors import NoServiceError, ServiceError, ServiceRefusalError, UsageError
from augury.service.gate.keys import make_key
from tests.service.driven import ANSWER, BOTH
from tests.service.models import make_model
from tests.service.running import Running, run_server
from tests.service.scripted import run_script, write_answer
from tests.unit.artifact.documents import make_record

RECORD = dict(make_record())
KEY, LINE = make_key("tests")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real server that asks for a key."""
    folder = tmp_path_factory.mktemp("guarded")
    make_model().save(folder / "churn.augury.json")
    name, _, digest = LINE.split(":")
    keys = [{"name": name, "sha256": digest}]
    with run_server(folder, [folder / "churn.augury.json"], api_keys=keys) as running:
        yield running


@BOTH
def test_a_key_opens_the_service(make: Any, guarded: Running) -> None:
    """Who gives the client a key is answered, and told which model it is."""
    with make(guarded.url, api_key=KEY) as client:
        assert client.predict(RECORD) == make_model().predict_one(RECORD)
        assert client.ping().startswith("churn@")


@BOTH
@pytest.mark.parametrize("options", [{}, {"api_key": make_key("other")[0]}], ids=["none", "another"])
def test_without_the_key_the_sentence_says_so(make: Any, guarded: Running, options: dict[str, Any]) -> None:
    """Who has no key, or another, is told that a key is wanted, also where the service answers a ping to everybody."""
    with make(guarded.url, **options) as client:
        with pytest.raises(ServiceRefusalError, match="asks for a key"):
            client.predict(RECORD)
        with pytest.raises(ServiceRefusalError, match="asks for a key"):
            client.ping()


@BOTH
def test_what_says_pong_alone_may_be_anything(make: Any) -> None:
    """A ping whose answer is not an Augury service's is not taken for one."""
    with run_script(write_answer(200, b"pong!")) as server, make(server.url) as client, pytest.raises(NoServiceError):
        client.ping()


@BOTH
@pytest.mark.parametrize(
    "key",
    ["", "short", KEY + "\n", " " + KEY, KEY + "\r\nX-Evil: 1", KEY + "é", "k" * 257],
    ids=[
        "empty",
        "short",
        "line end",
        "space",
        "header",
        "beyond ASCII",
        "long",
    ],  # the key itself is another each time
)
def test_what_is_no_key_is_not_told(make: Any, key: str) -> None:
    """A key that no service has is refused when the client is made, and the sentence does not show it."""
    with pytest.raises(UsageError) as raised:
        make("http://127.0.0.1:9", api_key=key)
    assert str(raised.value) == (
        "api_key: this cannot be a key; use it as `augury key` showed it, without spaces or a line end"
    )


@BOTH
@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer secret\n"},
        {"Authorization": "secret\r\nX-Evil: 1"},
        {"Authorization": " secret"},
        {"Authorization": "secrét"},
        {"Bad Name": "secret"},
        {"": "secret"},
        {"X-API-Key": "secret"},
        {"x-api-key": "secret"},
    ],
)
def test_headers_that_cannot_be(make: Any, headers: dict[str, str]) -> None:
    """What no header may hold, and a second key, is refused when the client is made, and its value is not told."""
    with pytest.raises(UsageError) as raised:
        make("http://127.0.0.1:9", headers=headers, api_key=KEY)
    assert "secr" not in str(raised.value)


@BOTH
def test_nothing_shows_a_secret(make: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the client's representation nor any log, nor an error, has the key or the address's password."""
    caplog.set_level(logging.DEBUG)
    headers = {"Authorization": "Bearer hidden-token"}
    with run_script(write_answer(500, b"x"), ANSWER) as server:
        url = server.url.replace("http://", "http://me:hidden-password@")
        with make(url, api_key=KEY, headers=headers) as client:
            with pytest.raises(ServiceError) as raised:
                client.predict(RECORD)
            client.predict(RECORD)
            shown = [repr(client), str(raised.value), repr(raised.value), caplog.text]
    assert "POST" in caplog.text
    assert [text for text in shown if KEY in text or "hidden" in text] == []
    assert KEY.encode() in server.asked[0]


@BOTH
@pytest.mark.parametrize("url", ["ftp://me:hidden@host", "http://me:hidden@", "http://me:hidden@host:123456"])
def test_a_bad_address_does_not_show_its_password(make: Any, url: str) -> None:
    """An address that is refused is told without the password in it."""
    with pytest.raises(UsageError) as raised:
        make(url)
    assert "hidden" not in str(raised.value)


@BOTH
def test_a_password_in_the_address_is_sent(make: Any) -> None:
    """A name and password in the address go along as basic authentication, and not in the address."""
    with run_script(ANSWER) as server, make(server.url.replace("http://", "http://me:a%40b@")) as client:
        client.predict(RECORD)
    [asked] = server.asked
    assert b"\r\nauthorization: basic bwu6yub" in asked.lower()
    assert b"a%40b" not in asked


@BOTH
def test_a_redirect_gets_no_key(make: Any) -> None:
    """A server that points elsewhere does not have the key carried there."""
    with (
        run_script(ANSWER) as other,
        run_script(write_answer(307, location=f"{other.url}/predict")) as server,
        make(server.url, api_key=KEY) as client,
        pytest.raises(NoServiceError),
    ):
        client.predict(RECORD)
    assert other.asked == []


@BOTH
def test_a_caller_cannot_say_what_a_body_is(make: Any) -> None:
    """Headers of the caller's do not change what ours say of the body, in whatever letters they are written."""
    with run_script(ANSWER) as server, make(server.url, headers={"CONTENT-TYPE": "text/csv", "X-A": "1"}) as client:
        client.predict(RECORD)
    [asked] = server.asked
    assert asked.lower().count(b"content-type:") == 1
    assert b"application/json" in asked
    assert b"x-a: 1" in asked.lower()


@BOTH
def test_a_request_is_passed_on(make: Any, tmp_path: Path) -> None:
    """Within a request, its id and its trace go along with each question and are in the service's log."""
    make_model().save(tmp_path / "churn.augury.json")
    with run_server(tmp_path, [tmp_path / "churn.augury.json"]) as server, make(server.url) as client:
        inner = client.within(request_id="order-7", traceparent=TRACE)
        inner.predict(RECORD)
        list(inner.predict_many([RECORD] * 3, batch=2))
        client.predict(RECORD)
        server.process.terminate()
        server.process.wait(30)
        lines = [line for line in server.read_log() if line["event"] == "request"]
    assert [line["request_id"] == "order-7" for line in lines] == [True, True, True, False]
    assert [line.get("trace_id") for line in lines] == [TRACE[3:35]] * 3 + [None]


@BOTH
@pytest.mark.parametrize("bad", ["", "a b", "x" * 65, "a\r\nX-Evil: 1", "é", TRACE[:-1] + "\n"])
def test_what_is_malformed_is_not_passed_on(make: Any, bad: str) -> None:
    """An id and a trace that are malformed are left out, as the service would leave them out, and fail no question."""
    with run_script(ANSWER) as server, make(server.url) as client:
        assert client.within(request_id=bad, traceparent=bad).predict(RECORD).label
    asked = server.asked[0].lower()
    assert b"x-request-id" not in asked
    assert b"traceparent" not in asked
    assert b"evil" not in asked


def test_two_requests_at_once_keep_their_ids() -> None:
    """Clients within different requests share connections, and not ids."""

    async def ask(url: str) -> None:
        async with augury.AsyncClient(url) as client:
            await asyncio.gather(*[client.within(request_id=f"id-{n}").predict(RECORD) for n in range(5)])

    with run_script(ANSWER) as server:
        asyncio.run(ask(server.url))
    ids = [line for asked in server.asked for line in asked.split(b"\r\n") if line.lower().startswith(b"x-request-id")]
    assert sorted(line[-4:] for line in ids) == [f"id-{n}".encode() for n in range(5)]
    assert {json.dumps(RECORD, separators=(",", ":")).encode() in asked for asked in server.asked} == {True}


@BOTH
def test_a_ping_of_a_service_with_no_default(make: Any) -> None:
    """Models among which none is the default are not an Augury service's, and no ping is answered with a guess."""
    models = write_answer(200, b'{"models":[]}', augury_model="churn@0123456789ab", content_type="application/json")
    pong = write_answer(200, b"PONG")
    with run_script(pong, models) as server, make(server.url, api_key=KEY) as client, pytest.raises(NoServiceError):
        client.ping()
